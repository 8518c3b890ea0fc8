"""One moment for several calls of a store: what is published is looked up by the first of them, and taken as it was by
the others.

The API's requests are such calls: their parts are of one run, and a store whose pointer is a request of its own is
asked for it once. As a deadline it is set around calls, in the thread that makes them; jobs have none and look each
time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Moment = dict[str, str]
"""What is published, by the store's address, as far as it was looked up."""

_moment: ContextVar[Moment | None] = ContextVar("linkage_moment", default=None)


@contextmanager
def at(moment: Moment) -> Iterator[None]:
    """Has all calls inside see what is published as the moment has it, or note it there."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def current() -> Moment | None:
    """Returns the moment that is set, None where each call looks anew."""
    return _moment.get()

"""By when a call of a store must have ended: the API's requests have a deadline, jobs have none.

It is set around calls, in the thread that makes them, and read by the adapters: a server is told how long its
transaction may take, an embedded engine is interrupted. So a request that has timed out leaves nothing behind it
that goes on reading.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from linkage.errors import DeadlinePassed

_ends: ContextVar[float | None] = ContextVar("linkage_deadline", default=None)


@contextmanager
def deadline(moment: float | None) -> Iterator[None]:
    """Sets the deadline, as `time.monotonic` counts, of all calls inside; None for none."""
    token = _ends.set(moment)
    try:
        yield
    finally:
        _ends.reset(token)


def seconds_left() -> float | None:
    """Returns the seconds until the deadline, None where there is none; DeadlinePassed once it is over."""
    moment = _ends.get()
    if moment is None:
        return None
    left = moment - time.monotonic()
    if left <= 0:
        raise DeadlinePassed("the deadline has passed; ask for less at once")
    return left

"""Replies that were given lately: the same question of the same role about the same run has the same answer.

What a run published does not change, accounts and decisions may: a reply is given again for `keep_s` seconds, or, where
the store marks its changes, until one of them. After that it is kept for one purpose, to answer while the store cannot
be reached.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from linkage.serve.access.roles import Rank
from linkage.serve.faults import Code, Fault

MOST_BYTES = 64 << 20
LARGEST = 1 << 20
"""Bytes of the largest reply that is kept."""

Question = tuple[str, str, bytes, int]
"""Document, operation, variables and rank."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply: its data as JSON, the run and the mark of the store that it is of, and its tag."""

    data: bytes
    run_id: str
    etag: str
    at: float
    mark: str = ""


def question(document: str, operation: str | None, variables: dict[str, Any], rank: Rank) -> Question:
    """Returns what a reply depends on beside the store."""
    try:
        given = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it reads deeper than it writes
        raise Fault(Code.BAD_USER_INPUT, "variables are nested too deep") from None
    return document, operation or "", _lean(given), int(rank)


class Replies:
    """The replies that were asked for last, as many as fit into MOST_BYTES."""

    def __init__(self, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._bytes = 0

    def fresh(self, asked: Question, run_id: str, mark: str = "") -> Kept | None:
        """Returns the reply of this run if it is fresh enough: young, or of the mark that the store has now."""
        kept = self.last(asked)
        if kept is None or kept.run_id != run_id:
            return None
        unchanged = bool(mark) and kept.mark == mark and self._keep_s > 0
        return kept if unchanged or self._clock() - kept.at <= self._keep_s else None

    def last(self, asked: Question) -> Kept | None:
        """Returns the last good reply, of whatever run and age."""
        kept = self._kept.get(asked)
        if kept is not None:
            self._kept.move_to_end(asked)
        return kept

    def keep(self, asked: Question, data: dict[str, Any], run_id: str, mark: str = "") -> Kept:
        """Returns the reply with its tag, kept unless it is too large.

        `mark` is that of the store before the reply was read; empty for one that says more than the store holds.
        """
        text = _lean(orjson.dumps(data))
        tag = hashlib.blake2b(text, key=run_id.encode()[:64], digest_size=12).hexdigest()
        kept = Kept(text, run_id, f'"{tag}"', self._clock(), mark)
        if len(text) <= LARGEST:
            self._drop(asked)
            self._kept[asked] = kept
            self._bytes += _size(asked, kept)
            while self._bytes > MOST_BYTES:
                self._drop(next(iter(self._kept)))
        return kept

    def forget(self) -> None:
        """Makes every reply one that is only given while the store is away: something was changed."""
        for asked, kept in self._kept.items():
            self._kept[asked] = replace(kept, at=-1e18, mark="")

    def _drop(self, asked: Question) -> None:
        kept = self._kept.pop(asked, None)
        if kept is not None:
            self._bytes -= _size(asked, kept)


def _lean(text: bytes) -> bytes:
    """Returns a text in as much memory as it needs: one of orjson keeps the 4 kB or more that it was written into."""
    return bytes(memoryview(text))


def _size(asked: Question, kept: Kept) -> int:
    return len(kept.data) + len(asked[0]) + len(asked[2]) + 500

"""Reads of one run, whole, although the server makes a transaction visible bit by bit.

Neo4j isolates reads from what is not committed, but a query that runs while a commit is applied sees some of its
changes and not others. So there is a sequence lock (Lameter, "Effective synchronization on Linux/NUMA systems", 2005):
who publishes makes its state odd right before the commit and even behind it, each in a transaction of its own, and a
read counts only if the state was even, and the same, before it and after.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from linkage.queries import load
from linkage.stores.deadline import seconds_left

T = TypeVar("T")

ABANDONED_SECONDS = 5
"""Who holds the lock for longer has died: its transaction is visible by then, or was rolled back."""
PAUSE_SECONDS = 0.005
_OF_RUNS = re.compile(r":(?:Ring|RingVersion|RingEvent|Run|Current|Conflict|Operator|Campaign)\b|MEMBER_OF|STAYED_IN")


@cache
def is_of_runs(query: str) -> bool:
    """Returns whether the query of this name reads anything that a run publishes."""
    return bool(_OF_RUNS.search(load(query).statement))


class Seqlock:
    """What one client knows of the sequence lock; `look` returns its state now (odd: held) and for how many seconds."""

    def __init__(self, look: Callable[[], tuple[int, int]]) -> None:
        self._look = look
        self._seen = -1

    def whole(self, read: Callable[[], T]) -> T:
        """Returns what `read` returns, once no publication became visible in the meantime."""
        if self._seen < 0:
            self._wait()
        while True:
            before = self._seen  # by whichever thread: it was so at some time before this read
            found = read()
            if self._wait() == before:
                return found

    def _wait(self) -> int:
        """Returns the state once the lock is free or abandoned."""
        state, age = self._look()
        while state % 2 and age < ABANDONED_SECONDS:
            seconds_left()
            time.sleep(PAUSE_SECONDS)
            state, age = self._look()
        self._seen = state
        return state

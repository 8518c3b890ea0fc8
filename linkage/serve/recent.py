"""What was read from the store lately: other questions about the same rings are answered from it.

Like kept replies it holds for one run, and for a few seconds; from a store that marks its changes, until one of them.
It is forgotten when something is changed through this process. A value that was being read meanwhile goes to the memory
that was forgotten, not to the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

MOST = 50_000
"""Things (an account, a use, a link, …) that are remembered in one half of the time."""

Values = dict[Hashable, Any]  # what a reader gives


class Memory:
    """Values by reader and key, of one run and one mark of the store, each for `keep_s` seconds at most.

    There are two layers of half that age each: the younger takes what comes, the older is dropped whole.
    """

    def __init__(self, run_id: str, mark: str, keep_s: float, clock: Callable[[], float], most: int) -> None:
        self.run_id = run_id
        self.mark = mark
        self._half_s = keep_s / 2
        self._clock = clock
        self._most = most
        self._young: dict[str, Values] = {}
        self._old: dict[str, Values] = {}
        self._things = 0
        self._begun = clock()

    def renew(self) -> None:
        """Takes what is remembered for read just now: nothing was changed since it was."""
        self._begun = self._clock()

    def found(self, reader: str, keys: Iterable[Hashable]) -> Values:
        """Returns the values of those keys that are remembered."""
        self._turn()
        young, old = self._young.get(reader, {}), self._old.get(reader, {})
        return {key: young[key] if key in young else old[key] for key in keys if key in young or key in old}

    def keep(self, reader: str, values: Mapping[Any, Any]) -> None:
        """Remembers what was read."""
        self._turn()
        self._young.setdefault(reader, {}).update(values)
        self._things += sum(1 + len(value) if isinstance(value, list) else 1 for value in values.values())

    def _turn(self) -> None:
        now = self._clock()
        age = now - self._begun
        if age < self._half_s and self._things <= self._most:
            return
        fresh = age < 2 * self._half_s
        self._old, self._young, self._things = self._young if fresh else {}, {}, 0
        self._begun = min(now, self._begun + self._half_s) if fresh else now


class Recent:
    """The memory of the current run; `on` tells whether anything is remembered at all."""

    def __init__(self, keep_s: float, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._most = most
        self.on = keep_s > 0
        self._memory = self._made("", "")

    def of(self, run_id: str, mark: str = "") -> Memory:
        """Returns the memory of a run and of a mark of the store; any other is forgotten.

        While the mark stays the same, and is not empty, what is remembered does not age.
        """
        if (self._memory.run_id, self._memory.mark) != (run_id, mark):
            self._memory = self._made(run_id, mark)
        elif mark and self._keep_s:
            self._memory.renew()
        return self._memory

    def forget(self) -> None:
        """Forgets everything: something was changed."""
        self._memory = self._made(self._memory.run_id, self._memory.mark)

    def _made(self, run_id: str, mark: str) -> Memory:
        return Memory(run_id, mark, self._keep_s, self._clock, self._most)

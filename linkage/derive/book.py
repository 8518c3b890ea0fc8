"""The key book: a dense number for every 64-bit key, such as the keyed hash of an account's id."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]

_LOAD = 0.6


class KeyBook:
    """Numbers keys from 0 in the order in which they are first seen.

    Two of a million 64-bit hashes collide with a probability of 3e-8.
    """

    def __init__(self, known: Hashes) -> None:
        self.count = 0
        self._slots = np.full(_slots_for(max(len(known), 1024)), -1, np.int32)
        self._hashes = np.zeros(max(2 * len(known), 1024), np.uint64)
        self.numbers(known)

    def numbers(self, hashes: Hashes) -> tuple[Numbers, npt.NDArray[np.int64]]:
        """Returns the number of each key, and the rows in which new keys appear, in order."""
        self._make_room(len(hashes))
        out = np.empty(len(hashes), np.int32)
        fresh = np.empty(len(hashes), np.int64)
        before = self.count
        self.count = int(_number(hashes, self._slots, self._hashes, before, out, fresh))
        return out, fresh[: self.count - before]

    def _make_room(self, rows: int) -> None:
        # every row may hold a new key: at most a batch's worth of slots stays unused
        needed = self.count + rows
        if len(self._hashes) < needed:
            self._hashes = np.resize(self._hashes, 2 * needed)
        if len(self._slots) * _LOAD <= needed:
            self._slots = np.full(_slots_for(2 * needed), -1, np.int32)
            _refill(self._slots, self._hashes[: self.count])


def _slots_for(accounts: int) -> int:
    return 1 << int(np.ceil(np.log2(accounts / _LOAD + 1)))


@numba.njit(cache=True, nogil=True)
def _number(hashes: Any, slots: Any, known: Any, count: int, out: Any, fresh: Any) -> int:
    mask = np.uint64(len(slots) - 1)
    start = count
    for row in range(len(hashes)):
        value = hashes[row]
        at = value & mask
        while True:
            number = slots[at]
            if number < 0:
                slots[at] = count
                known[count] = value
                fresh[count - start] = row
                out[row] = count
                count += 1
                break
            if known[number] == value:
                out[row] = number
                break
            at = (at + np.uint64(1)) & mask
    return count


@numba.njit(cache=True, nogil=True)
def _refill(slots: Any, known: Any) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(len(known)):
        at = known[number] & mask
        while slots[at] >= 0:
            at = (at + np.uint64(1)) & mask
        slots[at] = number

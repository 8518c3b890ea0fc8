"""A growing set of 64-bit hashes: which keys were never seen before, in the order in which they come."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.buffers import frozen

_LOAD = 0.6
_EMPTY = np.uint64(0)  # the hash 0 is stored as 1: one more chance in 2**64 to take two keys for one


class KeySet:
    """Holds hashes in one open-addressed table: 16 to 27 bytes a key."""

    def __init__(self) -> None:
        self._slots = np.zeros(1 << 12, np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, hashes: Any) -> npt.NDArray[np.bool_]:
        """Returns for each hash whether it is new here, also among the rows before it; all are kept."""
        values = frozen(hashes, np.uint64)
        fresh = np.empty(len(values), np.bool_)
        if self._count + len(values) > _LOAD * len(self._slots):
            self._grow(self._count + len(values))
        self._count += int(_add(values, self._slots, fresh))
        return fresh

    def _grow(self, keys: int) -> None:
        held = frozen(self._slots[self._slots != _EMPTY], np.uint64)
        self._slots = np.zeros(1 << int(np.ceil(np.log2(keys / _LOAD + 1))), np.uint64)
        _add(held, self._slots, np.empty(len(held), np.bool_))


@numba.njit(cache=True, nogil=True)
def _add(values: Any, slots: Any, fresh: Any) -> int:
    mask = np.uint64(len(slots) - 1)
    added = 0
    for row in range(len(values)):
        value = max(values[row], np.uint64(1))
        at = value & mask
        while slots[at] != _EMPTY and slots[at] != value:
            at = (at + np.uint64(1)) & mask
        fresh[row] = slots[at] == _EMPTY
        if fresh[row]:
            slots[at] = value
            added += 1
    return added

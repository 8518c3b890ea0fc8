"""Records of uses (see `spill`) in order of key, account and time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.spill import PARTITION_BITS

MINUTES_PER_BLOCK = 64 * 1440
_SMALL = 32  # up to so many records an insertion sort beats a general one


def sort_records(records: npt.NDArray[np.uint64], out: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Returns the records of one partition by key, account and first minute, in `out`, which has their size.

    One counting sort by the bits that follow the partition's puts two or so into each bucket.
    """
    bits = max(1, (len(records) - 1).bit_length() - 1) if len(records) else 1
    _sort(records, out, PARTITION_BITS, bits)
    return out


@numba.njit(inline="always")
def block_of(minute: Any) -> Any:
    """Returns the block of 64 days of a minute, -1 for one that is not known (-1)."""
    return (minute + np.int64(MINUTES_PER_BLOCK)) // np.int64(MINUTES_PER_BLOCK) - 1


@numba.njit(cache=True, nogil=True)
def _sort(records: Any, out: Any, skip: int, bits: int) -> None:
    left, right = np.uint64(skip), np.uint64(64 - bits)
    ends = np.zeros((1 << bits) + 1, np.int64)
    for row in range(len(records)):
        ends[np.int64((records[row, 0] << left) >> right) + 1] += 1
    for number in range(1, len(ends)):
        ends[number] += ends[number - 1]
    for row in range(len(records)):
        bucket = np.int64((records[row, 0] << left) >> right)
        at = ends[bucket]
        ends[bucket] = at + 1
        for word in range(4):
            out[at, word] = records[row, word]
    begin = 0
    for number in range(len(ends) - 1):
        end = ends[number]
        if end - begin > _SMALL:
            _sort_many(out[begin:end])
        elif end - begin > 1:
            _sort_few(out, begin, end)
        begin = end


@numba.njit(inline="always")
def _after(records: Any, row: Any, key: Any, when: Any) -> Any:
    return records[row, 0] > key or (records[row, 0] == key and records[row, 2] > when)


@numba.njit(cache=True, nogil=True)
def _sort_few(records: Any, begin: Any, end: Any) -> None:
    for row in range(begin + 1, end):
        key, days, when, rest = records[row, 0], records[row, 1], records[row, 2], records[row, 3]
        at = row
        while at > begin and _after(records, at - 1, key, when):
            for word in range(4):
                records[at, word] = records[at - 1, word]
            at -= 1
        records[at, 0], records[at, 1], records[at, 2], records[at, 3] = key, days, when, rest


@numba.njit(cache=True, nogil=True)
def _sort_many(records: Any) -> None:
    """Sorts a bucket in which many accounts share a key; mostly it has no other, and comes in few ordered runs."""
    ordered, same = True, True
    for row in range(1, len(records)):
        same = same and records[row, 0] == records[0, 0]
        ordered = ordered and not _after(records, row - 1, records[row, 0], records[row, 2])
    if ordered:
        return
    order = np.argsort(records[:, 2].copy(), kind="mergesort")
    if not same:
        order = order[np.argsort(records[:, 0].copy()[order], kind="mergesort")]
    records[:] = records[order]

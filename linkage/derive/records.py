"""Records of uses (see `spill`) in order of key, account and time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.spill import LONG
from linkage.working.layout import (
    DAYS_PER_BLOCK,
    KIND_BITS,
    KIND_MASK,
    LAST_BITS,
    MINUTES_PER_DAY,
    PARTITION_BITS,
    REQUESTS_BITS,
)

_SMALL = 32  # up to so many records an insertion sort beats a general one


def sort_records(
    words: npt.NDArray[np.uint64], out: npt.NDArray[np.uint64], ordinals: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint64]:
    """Returns the records of one partition by key, ordinal and first minute, in `out`, with half as many rows or more.

    `ordinals` are those of accounts, by number. Records have four words: key; days; ordinal, then first minute plus one
    (32 bits each); kind, requests and last minute plus one, as in a long record of `spill`. One counting sort by the
    bits that follow the partition's puts two or so into each bucket.
    """
    most = len(words) // 2
    bits = max(1, (most - 1).bit_length() - 1) if most else 1
    return out[: int(_sort(words, out, ordinals, PARTITION_BITS, bits))]


@numba.njit(inline="always")
def _unpack(words: Any, at: Any, out: Any, to: Any, ordinals: Any) -> None:
    """Writes the record that begins here as four words."""
    one, half, four = np.uint64(1), np.uint64(32), np.uint64(KIND_BITS)
    head = words[at + one]
    since = (head & np.uint64(0xFFFFFFFF)) >> four
    out[to, 0] = words[at]
    out[to, 2] = (np.uint64(ordinals[head >> half]) << half) | since
    kind = head & np.uint64(KIND_MASK)
    if kind == LONG:
        out[to, 1], out[to, 3] = words[at + np.uint64(2)], words[at + np.uint64(3)]
    else:
        day = (since - one) // np.uint64(MINUTES_PER_DAY) % np.uint64(DAYS_PER_BLOCK)
        out[to, 1] = one << day if since else np.uint64(0)
        out[to, 3] = (kind << np.uint64(LAST_BITS + REQUESTS_BITS)) | (one << np.uint64(LAST_BITS)) | since


@numba.njit(cache=True, nogil=True)
def _sort(words: Any, out: Any, ordinals: Any, skip: int, bits: int) -> Any:
    left, right, size = np.uint64(skip), np.uint64(64 - bits), np.uint64(len(words))
    ends = np.zeros((1 << bits) + 1, np.int64)
    at = np.uint64(0)
    while at < size:
        ends[((words[at] << left) >> right) + np.uint64(1)] += 1
        at += np.uint64(4 if words[at + np.uint64(1)] & np.uint64(KIND_MASK) == LONG else 2)
    for number in range(1, len(ends)):
        ends[number] += ends[number - 1]
    at = np.uint64(0)
    while at < size:
        bucket = (words[at] << left) >> right
        _unpack(words, at, out, np.uint64(ends[bucket]), ordinals)
        ends[bucket] += 1
        at += np.uint64(4 if words[at + np.uint64(1)] & np.uint64(KIND_MASK) == LONG else 2)
    begin = 0
    for number in range(len(ends) - 1):
        end = ends[number]
        if end - begin > _SMALL:
            _sort_many(out[begin:end])
        elif end - begin > 1:
            _sort_few(out, begin, end)
        begin = end
    return begin


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

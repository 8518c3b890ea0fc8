"""Rows of (account, identifier, minute, count) to uses: one per account, identifier and block of 64 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

MINUTES_PER_DAY = 1440
DAYS_PER_BLOCK = 64
_SMALL = 24  # below this many rows an insertion sort beats a general one


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses in columns of equal length, by account, then key; see `working.schema` for the units."""

    account: npt.NDArray[np.int32]
    key: npt.NDArray[np.uint64]
    kind: npt.NDArray[np.uint8]
    block: npt.NDArray[np.int16]
    days: npt.NDArray[np.uint64]
    requests: npt.NDArray[np.int64]
    first_minute: npt.NDArray[np.int32]
    last_minute: npt.NDArray[np.int32]


def aggregate(
    account: npt.NDArray[np.int32],
    key: npt.NDArray[np.uint64],
    kind: npt.NDArray[np.uint8],
    minute: npt.NDArray[np.int32],
    count: npt.NDArray[np.int64],
    accounts: int,
) -> Uses:
    """Returns the uses of rows whose account numbers lie below `accounts`.

    Rows that go back and forth between two blocks make a use at each turn; whoever reads uses joins them.
    A counting sort by account, then a small sort by key inside each: no hash table over all pairs, so the
    memory that is touched stays in cache.
    """
    order = rows_by_account(account, accounts)
    starts = np.concatenate(([0], np.cumsum(np.bincount(account, minlength=accounts)))).astype(np.int64)
    columns = _aggregate(order, starts, key, kind, minute, count)
    return Uses(*columns)


def rows_by_account(account: npt.NDArray[np.int32], accounts: int) -> npt.NDArray[np.int64]:
    """Returns the row numbers ordered by account, rows of one account in their given order."""
    ends = np.concatenate(([0], np.cumsum(np.bincount(account, minlength=accounts)))).astype(np.int64)
    order: npt.NDArray[np.int64] = _scatter(account, ends[:-1].copy())
    return order


@numba.njit(cache=True, nogil=True)
def _scatter(account: Any, place: Any) -> Any:
    order = np.empty(len(account), np.int64)
    for row in range(len(account)):
        at = place[account[row]]
        order[at] = row
        place[account[row]] = at + 1
    return order


@numba.njit(cache=True, nogil=True)
def _sort_rows_by_key(rows: Any, key: Any) -> None:
    size = len(rows)
    if size > _SMALL:
        rows[:] = rows[np.argsort(key[rows], kind="mergesort")]
        return
    for i in range(1, size):
        row = rows[i]
        value = key[row]
        j = i - 1
        while j >= 0 and key[rows[j]] > value:
            rows[j + 1] = rows[j]
            j -= 1
        rows[j + 1] = row


@numba.njit(cache=True, nogil=True)
def _aggregate(order: Any, starts: Any, key: Any, kind: Any, minute: Any, count: Any) -> Any:
    size = len(order)
    o_account = np.empty(size, np.int32)
    o_key = np.empty(size, np.uint64)
    o_kind = np.empty(size, np.uint8)
    o_block = np.empty(size, np.int16)
    o_days = np.empty(size, np.uint64)
    o_requests = np.empty(size, np.int64)
    o_first = np.empty(size, np.int32)
    o_last = np.empty(size, np.int32)
    out = -1
    for account in range(len(starts) - 1):
        begin, end = starts[account], starts[account + 1]
        if begin == end:
            continue
        _sort_rows_by_key(order[begin:end], key)
        fresh = True
        for at in range(begin, end):
            row = order[at]
            now = minute[row]
            day = now // MINUTES_PER_DAY
            block = day // DAYS_PER_BLOCK
            if fresh or o_key[out] != key[row] or o_block[out] != block:
                out += 1
                fresh = False
                o_account[out] = account
                o_key[out] = key[row]
                o_kind[out] = kind[row]
                o_block[out] = block
                o_days[out] = np.uint64(0)
                o_requests[out] = 0
                o_first[out] = now
                o_last[out] = now
            if now >= 0:  # nobody shares a thing on a day that is not known
                o_days[out] |= np.uint64(1) << np.uint64(day - block * DAYS_PER_BLOCK)
            o_requests[out] += count[row]
            o_first[out] = min(o_first[out], now)
            o_last[out] = max(o_last[out], now)
    out += 1
    return (
        o_account[:out].copy(),
        o_key[:out].copy(),
        o_kind[:out].copy(),
        o_block[:out].copy(),
        o_days[:out].copy(),
        o_requests[:out].copy(),
        o_first[:out].copy(),
        o_last[:out].copy(),
    )

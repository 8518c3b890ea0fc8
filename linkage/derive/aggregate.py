"""Rows of facts to uses: one per account, identifier and block of 64 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.held import Rows
from linkage.model.kinds import BY_NAME

MINUTES_PER_DAY = 1440
DAYS_PER_BLOCK = 64
_PROMPT = BY_NAME["prompt"].code
_KINDS = (np.int32, np.uint64, np.uint8, np.int16, np.uint64, np.int64, np.int32, np.int32)


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses in columns of equal length, by account; see `working.schema` for the units."""

    account: npt.NDArray[np.int32]
    key: npt.NDArray[np.uint64]
    kind: npt.NDArray[np.uint8]
    block: npt.NDArray[np.int16]
    days: npt.NDArray[np.uint64]
    requests: npt.NDArray[np.int64]
    first_minute: npt.NDArray[np.int32]
    last_minute: npt.NDArray[np.int32]


class Aggregator:
    """Makes uses of one chunk of rows after another, in memory that is kept."""

    def __init__(self) -> None:
        self._out: tuple[npt.NDArray[Any], ...] = ()

    def uses(self, rows: Rows, order: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]) -> Uses:
        """Returns the uses of rows, which come ordered by account as `rows_by_account` does it.

        They stand in memory that the next call overwrites. A hash table for one account at a time, and not one
        over all pairs: what is touched stays in cache.
        """
        most = len(rows) + len(rows.prompts)
        if not self._out or len(self._out[0]) < most:
            self._out = tuple(np.empty(most + most // 4, kind) for kind in _KINDS)
        columns = rows.account, rows.minute, rows.count, rows.key, rows.kind, rows.ends, rows.prompts
        made = int(_aggregate(order, bounds, columns, self._out))
        return Uses(*(column[:made] for column in self._out))


def rows_by_account(
    account: npt.NDArray[np.int32], accounts: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Returns the row numbers ordered by account, rows of one account in their given order, and bounds.

    The rows of account i are `order[bounds[i]:bounds[i + 1]]`.
    """
    order, bounds = _order(account, accounts)
    return order, bounds


@numba.njit(cache=True, nogil=True)
def _order(account: Any, accounts: int) -> Any:
    bounds = np.zeros(accounts + 1, np.int64)
    for row in range(len(account)):
        bounds[account[row] + 1] += 1
    for who in range(accounts):
        bounds[who + 1] += bounds[who]
    free = bounds[:-1].copy()
    order = np.empty(len(account), np.int64)
    for row in range(len(account)):
        at = free[account[row]]
        order[at] = row
        free[account[row]] = at + 1
    return order, bounds


@numba.njit(inline="always")
def _put(out: Any, slots: Any, mask: Any, made: Any, who: Any, key: Any, kind: Any, now: Any, times: Any) -> Any:
    """Adds one row to its use in the table of its account, or to a new one; returns how many are made."""
    o_account, o_key, o_kind, o_block, o_days, o_requests, o_first, o_last = out
    day = now // MINUTES_PER_DAY
    block = day // DAYS_PER_BLOCK
    at = np.int64(key & mask)
    while slots[at] >= 0 and (o_key[slots[at]] != key or o_block[slots[at]] != block):
        at = (at + 1) & np.int64(mask)
    use = slots[at]
    if use < 0:
        use = made
        slots[at] = made
        made += 1
        o_account[use], o_key[use], o_kind[use], o_block[use] = who, key, kind, block
        o_days[use], o_requests[use], o_first[use], o_last[use] = np.uint64(0), 0, now, now
    if now >= 0:  # nobody shares a thing on a day that is not known
        o_days[use] |= np.uint64(1) << np.uint64(day - block * DAYS_PER_BLOCK)
    o_requests[use] += times
    o_first[use] = min(o_first[use], now)
    o_last[use] = max(o_last[use], now)
    return made


@numba.njit(cache=True, nogil=True)
def _aggregate(order: Any, bounds: Any, rows: Any, out: Any) -> Any:
    _, minute, count, key, kind, ends, prompts = rows
    slots = np.full(1024, -1, np.int64)
    made = 0
    for who in range(len(bounds) - 1):
        begin, end = bounds[who], bounds[who + 1]
        most = end - begin
        for at in range(begin, end):
            most += ends[order[at] + 1] - ends[order[at]]
        if most == 0:
            continue
        size = 4
        while size < 2 * most:
            size *= 2
        if size > len(slots):
            slots = np.empty(size, np.int64)
        slots[:size] = -1
        mask = np.uint64(size - 1)
        for at in range(begin, end):
            row = order[at]
            now, times = np.int64(minute[row]), count[row]
            if key[row] != np.uint64(0):
                made = _put(out, slots, mask, made, who, key[row], kind[row], now, times)
            for prompt in range(ends[row], ends[row + 1]):
                made = _put(out, slots, mask, made, who, prompts[prompt], np.uint8(_PROMPT), now, times)
    return made

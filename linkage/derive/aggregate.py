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
_PROMPT = np.uint8(BY_NAME["prompt"].code)
_ONE, _TWO = np.uint64(1), np.uint64(2)
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

    def uses(self, rows: Rows, bounds: npt.NDArray[np.int64]) -> Uses:
        """Returns the uses of rows, which come ordered by account as `Orderer` does it.

        They stand in memory that the next call overwrites. A hash table for one account at a time, and not one
        over all pairs: what is touched stays in cache.
        """
        most = len(rows) + len(rows.prompts)
        if not self._out or len(self._out[0]) < most:
            self._out = tuple(np.empty(most + most // 4, kind) for kind in _KINDS)
        columns = rows.minute, rows.count, rows.key, rows.kind, rows.ends, rows.prompts
        made = int(_aggregate(bounds, columns, self._out))
        return Uses(*(column[:made] for column in self._out))


@numba.njit(inline="always")
def _put(
    out: Any, slots: Any, mask: Any, base: Any, made: Any, who: Any, key: Any, kind: Any, when: Any, times: Any
) -> Any:
    """Adds one row to its use in the table of its account, or to a new one; returns how many are made.

    A slot holds the number of a use from `base`, plus one; places are unsigned, which saves a check of each.
    """
    o_account, o_key, o_kind, o_block, o_days, o_requests, o_first, o_last = out
    now, block, day = when
    at = key & mask
    use = made
    while True:
        held = slots[at]
        if held == 0:
            slots[at] = np.uint32(made - base + _ONE)
            made += _ONE
            o_account[use], o_key[use], o_kind[use], o_block[use] = who, key, kind, block
            o_days[use], o_requests[use], o_first[use], o_last[use] = day, times, now, now
            break
        use = base + np.uint64(held) - _ONE
        if o_key[use] == key and o_block[use] == block:
            o_days[use] |= day
            o_requests[use] += times
            o_first[use] = min(o_first[use], now)
            o_last[use] = max(o_last[use], now)
            break
        at = (at + _ONE) & mask
        use = made
    return made


@numba.njit(cache=True, nogil=True)
def _aggregate(bounds: Any, rows: Any, out: Any) -> Any:
    minute, count, key, kind, ends, prompts = rows
    slots = np.zeros(1024, np.uint32)
    made = np.uint64(0)
    for who in range(len(bounds) - 1):
        begin, end = np.uint64(bounds[who]), np.uint64(bounds[who + 1])
        most = end - begin + np.uint64(ends[end] - ends[begin])
        if most == 0:
            continue
        size = np.uint64(4)
        while size < _TWO * most:
            size *= _TWO
        if size > len(slots):
            slots = np.zeros(size, np.uint32)
        slots[:size] = 0
        mask = size - _ONE
        base = made
        for row in range(begin, end):
            now, times = np.int32(minute[row]), count[row]
            number = now // MINUTES_PER_DAY
            block = np.int16(number // DAYS_PER_BLOCK)
            day = np.uint64(0)  # nobody shares a thing on a day that is not known
            if now >= 0:
                day = _ONE << np.uint64(number % DAYS_PER_BLOCK)
            when = now, block, day
            if key[row] != 0:
                made = _put(out, slots, mask, base, made, who, key[row], kind[row], when, times)
            for prompt in range(np.uint64(ends[row]), np.uint64(ends[row + _ONE])):
                made = _put(out, slots, mask, base, made, who, prompts[prompt], _PROMPT, when, times)
    return made

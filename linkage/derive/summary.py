"""Uses of one identifier after another: who used it, on how many days, how many on the busiest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.records import sort_records
from linkage.derive.spill import block_of
from linkage.kernels.bits import lowest_bit
from linkage.model.kinds import BY_NAME
from linkage.working.layout import LAST_BITS, REQUESTS_BITS

_FIRST_DAY_IS = 3  # 1970-01-01 was a Thursday; Monday is 0
_PROMPT = BY_NAME["prompt"].code


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Identifiers in columns: `weekend` is the share (0 to 1) of an identifier's days of use on weekends.

    `user` is one of the accounts that used it; `rows` is how many shares it has (0 where one account used it).
    """

    key: npt.NDArray[np.uint64]
    kind: npt.NDArray[np.uint8]
    degree: npt.NDArray[np.int32]
    peak: npt.NDArray[np.int32]
    first_minute: npt.NDArray[np.int32]
    last_minute: npt.NDArray[np.int32]
    weekend: npt.NDArray[np.float32]
    user: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shares:
    """Uses of identifiers that two accounts or more used, by identifier, account (its ordinal) and block."""

    account: npt.NDArray[np.int32]
    block: npt.NDArray[np.int16]
    days: npt.NDArray[np.uint64]


class Life:
    """The first and the last minute at which each account used anything, by ordinal, -1 where it is not known.

    `alone`: how many prompts of each account nobody else ever sent.
    """

    def __init__(self, accounts: int) -> None:
        self.first: npt.NDArray[np.int32] = np.full(accounts, -1, np.int32)
        self.last: npt.NDArray[np.int32] = np.full(accounts, -1, np.int32)
        self.alone: npt.NDArray[np.int32] = np.zeros(accounts, np.int32)


class Summary:
    """Summarises one partition of uses after another; what is needed on the way is allocated once.

    What comes of it is by the `ordinals` of accounts, which are given by number.
    """

    def __init__(self, ordinals: npt.NDArray[np.int32]) -> None:
        self.life = Life(len(ordinals))
        self.ordered: npt.NDArray[np.uint64] = np.empty((0, 4), np.uint64)
        """The records of the last partition, in order, until the next one is added."""
        self._ordinals = ordinals
        self._make_room(0)

    def add(self, records: npt.NDArray[np.uint64]) -> tuple[Identifiers, Shares, int]:
        """Returns identifiers by key, their shares, and how many prompts of one account were left out.

        Records are those of `spill`, in any order. A prompt that one account sent is no node of the graph.
        """
        size = len(records) // 2  # or fewer
        if len(self._sorted) < size:
            self._make_room(size + size // 4)
        self.ordered = sort_records(records, self._sorted[:size], self._ordinals)
        groups, shared, alone = _summarise(self.ordered, self._out, self.life.first, self.life.last, self.life.alone)
        names = len(Identifiers.__slots__)
        identifiers = Identifiers(*(column[:groups].copy() for column in self._out[:names]))
        return identifiers, Shares(*(column[:shared].copy() for column in self._out[names:])), int(alone)

    def _make_room(self, size: int) -> None:
        kinds = (np.uint64, np.uint8, *[np.int32] * 4, np.float32, *[np.int32] * 3, np.int16, np.uint64)
        self._sorted = np.empty((size, 4), np.uint64)
        self._out = tuple(np.empty(size, kind) for kind in kinds)


@numba.njit(cache=True, nogil=True)
def _summarise(records: Any, out: Any, life_first: Any, life_last: Any, life_alone: Any) -> Any:
    o_key, o_kind, o_degree, o_peak, o_first, o_last, o_weekend, o_user, o_rows, s_account, s_block, s_days = out
    half, of_kind = np.uint64(32), np.uint64(LAST_BITS + REQUESTS_BITS)
    low, last_mask = np.uint64(0xFFFFFFFF), np.uint64((1 << LAST_BITS) - 1)
    size = len(records)
    users = np.zeros(64, np.int32)
    group, shared, alone, begin = 0, 0, 0, 0
    while begin < size:
        key = records[begin, 0]
        start = shared
        degree = 0
        first, last = np.int64(-1), np.int64(-1)
        at = begin
        while at < size and records[at, 0] == key:
            account = np.int32(records[at, 2] >> half)
            from_minute = np.int64(records[at, 2] & low) - 1
            to_minute = np.int64(records[at, 3] & last_mask) - 1
            block = np.int16(block_of(from_minute))
            if from_minute >= 0:
                if first < 0 or from_minute < first:
                    first = from_minute
                if life_first[account] < 0 or from_minute < life_first[account]:
                    life_first[account] = from_minute
                life_last[account] = max(life_last[account], to_minute)
            last = max(last, to_minute)
            if shared > start and s_account[shared - 1] == account and s_block[shared - 1] == block:
                s_days[shared - 1] |= records[at, 1]
            else:
                if shared == start or s_account[shared - 1] != account:
                    degree += 1
                s_account[shared], s_block[shared], s_days[shared] = account, block, records[at, 1]
                shared += 1
            at += 1
        kind = np.uint8(records[begin, 3] >> of_kind)
        if degree == 1 and kind == _PROMPT:
            life_alone[s_account[start]] += 1
            alone += 1
            shared = start
            begin = at
            continue
        o_key[group], o_kind[group], o_degree[group], o_user[group] = key, kind, degree, s_account[start]
        o_first[group], o_last[group] = first, last
        o_peak[group], o_weekend[group], users = _busiest(s_block[start:shared], s_days[start:shared], users)
        if degree == 1:
            shared = start
        o_rows[group] = shared - start
        group += 1
        begin = at
    return group, shared, alone


@numba.njit(cache=True, nogil=True)
def _busiest(block: Any, days: Any, users: Any) -> Any:
    """Returns the most accounts on one day, the share of account-days that fall on weekends, and the scratch."""
    if len(block) == 1:
        return np.int32(1), np.float32(0), users
    least, most = np.int64(block.min()), np.int64(block.max())
    length = (most - least + 1) * 64
    if len(users) < length:
        users = np.zeros(length, np.int32)
    users[:length] = 0
    for row in range(len(block)):
        base = (block[row] - least) * 64
        rest = days[row]
        while rest:
            users[base + lowest_bit(rest)] += 1
            rest &= rest - np.uint64(1)
    peak, weekend, total = 1, 0, 0
    for day in range(length):
        if users[day]:
            peak = max(peak, users[day])
            total += users[day]
            if (least * 64 + day + _FIRST_DAY_IS) % 7 >= 5:
                weekend += users[day]
    return np.int32(peak), np.float32(weekend / max(1, total)), users

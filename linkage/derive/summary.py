"""Uses of one identifier after another: who used it, on how many days, how many on the busiest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

_FIRST_DAY_IS = 3  # 1970-01-01 was a Thursday; Monday is 0


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Identifiers in columns: `weekend` is the share (0 to 1) of an identifier's days of use on weekends.

    `user` is one of the accounts that used it.
    """

    key: npt.NDArray[np.uint64]
    kind: npt.NDArray[np.uint8]
    degree: npt.NDArray[np.int32]
    peak: npt.NDArray[np.int32]
    first_minute: npt.NDArray[np.int32]
    last_minute: npt.NDArray[np.int32]
    weekend: npt.NDArray[np.float32]
    user: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shares:
    """Uses of identifiers that two accounts or more used, by identifier, account and block."""

    account: npt.NDArray[np.int32]
    identifier: npt.NDArray[np.int32]
    block: npt.NDArray[np.int16]
    days: npt.NDArray[np.uint64]


def summarise(uses: dict[str, Any]) -> tuple[Identifiers, Shares]:
    """Returns identifiers by key, and their shared uses, from columns of the table `use` in any order."""
    order = np.argsort(uses["key"], kind="stable")
    _order_groups(uses["key"], (uses["account"].astype(np.int64) << 16) + uses["block"], order)
    columns = [uses[name][order] for name in ("key", "kind", "account", "block", "days", "first_minute", "last_minute")]
    identifiers, shares = _summarise(*columns)
    return Identifiers(*identifiers), Shares(*shares)


@numba.njit(cache=True, nogil=True)
def _order_groups(key: Any, within: Any, order: Any) -> None:
    """Orders the rows of equal keys by account and block; most keys have one row, and most others are in order."""
    begin = 0
    while begin < len(order):
        end = begin + 1
        ordered = True
        while end < len(order) and key[order[end]] == key[order[begin]]:
            ordered = ordered and within[order[end]] >= within[order[end - 1]]
            end += 1
        if not ordered:
            rows = order[begin:end].copy()
            order[begin:end] = rows[np.argsort(within[rows], kind="mergesort")]
        begin = end


@numba.njit(cache=True, nogil=True)
def _summarise(key: Any, kind: Any, account: Any, block: Any, days: Any, first: Any, last: Any) -> Any:
    size = len(key)
    groups = 0
    for row in range(size):
        if row == 0 or key[row] != key[row - 1]:
            groups += 1
    g_key, g_kind = np.empty(groups, np.uint64), np.empty(groups, np.uint8)
    g_degree, g_peak = np.zeros(groups, np.int32), np.zeros(groups, np.int32)
    g_first, g_last = np.empty(groups, np.int32), np.empty(groups, np.int32)
    g_weekend, g_user = np.zeros(groups, np.float32), np.empty(groups, np.int32)
    s_account, s_group = np.empty(size, np.int32), np.empty(size, np.int32)
    s_block, s_days = np.empty(size, np.int16), np.empty(size, np.uint64)
    shared = 0
    group = -1
    begin = 0
    while begin < size:
        end = begin + 1
        while end < size and key[end] == key[begin]:
            end += 1
        group += 1
        g_key[group], g_kind[group], g_user[group] = key[begin], kind[begin], account[begin]
        start = shared
        g_first[group], g_last[group] = first[begin], last[begin]
        for row in range(begin, end):
            if first[row] >= 0 and (g_first[group] < 0 or first[row] < g_first[group]):
                g_first[group] = first[row]
            g_last[group] = max(g_last[group], last[row])
            if shared > start and s_account[shared - 1] == account[row] and s_block[shared - 1] == block[row]:
                s_days[shared - 1] |= days[row]
                continue
            if shared == start or s_account[shared - 1] != account[row]:
                g_degree[group] += 1
            s_account[shared], s_group[shared] = account[row], group
            s_block[shared], s_days[shared] = block[row], days[row]
            shared += 1
        g_peak[group], g_weekend[group] = _busiest(s_block[start:shared], s_days[start:shared])
        if g_degree[group] < 2:
            shared = start
        begin = end
    return (
        (g_key, g_kind, g_degree, g_peak, g_first, g_last, g_weekend, g_user),
        (s_account[:shared].copy(), s_group[:shared].copy(), s_block[:shared].copy(), s_days[:shared].copy()),
    )


@numba.njit(cache=True, nogil=True)
def _busiest(block: Any, days: Any) -> Any:
    """Returns the most accounts on one day, and the share of account-days that fall on weekends."""
    if len(block) == 1:
        return 1, np.float32(0)
    least, most = block.min(), block.max()
    users = np.zeros((most - least + 1) * 64, np.int32)
    for row in range(len(block)):
        base = (block[row] - least) * 64
        rest = days[row]
        day = 0
        while rest:
            if rest & np.uint64(1):
                users[base + day] += 1
            rest >>= np.uint64(1)
            day += 1
    weekend = 0
    for day in range(len(users)):
        if (np.int64(least) * 64 + day + _FIRST_DAY_IS) % 7 >= 5:
            weekend += users[day]
    return max(1, users.max()), np.float32(weekend / max(1, users.sum()))

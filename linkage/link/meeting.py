"""Whom an account meets: who comes behind it and shares enough telling infrastructure to be weighed."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.kernels.bits import lowest_bit
from linkage.model.weights import CANDIDATES, CROWD, MULTITUDE, NEIGHBOURS

_SIGHT = 32 * NEIGHBOURS  # users of a crowded thing that are looked at for those who were there on the same day


@numba.njit(cache=True, nogil=True)
def together(block: Any, days: Any, begin: int, end: int, other_block: int, other_days: Any) -> bool:
    """Whether two accounts used a thing on the same day."""
    for at in range(begin, end):  # noqa: SIM110 - numba compiles no generator here
        if block[at] == other_block and days[at] & other_days:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _after(user: Any, begin: int, end: int, account: int) -> int:
    """Returns the first row in [begin, end) whose user comes after the account."""
    while begin < end:
        middle = (begin + end) // 2
        if user[middle] <= account:
            begin = middle + 1
        else:
            end = middle
    return begin


@numba.njit(cache=True, nogil=True)
def crowds(of_thing: Any, uses: Any, kinds: Any) -> Any:
    """Returns at which pieces of infrastructure a crowd meets: on one day, or in all where days do not matter."""
    _, _, days = uses
    kind, windowed, opening = kinds
    out = np.zeros(len(kind), np.bool_)
    users = np.zeros(64, np.int32)
    for thing in range(len(kind)):
        begin, end = of_thing[thing], of_thing[thing + 1]
        if not opening[kind[thing]] or end - begin <= CROWD:
            continue
        if not windowed[kind[thing]]:
            out[thing] = end - begin > MULTITUDE
            continue
        users[:] = 0
        for row in range(begin, end):  # days of several blocks fall on one another: crowds are told from afar
            rest = days[row]
            while rest:
                users[lowest_bit(rest)] += 1
                rest &= rest - np.uint64(1)
        out[thing] = users.max() > CROWD
    return out


@numba.njit(cache=True, nogil=True)
def meet(a: int, limits: Any, mine: Any, theirs: Any, weights: Any, pad: Any) -> Any:  # noqa: C901 - one pass over rows
    """Returns the accounts behind `a` with whom it shares enough telling infrastructure, most of it first."""
    of_account, thing, block, days, of_content = mine
    of_thing, user, user_block, user_days = theirs
    kind, millibits, breadth, facet_of, windowed, _, opening, crowded = weights
    stamp, base, met = pad[:3]
    telling, least = limits[6], limits[7]
    count, at, high = 0, of_account[a], of_content[a]
    while at < high:
        begin, one = at, thing[at]
        while at < high and thing[at] == one:
            at += 1
        sort = kind[one]
        worth = millibits[one] - breadth[a, facet_of[sort]]
        if not opening[sort] or worth < telling:
            continue
        first, final, last, near = _after(user, of_thing[one], of_thing[one + 1], a), of_thing[one + 1], -1, 0
        if crowded[one]:
            final = min(final, first + _SIGHT)
        for row in range(first, final):
            b = user[row]
            if crowded[one] and near == NEIGHBOURS:
                break
            if b == last or worth - breadth[b, facet_of[sort]] < telling:
                continue
            if windowed[sort] and not together(block, days, begin, at, user_block[row], user_days[row]):
                continue
            last = b
            near += 1
            if stamp[b] != a:
                stamp[b], base[b] = a, 0
                met[count] = b
                count += 1
            base[b] += worth - breadth[b, facet_of[sort]]
    enough = 0
    for number in range(count):
        if base[met[number]] >= least:
            met[enough] = met[number]
            enough += 1
    found = np.sort(met[:enough])
    return found[np.argsort(-base[found], kind="mergesort")[:CANDIDATES]]

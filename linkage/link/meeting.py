"""Whom an account meets: who comes behind it and shares enough telling infrastructure to be weighed."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.kernels.bits import lowest_bit
from linkage.link.outline import at_most
from linkage.model.weights import CANDIDATES, CROWD, LINKS_WEIGHED, MULTITUDE, NEIGHBOURS

_HALF = 32  # a tally holds a turn and a sum of millibits, each in one half of a word
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
def meet(a: int, limits: Any, mine: Any, theirs: Any, weights: Any, outlines: Any, pad: Any) -> Any:
    """Returns the accounts behind `a` with whom it shares enough telling infrastructure, and how much each shares.

    Where there are more of them than links are weighed, they come with most of it first, and those that are surely
    no link with `a` are left out.
    """
    tally, met, turn = pad[:3]
    least, enough = limits[7], 0
    count = tally_met(a, limits, mine, theirs, weights, pad)
    fresh = turn[0] << _HALF
    for number in range(count):
        if tally[met[number]] - fresh >= least:
            met[enough] = met[number]
            enough += 1
    if LINKS_WEIGHED < enough <= CANDIDATES:
        enough = _possible(a, met[:enough], fresh, limits, outlines, tally)
    found = met[:enough].copy()
    if enough > LINKS_WEIGHED:
        found.sort()
        found = found[np.argsort(fresh - tally[found], kind="mergesort")[:CANDIDATES]]
    return found, tally[found] - fresh


@numba.njit(cache=True, nogil=True, forceinline=True)
def _possible(a: int, met: Any, fresh: int, limits: Any, outlines: Any, tally: Any) -> int:
    """Moves those who may be a link with `a` to the front; returns how many they are."""
    count = 0
    for b in met:
        if at_most(a, b, tally[b] - fresh, limits, outlines) >= limits[0]:
            met[count] = b
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def meetings(limits: Any, mine: Any, theirs: Any, weights: Any, pad: Any) -> Any:
    """Returns all that meet at some things, however little they share: rows of a, b and what they share."""
    tally, met, turn = pad[:3]
    found = np.empty((1024, 3), np.int32)
    size = 0
    for a in range(len(tally)):
        count = tally_met(a, limits, mine, theirs, weights, pad)
        fresh = turn[0] << _HALF
        for number in range(count):
            if size == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[size, 0], found[size, 1], found[size, 2] = a, met[number], tally[met[number]] - fresh
            size += 1
    return found[:size].copy()


@numba.njit(cache=True, nogil=True)
def tally_met(a: int, limits: Any, mine: Any, theirs: Any, weights: Any, pad: Any) -> int:
    """Notes in `pad` whom `a` meets behind it, and tallies what they share; returns how many they are."""
    of_account, thing, block, days = mine[:4]
    of_content = mine[5]
    of_thing, user, user_block, user_days = theirs
    kind, millibits, breadth, facet_of, windowed, _, opening, crowded = weights
    tally, met, turn = pad[:3]
    telling = limits[6]
    turn[0] += 1
    fresh, count, at, high = turn[0] << _HALF, 0, of_account[a], of_content[a]
    while at < high:
        begin, one = at, thing[at]
        while at < high and thing[at] == one:
            at += 1
        sort = kind[one]
        facet = facet_of[sort]
        worth = millibits[one] - breadth[facet, a]
        if not opening[sort] or worth < telling:
            continue
        first, final, last, near = _after(user, of_thing[one], of_thing[one + 1], a), of_thing[one + 1], -1, 0
        if crowded[one]:
            final = min(final, first + _SIGHT)
        for row in range(first, final):
            b = user[row]
            if crowded[one] and near == NEIGHBOURS:
                break
            shared = worth - breadth[facet, b]
            if b == last or shared < telling:
                continue
            if windowed[sort] and not together(block, days, begin, at, user_block[row], user_days[row]):
                continue
            last = b
            near += 1
            if tally[b] < fresh:
                tally[b] = fresh
                met[count] = b
                count += 1
            tally[b] += shared
    return count

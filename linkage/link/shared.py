"""What two accounts share, in millibits: few things by a merge, long lists by marks or by search."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.link.meeting import together

SIEVE = 1 << 18
"""Bits of the sieve."""

_LAST_BIT, _ONE, _U6, _U63 = np.uint64(SIEVE - 1), np.uint64(1), np.uint64(6), np.uint64(63)
_HALF = 32  # a mark holds a turn and a row, each in one half of a word
_FAR = 8  # a list so many times longer than another is searched, not walked


@numba.njit(cache=True, nogil=True, forceinline=True)
def mark(a: int, of_account: Any, thing: Any, pad: Any) -> None:
    """Notes at each thing of the account where its rows begin, once."""
    where, sieve, marked = pad[3:]
    if marked[0] == a:
        return
    marked[0] = a
    marked[1] += 1
    sieve[:] = 0
    begin = of_account[a]
    for row in range(begin, of_account[a + 1]):
        one = thing[row]
        if row == begin or thing[row - 1] != one:
            where[one] = (marked[1] << _HALF) + row - begin
            note(one, sieve)


@numba.njit(inline="always")
def note(one: Any, sieve: Any) -> None:
    """Has the sieve know a thing."""
    bit = np.uint64(one) & _LAST_BIT
    sieve[bit >> _U6] |= _ONE << (bit & _U63)


@numba.njit(inline="always")
def maybe(one: Any, sieve: Any) -> bool:
    """Whether the sieve may know a thing: it does not for most, which is seen without a look at memory far away."""
    bit = np.uint64(one) & _LAST_BIT
    return (sieve[bit >> _U6] >> (bit & _U63)) & _ONE != 0  # type: ignore[no-any-return]


@numba.njit(cache=True, nogil=True, forceinline=True)
def _search(thing: Any, begin: int, end: int, one: int) -> int:
    """Returns the first row in [begin, end) whose thing is not before `one`."""
    while begin < end:
        middle = (begin + end) // 2
        if thing[middle] < one:
            begin = middle + 1
        else:
            end = middle
    return begin


@numba.njit(cache=True, nogil=True, forceinline=True)
def _share(a: int, b: int, i: int, j: int, mine: Any, weights: Any) -> int:
    """Returns what the thing whose rows begin at `i` (of a) and `j` (of b) is worth to the two, 0 if they never met."""
    of_account, thing, block, days = mine[:4]
    kind, millibits, breadth, facet_of, windowed = weights[:5]
    one = thing[i]
    sort = kind[one]
    if windowed[sort]:
        end = i + 1
        while end < of_account[a + 1] and thing[end] == one:
            end += 1
        shared = False
        while not shared and j < of_account[b + 1] and thing[j] == one:
            shared = together(block, days, i, end, block[j], days[j])
            j += 1
        if not shared:
            return 0
    facet = facet_of[sort]
    return int(max(0, millibits[one] - breadth[facet, a] - breadth[facet, b]))


@numba.njit(cache=True, nogil=True, forceinline=True)
def few_things(a: int, b: int, telling: int, mine: Any, weights: Any, sums: Any) -> tuple[int, int]:
    """Adds to `sums` what two accounts share, by kind but for addresses and content.

    Returns how much that is, and how much of it was surely tallied where they met (`meeting`).
    """
    of_account, thing, of_address, kind = mine[0], mine[1], mine[4], weights[0]
    opening, crowded = weights[6], weights[7]
    total, tallied = 0, 0
    i, j, end_a, end_b = of_account[a], of_account[b], of_address[a], of_address[b]
    while i < end_a and j < end_b:
        if thing[i] < thing[j]:
            i += 1
        elif thing[j] < thing[i]:
            j += 1
        else:
            one = thing[i]
            shared = _share(a, b, i, j, mine, weights)
            sums[kind[one]] += shared
            total += shared
            if shared >= telling and opening[kind[one]] and not crowded[one]:
                tallied += shared
            while i < end_a and thing[i] == one:
                i += 1
            while j < end_b and thing[j] == one:
                j += 1
    return total, tallied


@numba.njit(cache=True, nogil=True, forceinline=True)
def long_list(a: int, b: int, enough: int, begins: Any, ends: Any, mine: Any, weights: Any, pad: Any) -> int:
    """Returns the millibits of the things in these rows of two accounts, or as much of it as is enough.

    The things of `a` are marked; the rarest come first.
    """
    thing = mine[1]
    where, sieve, marked = pad[3:]
    begin, end, own, first = begins[b], ends[b], marked[1] << _HALF, mine[0][a]
    total = 0
    if end - begin > _FAR * (ends[a] - begins[a]):
        j = begin
        for i in range(begins[a], ends[a]):
            if i > begins[a] and thing[i] == thing[i - 1]:
                continue
            j = _search(thing, j, end, thing[i])
            if j < end and thing[j] == thing[i]:
                total += _share(a, b, i, j, mine, weights)
                if total >= enough:
                    break
        return total
    for j in range(begin, end):
        if maybe(thing[j], sieve) and where[thing[j]] >= own and (j == begin or thing[j] != thing[j - 1]):
            total += _share(a, b, first + where[thing[j]] - own, j, mine, weights)
            if total >= enough:
                break
    return total

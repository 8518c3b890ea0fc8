"""What two accounts can share at most, told from one row of each: most pairs that meet are seen to be no link.

A row of an outline is eight words, as much as a processor fetches at once. Four hold a bit for each prompt of the
account, three a bit for each thing of payment, device and profile. The last one holds whether the account starts
sessions often enough to have timing in common with another, whether it is `wide`, its hour of sign-up, and by facet
of infrastructure what is *loose*: the millibits that things can add to those which are tallied where accounts meet
(`meeting`), of the kind in which that is most. These are things that open no pair, that are crowded, or that may fall
short of telling once the other's breadth is taken off. That breadth is not known beforehand; of an account with more
of it than `SPREAD` nothing is said: it is wide. An hour of sign-up is worth more than most of what is loose, and each
account has one (else it is wide): it is loose only for two who have the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.model.weights import LEAST_COINCIDENCES

if TYPE_CHECKING:
    from linkage.link.rule import Rule
    from linkage.working.incidence import Incidence

Outline = npt.NDArray[np.uint64]

SPREAD = 3000
"""Millibits of breadth up to which an account is not wide: eight times as many things as is usual."""

_INFRASTRUCTURE = (Facet.PAYMENT, Facet.DEVICE, Facet.PROFILE, Facet.NETWORK)
_NUMBER = np.array([_INFRASTRUCTURE.index(one) if one in _INFRASTRUCTURE else -1 for one in FACETS], np.int64)
_FEW = 3  # facets of which an account has a few things; network comes behind them
_CONTENT = 4  # words of content, before those of few things
_LAST = _CONTENT + _FEW
_WORDS = 8
_FIELD, _MOST = 11, (1 << 11) - 1  # bits of a field of the last word, and the field that says nothing
_HOUR, _HOURS = np.uint64(_FIELD * (_FEW + 1)), np.uint64((1 << 18) - 1)  # where the sign-up is; 0 stands for none
_GRAIN = 16  # millibits that a field counts by, rounded up
_OFTEN, _WIDE = np.uint64(1) << np.uint64(62), np.uint64(1) << np.uint64(63)
_SIGNUP = BY_NAME["signup"].code
_ONE, _U6, _U63 = np.uint64(1), np.uint64(6), np.uint64(63)
_MIX, _FOUR, _TOP = np.uint64(0x9E3779B97F4A7C15), np.uint64(56), np.uint64(58)  # Fibonacci hashing (Knuth 1973, 6.4)


def outline(incidence: Incidence, rule: Rule, kinds: tuple[Any, ...], crowded: npt.NDArray[np.bool_]) -> Outline:
    """Returns accounts x 8 words; `kinds`: facets of kinds, and whether they open pairs; `crowded` is by thing."""
    lists = incidence.of_account, incidence.of_content, incidence.thing, incidence.of_starts
    weights = incidence.kind, incidence.millibits, incidence.breadth, crowded
    found: Outline = _outline(lists, weights, kinds, _NUMBER, rule.telling)
    return found


@numba.njit(cache=True, nogil=True)
def _outline(lists: Any, weights: Any, kinds: Any, number: Any, telling: int) -> Any:
    of_account, of_content, thing, of_starts = lists
    kind, millibits, breadth, crowded = weights
    facet_of, opening = kinds
    out = np.zeros((len(of_account) - 1, _WORDS), np.uint64)
    loose = np.empty(len(facet_of), np.int64)
    for a in range(len(out)):
        begin, end = of_account[a], of_content[a]
        loose[:] = 0
        signup = np.uint64(0)
        for row in range(begin, end):
            one = thing[row]
            if row > begin and thing[row - 1] == one:
                continue
            sort = kind[one]
            facet = facet_of[sort]
            if number[facet] < _FEW:
                out[a, _CONTENT + number[facet]] |= _ONE << (np.uint64(one) * _MIX >> _TOP)
            if sort != _SIGNUP:
                worth = max(0, millibits[one] - breadth[a, facet])
                loose[sort] += _adds(worth, telling, opening[sort] and not crowded[one])
            elif signup == 0:
                signup = np.uint64(one) % _HOURS + _ONE
            else:
                out[a, _LAST] |= _WIDE
        for row in range(end, of_account[a + 1]):
            bit = np.uint64(thing[row]) * _MIX >> _FOUR
            out[a, bit >> _U6] |= _ONE << (bit & _U63)
        out[a, _LAST] |= _last(a, loose, facet_of, breadth, number) | signup << _HOUR
        if of_starts[a + 1] - of_starts[a] >= LEAST_COINCIDENCES:
            out[a, _LAST] |= _OFTEN
    return out


@numba.njit(inline="always")
def _adds(worth: int, telling: int, tallied: bool) -> int:
    """Returns the most millibits that a thing adds to what is tallied, if its like is `tallied` from `telling` on."""
    if not tallied:
        return worth
    return min(worth, telling) if worth < telling + SPREAD else 0


@numba.njit(inline="always")
def _last(a: int, loose: Any, facet_of: Any, breadth: Any, number: Any) -> Any:
    """Returns what is loose by facet, and whether the account is wide."""
    last = np.uint64(0)
    for facet in range(len(number)):
        if number[facet] >= 0:
            if breadth[a, facet] > SPREAD:
                last |= _WIDE
            most = 0
            for sort in range(len(facet_of)):
                if facet_of[sort] == facet:
                    most = max(most, loose[sort])
            field = min(_MOST, (most + _GRAIN - 1) // _GRAIN)
            last |= np.uint64(field) << np.uint64(_FIELD * number[facet])
    return last


@numba.njit(inline="always")
def _same_hour(one: Any, other: Any) -> bool:
    """Whether two accounts may have signed up in the same hour, from their last words; False is certain."""
    return (one >> _HOUR) & _HOURS != 0 and ((one ^ other) >> _HOUR) & _HOURS == 0  # type: ignore[no-any-return]


@numba.njit(inline="always")
def _loose(one: Any, other: Any, number: int, cap: int) -> int:
    """Returns the most millibits that a facet can give two accounts beside what is tallied, from their last words."""
    shift = np.uint64(_FIELD * number)
    field = min((one >> shift) & np.uint64(_MOST), (other >> shift) & np.uint64(_MOST))
    if (one | other) & _WIDE or field == _MOST:
        return cap
    return np.int64(field) * _GRAIN  # type: ignore[return-value] # compiled


@numba.njit(inline="always")
def outside_at_most(a: int, b: int, telling: int, cap: int, outlines: Any) -> int:
    """Returns the most millibits that infrastructure gives two accounts of which `telling` were tallied."""
    total = telling + _loose(outlines[a, _LAST], outlines[b, _LAST], _FEW, cap)
    for word in range(_FEW):
        if outlines[a, _CONTENT + word] & outlines[b, _CONTENT + word]:
            total += _loose(outlines[a, _LAST], outlines[b, _LAST], word, cap)
    return total + cap if _same_hour(outlines[a, _LAST], outlines[b, _LAST]) else total


@numba.njit(inline="always")
def network_at_most(a: int, b: int, telling: int, cap: int, outlines: Any) -> int:
    """Returns the most millibits that the network facet gives two accounts of which `telling` were tallied at it."""
    return min(cap, telling + _loose(outlines[a, _LAST], outlines[b, _LAST], _FEW, cap))


@numba.njit(inline="always")
def may_share_few(a: int, b: int, outlines: Any) -> bool:
    """Whether two accounts may share anything of payment, device or profile; False is certain."""
    for word in range(_CONTENT, _LAST):
        if outlines[a, word] & outlines[b, word]:
            return True
    return _same_hour(outlines[a, _LAST], outlines[b, _LAST])


@numba.njit(inline="always")
def may_share_content(a: int, b: int, outlines: Any) -> bool:
    """Whether two accounts may share content; False is certain."""
    for word in range(_CONTENT):  # noqa: SIM110 - numba compiles no generator here
        if outlines[a, word] & outlines[b, word]:
            return True
    return False


@numba.njit(inline="always")
def may_share_timing(a: int, b: int, outlines: Any) -> bool:
    """Whether both accounts start sessions often enough to have timing in common."""
    return outlines[a, _LAST] & outlines[b, _LAST] & _OFTEN != 0  # type: ignore[no-any-return] # compiled


@numba.njit(inline="always")
def at_most(a: int, b: int, telling: int, limits: Any, outlines: Any) -> int:
    """Returns the most millibits that two accounts have in common of which `telling` were tallied."""
    asked = limits[1] if may_share_content(a, b, outlines) else 0
    timing = limits[2] if may_share_timing(a, b, outlines) else 0
    return outside_at_most(a, b, telling, limits[1], outlines) + asked + timing

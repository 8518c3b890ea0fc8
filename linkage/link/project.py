"""The projection: every pair of accounts whose shared things and timing come to a link.

A row accumulator goes through the accounts in turn and adds up what each shares with those after it.
An account's things are met in the order of falling bits; once all that is left cannot make a link on its
own, no new pair is begun and only pairs already begun are completed. That is exact: no cap on the degree
of a thing, and no pair is lost.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from linkage.link.incidence import Incidence
from linkage.link.timing import timing_millibits
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BEHAVIOUR, BY_NAME, FACETS, KINDS, Facet
from linkage.model.weights import BEHAVIOUR_GRADE, CHARGED_KIND, INFRASTRUCTURE_GRADE

N_KINDS = len(KINDS)
N_FACETS = len(FACETS)
_FACET_OF = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int64)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_SUPPORTS = np.array([kind.supports for kind in KINDS])
_CONSTANTS = (_FACET_OF, _WINDOWED, _SUPPORTS)  # arguments, since compiled code keeps the globals it was made with
_TIMING = FACETS.index(Facet.TIMING)
_CHARGED = BY_NAME[CHARGED_KIND].code
_CONTENT = FACETS.index(Facet.CONTENT)
_HARD = (FACETS.index(Facet.PAYMENT), FACETS.index(Facet.DEVICE))
_STRETCH = 4096  # accounts a task: small enough to share out evenly, large enough to forget the overhead


if set(BEHAVIOUR) != {Facet.CONTENT, Facet.TIMING}:
    raise ImportError("the projection is written for content and timing as the facets of behaviour")


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a link, in millibits; `traffic`: whether any account has traffic.

    `chance`: the bits of prompts that two accounts of mean breadth share by chance (X of docs/model.md).
    """

    needed: int
    cap: int
    timing_cap: int
    floor: int
    behaviour_floor: int
    traffic: bool
    chance: float


def project(incidence: Incidence, rule: Rule, threads: int) -> LinkColumns:
    """Returns every pair that is a link, in no particular order that a user should rely on."""
    stretches = [(at, min(at + _STRETCH, incidence.accounts)) for at in range(0, incidence.accounts, _STRETCH)]
    pads = [_pad(incidence.accounts) for _ in range(max(1, min(threads, len(stretches))))]

    def work(number: int) -> list[Any]:
        mine = stretches[number :: len(pads)]
        return [_project(incidence, rule, begin, end, pads[number]) for begin, end in mine]

    with ThreadPoolExecutor(len(pads)) as pool:
        found = [part for parts in pool.map(work, range(len(pads))) for part in parts]
    rows = np.concatenate([np.empty((0, 4 + N_FACETS), np.int32), *found])
    a, b, bits = (np.ascontiguousarray(rows[:, at]) for at in range(3))
    return LinkColumns(a, b, bits, np.ascontiguousarray(rows[:, 3:-1]), rows[:, -1].astype(np.uint8))


def _pad(accounts: int) -> tuple[Any, ...]:
    return (
        np.zeros((accounts, N_KINDS), np.int32),
        np.full(accounts, -1, np.int32),
        np.empty(accounts, np.int32),
    )


def _project(incidence: Incidence, rule: Rule, begin: int, end: int, pad: tuple[Any, ...]) -> Any:
    limits = [rule.needed, rule.cap, rule.timing_cap, rule.floor, rule.behaviour_floor, int(rule.traffic)]
    return _rows(
        begin,
        end,
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days),
        (incidence.kind, incidence.millibits, incidence.breadth, *_CONSTANTS),
        (incidence.of_starts, incidence.starts),
        np.array(limits, np.int64),
        rule.chance,
        pad,
    )


@numba.njit(cache=True, nogil=True)
def chance_millibits(chance: float, breadth: int) -> int:
    """Returns what `model.weights.chance_millibits` returns, compiled."""
    expected = chance * 2.0 ** (2.0 * breadth / 1000.0)
    return int(np.rint(1000.0 * (expected + 2.0 * np.sqrt(5.0 * expected))))


@numba.njit(cache=True, nogil=True)
def _together(block: Any, days: Any, begin: int, end: int, other_block: int, other_days: Any) -> bool:
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
def _bounds(
    begin: int, end: int, thing: Any, kind: Any, millibits: Any, breadth: Any, facet_of: Any, cap: int, out: Any
) -> None:
    """Writes, for each row of an account, the most that this row and those behind it can give together."""
    sums = np.zeros(N_KINDS, np.int64)
    facets = np.zeros(N_FACETS, np.int64)
    total = 0
    for at in range(end - 1, begin - 1, -1):
        if at == end - 1 or thing[at] != thing[at + 1]:
            sort = kind[thing[at]]
            facet = facet_of[sort]
            sums[sort] += max(0, millibits[thing[at]] - breadth[facet])
            value = min(cap, max(facets[facet], sums[sort]))
            total += value - facets[facet]
            facets[facet] = value
        out[at - begin] = total


@numba.njit(cache=True, nogil=True)
def grade_of(facets: Any, support: Any, limits: Any) -> int:
    """Returns the grade of a pair that has the needed bits; `support` is what supporting kinds alone give."""
    supporting = 0
    for facet in range(N_FACETS):
        if support[facet] >= limits[3]:
            supporting += 1
    if supporting < 2:
        return INFRASTRUCTURE_GRADE
    if limits[5]:
        enough = facets[_CONTENT] + facets[_TIMING] >= limits[4]
    else:
        enough = support[_HARD[0]] >= limits[3] or support[_HARD[1]] >= limits[3]
    return BEHAVIOUR_GRADE if enough else INFRASTRUCTURE_GRADE


@numba.njit(cache=True, nogil=True)
def _meet(a: int, least: int, reach: Any, mine: Any, theirs: Any, weights: Any, pad: Any) -> int:
    """Adds up what account `a` shares with each account behind it; returns how many it met.

    New pairs begin only while what is left reaches `least`; `reach` is from `_bounds`.
    """
    of_account, thing, block, days = mine
    of_thing, user, user_block, user_days = theirs
    kind, millibits, breadth, facet_of, windowed, _ = weights
    sums, stamp, met = pad
    count = 0
    at, high = of_account[a], of_account[a + 1]
    while at < high:
        begin, one = at, thing[at]
        while at < high and thing[at] == one:
            at += 1
        sort = kind[one]
        facet = facet_of[sort]
        worth = millibits[one] - breadth[a, facet]
        opens = reach[begin - of_account[a]] >= least
        if worth <= 0 or (not opens and count == 0):
            continue
        last = of_thing[one + 1]
        row = _after(user, of_thing[one], last, a)
        few = not opens and count * 16 < last - row
        turn, done = 0, -1
        while (turn < count) if few else (row < last):
            if few:  # looking up the few that were met beats going through a crowd
                b = met[turn]
                turn += 1
                seat = _after(user, row, last, b - 1)
            else:
                seat, b = row, user[row]
                row += 1
            while seat < last and user[seat] == b and b != done:
                if not windowed[sort] or _together(block, days, begin, at, user_block[seat], user_days[seat]):
                    done = b
                    count = _add(a, b, sort, worth - breadth[b, facet], opens, count, sums, stamp, met)
                seat += 1
    return count


@numba.njit(cache=True, nogil=True)
def _add(a: int, b: int, sort: int, worth: int, opens: bool, count: int, sums: Any, stamp: Any, met: Any) -> int:
    if stamp[b] != a:
        if not opens:
            return count
        stamp[b] = a
        sums[b, :] = 0
        met[count] = b
        count += 1
    sums[b, sort] += max(0, worth)
    return count


@numba.njit(cache=True, nogil=True)
def _facets(sums: Any, facet_of: Any, supports: Any, cap: int, facets: Any, support: Any) -> None:
    """Writes the millibits of each facet, from all kinds and from supporting kinds alone."""
    facets[:] = 0
    support[:] = 0
    for sort in range(N_KINDS):
        facet = facet_of[sort]
        facets[facet] = min(cap, max(facets[facet], sums[sort]))
        if supports[sort]:
            support[facet] = min(cap, max(support[facet], sums[sort]))


@numba.njit(cache=True, nogil=True)
def _rows(
    begin: int, end: int, mine: Any, theirs: Any, weights: Any, habits: Any, limits: Any, chance: float, pad: Any
) -> Any:
    kind, millibits, breadth, facet_of, _, supports = weights
    of_starts, starts = habits
    needed, cap, timing_cap = limits[0], limits[1], limits[2]
    found = np.empty((1024, 4 + N_FACETS), np.int32)
    size = 0
    facets, support = np.zeros(N_FACETS, np.int64), np.zeros(N_FACETS, np.int64)
    for a in range(begin, end):
        low, high = mine[0][a], mine[0][a + 1]
        starts_a = starts[of_starts[a] : of_starts[a + 1]]
        least = needed - timing_cap if len(starts_a) else needed
        reach = np.zeros(high - low + 1, np.int64)
        _bounds(low, high, mine[1], kind, millibits, breadth[a], facet_of, cap, reach)
        if reach[0] < least:
            continue
        for number in range(_meet(a, least, reach, mine, theirs, weights, pad)):
            b = pad[2][number]
            sums = pad[0][b]
            charge = chance_millibits(chance, breadth[a, _CONTENT] + breadth[b, _CONTENT])
            sums[_CHARGED] = max(0, sums[_CHARGED] - charge)
            _facets(sums, facet_of, supports, cap, facets, support)
            if facets.sum() + timing_cap < needed:
                continue
            theirs_starts = starts[of_starts[b] : of_starts[b + 1]]
            facets[_TIMING] = min(timing_cap, timing_millibits(starts_a, theirs_starts))
            support[_TIMING] = facets[_TIMING]
            if facets.sum() < needed:
                continue
            if size == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[size, 0], found[size, 1], found[size, 2] = a, b, facets.sum()
            found[size, 3:-1] = facets
            found[size, -1] = grade_of(facets, support, limits)
            size += 1
    return found[:size].copy()

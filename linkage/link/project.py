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

    def work(number: int) -> list[tuple[Any, Any]]:
        mine = stretches[number :: len(pads)]
        return [_project(incidence, rule, begin, end, pads[number]) for begin, end in mine]

    with ThreadPoolExecutor(len(pads)) as pool:
        found = [part for parts in pool.map(work, range(len(pads))) for part in parts]
    if not found:
        return LinkColumns(
            *(np.empty(0, np.int32) for _ in range(3)),
            np.empty((0, N_FACETS), np.int32),
            np.empty(0, np.uint8),
        )
    columns = np.concatenate([part[0] for part in found])
    grade = np.concatenate([part[1] for part in found])
    return LinkColumns(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy(), columns[:, 3:].copy(), grade)


def _pad(accounts: int) -> tuple[Any, ...]:
    return (
        np.zeros((accounts, N_KINDS), np.int32),
        np.full(accounts, -1, np.int32),
        np.empty(accounts, np.int32),
    )


def _project(incidence: Incidence, rule: Rule, begin: int, end: int, pad: tuple[Any, ...]) -> tuple[Any, Any]:
    limits = np.array(
        [rule.needed, rule.cap, rule.timing_cap, rule.floor, rule.behaviour_floor, rule.traffic], np.int64
    )
    columns: tuple[Any, Any] = _rows(
        begin,
        end,
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days),
        (incidence.kind, incidence.millibits, incidence.breadth, *_CONSTANTS),
        (incidence.of_starts, incidence.starts),
        limits,
        rule.chance,
        *pad,
    )
    return columns


@numba.njit(cache=True, nogil=True)
def chance_millibits(chance: float, breadth: int) -> int:
    """Returns what `model.weights.chance_millibits` returns, compiled."""
    expected = chance * 2.0 ** (2.0 * breadth / 1000.0)
    return int(np.rint(1000.0 * (expected + 2.0 * np.sqrt(5.0 * expected))))


@numba.njit(cache=True, nogil=True)
def _together(block: Any, days: Any, begin: int, end: int, other_block: int, other_days: Any) -> bool:
    """Whether two accounts used a thing on the same day."""
    for at in range(begin, end):
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
def _rows(
    begin: int,
    end: int,
    mine: Any,
    theirs: Any,
    weights: Any,
    habits: Any,
    limits: Any,
    chance: float,
    sums: Any,
    stamp: Any,
    met: Any,
) -> Any:  # noqa: PLR0912, C901, E501 - the inner loop is kept in one piece
    of_account, thing, block, days = mine
    of_thing, user, user_block, user_days = theirs
    kind, millibits, breadth, facet_of, windowed, supports = weights
    of_starts, starts = habits
    needed, cap, timing_cap = limits[0], limits[1], limits[2]
    found = np.empty((1024, 3 + N_FACETS), np.int32)
    grades = np.empty(1024, np.uint8)
    size = 0
    facets = np.zeros(N_FACETS, np.int64)
    support = np.zeros(N_FACETS, np.int64)
    for a in range(begin, end):
        low, high = of_account[a], of_account[a + 1]
        if low == high:
            continue
        starts_a = starts[of_starts[a] : of_starts[a + 1]]
        least = needed - timing_cap if len(starts_a) else needed
        reach = np.empty(high - low, np.int64)
        _bounds(low, high, thing, kind, millibits, breadth[a], facet_of, cap, reach)
        if reach[0] < least:
            continue
        count = 0
        at = low
        while at < high:
            one = thing[at]
            behind = at + 1
            while behind < high and thing[behind] == one:
                behind += 1
            sort = kind[one]
            facet = facet_of[sort]
            worth = millibits[one] - breadth[a, facet]
            opens = reach[at - low] >= least
            if worth <= 0 or (not opens and count == 0):
                at = behind
                continue
            last = of_thing[one + 1]
            row = _after(user, of_thing[one], last, a)
            if not opens and count * 16 < last - row:
                for number in range(count):
                    b = met[number]
                    seat = _after(user, row, last, b - 1)
                    while seat < last and user[seat] == b:
                        if not windowed[sort] or _together(block, days, at, behind, user_block[seat], user_days[seat]):
                            sums[b, sort] += max(0, worth - breadth[b, facet])
                            break
                        seat += 1
                at = behind
                continue
            done = -1
            while row < last:
                b = user[row]
                if b != done and (
                    not windowed[sort] or _together(block, days, at, behind, user_block[row], user_days[row])
                ):
                    done = b
                    if stamp[b] != a and opens:
                        stamp[b] = a
                        sums[b, :] = 0
                        met[count] = b
                        count += 1
                    if stamp[b] == a:
                        sums[b, sort] += max(0, worth - breadth[b, facet])
                row += 1
            at = behind
        for number in range(count):
            b = met[number]
            facets[:] = 0
            support[:] = 0
            charge = breadth[a, _CONTENT] + breadth[b, _CONTENT]
            sums[b, _CHARGED] = max(0, sums[b, _CHARGED] - chance_millibits(chance, charge))
            for sort in range(N_KINDS):
                facet = facet_of[sort]
                facets[facet] = min(cap, max(facets[facet], sums[b, sort]))
                if supports[sort]:
                    support[facet] = min(cap, max(support[facet], sums[b, sort]))
            total = facets.sum()
            if total + timing_cap < needed:
                continue
            facets[_TIMING] = min(timing_cap, timing_millibits(starts_a, starts[of_starts[b] : of_starts[b + 1]]))
            support[_TIMING] = facets[_TIMING]
            total += facets[_TIMING]
            if total < needed:
                continue
            if size == len(found):
                found = np.concatenate((found, np.empty_like(found)))
                grades = np.concatenate((grades, np.empty_like(grades)))
            found[size, 0], found[size, 1], found[size, 2] = a, b, total
            found[size, 3:] = facets
            grades[size] = grade_of(facets, support, limits)
            size += 1
    return found[:size].copy(), grades[:size].copy()

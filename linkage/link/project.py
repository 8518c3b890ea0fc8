"""The projection: every pair of accounts whose shared things and timing come to a link (docs/model.md).

For each account in turn, the accounts behind it that share a piece of infrastructure with it are met; for
each of these whose potential suffices, both lists of things are merged. That is exact: a pair is passed over
only where an upper bound shows that it cannot be a link.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.link.rule import Rule
from linkage.link.timing import timing_millibits
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BEHAVIOUR, BY_NAME, FACETS, KINDS, Facet
from linkage.model.weights import (
    BEHAVIOUR_GRADE,
    CHARGED_KIND,
    INFRASTRUCTURE_GRADE,
    LEAST_COINCIDENCES,
    LINKS_WEIGHED,
    NO_GRADE,
)
from linkage.working.incidence import Incidence

_OPENS = np.array([kind.supports and kind.facet not in BEHAVIOUR for kind in KINDS])
N_KINDS = len(KINDS)
N_FACETS = len(FACETS)
_FACET_OF = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int64)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_SUPPORTS = np.array([kind.supports for kind in KINDS])
_CONSTANTS = (
    _FACET_OF,
    _WINDOWED,
    _SUPPORTS,
    _OPENS,
)  # arguments, since compiled code keeps the globals it was made with
_TIMING = FACETS.index(Facet.TIMING)
_CHARGED = BY_NAME[CHARGED_KIND].code
_CONTENT = FACETS.index(Facet.CONTENT)
_HARD = (FACETS.index(Facet.PAYMENT), FACETS.index(Facet.DEVICE))
_BATCH = 64  # accounts that are met before their pairs are weighed
_STRETCH = 4096  # accounts a task: small enough to share out evenly, large enough to forget the overhead


if set(BEHAVIOUR) != {Facet.CONTENT, Facet.TIMING}:
    raise ImportError("the projection is written for content and timing as the facets of behaviour")


def project(incidence: Incidence, rule: Rule, threads: int) -> LinkColumns:
    """Returns every pair that is a link, in no particular order that a user should rely on."""
    stretches = [(at, min(at + _STRETCH, incidence.accounts)) for at in range(0, incidence.accounts, _STRETCH)]
    pads = [_pad(incidence.accounts) for _ in range(max(1, min(threads, len(stretches))))]

    potential = _potentials(
        incidence.of_account,
        incidence.thing,
        (incidence.kind, incidence.millibits, incidence.breadth, *_CONSTANTS),
        rule.cap,
    )

    def work(number: int) -> list[Any]:
        mine = stretches[number :: len(pads)]
        return [_project(incidence, rule, begin, end, potential, pads[number]) for begin, end in mine]

    with ThreadPoolExecutor(len(pads)) as pool:
        found = [part for parts in pool.map(work, range(len(pads))) for part in parts]
    rows = np.concatenate([np.empty((0, 4 + N_FACETS), np.int32), *found])
    a, b, bits = (np.ascontiguousarray(rows[:, at]) for at in range(3))
    return LinkColumns(a, b, bits, np.ascontiguousarray(rows[:, 3:-1]), rows[:, -1].astype(np.uint8))


def _pad(accounts: int) -> tuple[Any, ...]:
    return np.full(accounts, -1, np.int32), np.empty(accounts, np.int32)


def _project(
    incidence: Incidence, rule: Rule, begin: int, end: int, potential: npt.NDArray[np.int32], pad: tuple[Any, ...]
) -> Any:
    return _rows(
        begin,
        end,
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days),
        (incidence.kind, incidence.millibits, incidence.breadth, *_CONSTANTS),
        (incidence.of_starts, incidence.starts),
        rule.limits(),
        rule.chance,
        potential,
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
def _potentials(of_account: Any, thing: Any, weights: Any, cap: int) -> Any:
    """Returns the most that each account could share in each facet, accounts x facets."""
    kind, millibits, breadth, facet_of, _, _, _ = weights
    out = np.zeros((len(of_account) - 1, N_FACETS), np.int32)
    sums = np.zeros(N_KINDS, np.int64)
    for a in range(len(out)):
        sums[:] = 0
        for at in range(of_account[a], of_account[a + 1]):
            if at == of_account[a] or thing[at] != thing[at - 1]:
                sort = kind[thing[at]]
                sums[sort] += max(0, millibits[thing[at]] - breadth[a, facet_of[sort]])
        for sort in range(N_KINDS):
            out[a, facet_of[sort]] = max(out[a, facet_of[sort]], min(cap, sums[sort]))
    return out


@numba.njit(cache=True, nogil=True)
def grade_of(facets: Any, support: Any, limits: Any) -> int:
    """Returns the grade of a pair that has the needed bits; `support` is what supporting kinds alone give."""
    supporting = 0
    for facet in range(N_FACETS):
        if support[facet] >= limits[3]:
            supporting += 1
    outside = INFRASTRUCTURE_GRADE if support.sum() >= limits[0] else NO_GRADE
    if supporting < 2:
        return outside
    if limits[5]:
        enough = facets[_CONTENT] + facets[_TIMING] >= limits[4]
    else:
        enough = support[_HARD[0]] >= limits[3] or support[_HARD[1]] >= limits[3]
    return BEHAVIOUR_GRADE if enough else outside


@numba.njit(cache=True, nogil=True)
def _meet(a: int, at: int, limits: Any, mine: Any, theirs: Any, weights: Any, pad: Any) -> Any:
    """Gathers the accounts behind `a` that share a key piece of infrastructure with it, from its row `at` on.

    Returns how many, and the row at which to go on; it stops behind the thing that makes a batch full.
    """
    of_account, thing, block, days = mine
    of_thing, user, user_block, user_days = theirs
    kind, millibits, breadth, facet_of, windowed, _, opening = weights
    stamp, met = pad
    count = 0
    high = of_account[a + 1]
    while at < high and count < _BATCH:
        begin, one = at, thing[at]
        while at < high and thing[at] == one:
            at += 1
        sort = kind[one]
        worth = millibits[one] - breadth[a, facet_of[sort]]
        key = limits[3] if windowed[sort] else max(limits[3], limits[0] * 2 // 5)
        if not opening[sort] or worth < key:
            continue
        last = of_thing[one + 1]
        for row in range(_after(user, of_thing[one], last, a), last):
            b = user[row]
            if stamp[b] == a or worth - breadth[b, facet_of[sort]] < key:
                continue
            if not windowed[sort] or _together(block, days, begin, at, user_block[row], user_days[row]):
                stamp[b] = a
                met[count] = b
                count += 1
    return count, at


@numba.njit(cache=True, nogil=True)
def _merge(a: int, b: int, mine: Any, weights: Any, sums: Any) -> None:
    """Writes the millibits that two accounts share, by kind, from their lists of things in equal order."""
    of_account, thing, block, days = mine
    kind, millibits, breadth, facet_of, windowed, _, _ = weights
    sums[:] = 0
    i, end_i, j, end_j = of_account[a], of_account[a + 1], of_account[b], of_account[b + 1]
    while i < end_i and j < end_j:
        if thing[i] != thing[j]:
            if thing[i] < thing[j]:
                i += 1
            else:
                j += 1
            continue
        one, begin = thing[i], i
        while i < end_i and thing[i] == one:
            i += 1
        shared = not windowed[kind[one]]
        while j < end_j and thing[j] == one:
            shared = shared or _together(block, days, begin, i, block[j], days[j])
            j += 1
        if shared:
            facet = facet_of[kind[one]]
            sums[kind[one]] += max(0, millibits[one] - breadth[a, facet] - breadth[b, facet])


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
    begin: int,
    end: int,
    mine: Any,
    theirs: Any,
    weights: Any,
    habits: Any,
    limits: Any,
    chance: float,
    potential: Any,
    pad: Any,
) -> Any:
    breadth, facet_of, supports = weights[2], weights[3], weights[5]
    of_starts, starts = habits
    needed, cap, timing_cap = limits[0], limits[1], limits[2]
    found = np.empty((1024, 4 + N_FACETS), np.int32)
    size = 0
    sums = np.zeros(N_KINDS, np.int64)
    facets, support = np.zeros(N_FACETS, np.int64), np.zeros(N_FACETS, np.int64)
    for a in range(begin, end):
        starts_a = starts[of_starts[a] : of_starts[a + 1]]
        at, links = mine[0][a], 0
        while at < mine[0][a + 1] and links < LINKS_WEIGHED:
            count, at = _meet(a, at, limits, mine, theirs, weights, pad)
            for number in range(count):
                b = pad[1][number]
                starts_b = starts[of_starts[b] : of_starts[b + 1]]
                timed = min(len(starts_a), len(starts_b)) >= LEAST_COINCIDENCES
                least = needed - timing_cap if timed else needed
                if np.minimum(potential[a], potential[b]).sum() < least:
                    continue
                _merge(a, b, mine, weights, sums)
                charge = chance_millibits(chance, breadth[a, _CONTENT] + breadth[b, _CONTENT])
                sums[_CHARGED] = max(0, sums[_CHARGED] - charge)
                _facets(sums, facet_of, supports, cap, facets, support)
                if facets.sum() < least:
                    continue
                facets[_TIMING] = min(timing_cap, timing_millibits(starts_a, starts_b))
                support[_TIMING] = facets[_TIMING]
                grade = grade_of(facets, support, limits)
                if facets.sum() < needed or grade == NO_GRADE:
                    continue
                if size == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[size, 0], found[size, 1], found[size, 2] = a, b, facets.sum()
                found[size, 3:-1] = facets
                found[size, -1] = grade
                size += 1
                links += 1
                if links == LINKS_WEIGHED:
                    break
    return found[:size].copy()

"""The projection: every pair of accounts whose shared things and timing come to a link (docs/model.md).

For each account in turn, the telling infrastructure that the accounts behind it share with it is summed up; those
for whom it suffices are weighed by all that both used, the shorter list of things against the other.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from linkage.link.meeting import crowds, meet, together
from linkage.link.outline import few_in_common, may_share_content, network_in_common, outline
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
_ADDRESS = BY_NAME["ip"].code
_CHARGED = BY_NAME[CHARGED_KIND].code
_CONTENT = FACETS.index(Facet.CONTENT)
_HARD = (FACETS.index(Facet.PAYMENT), FACETS.index(Facet.DEVICE))
_SIEVE = 1 << 18  # bits
_LAST_BIT, _ONE, _U6, _U63 = np.uint64(_SIEVE - 1), np.uint64(1), np.uint64(6), np.uint64(63)
_HALF = 32  # a mark holds an account and a row, each in one half of a word
_FAR = 8  # a list so many times longer than another is searched, not walked
_STRETCH = 4096  # accounts a task: small enough to share out evenly, large enough to forget the overhead


if [kind.name for kind in KINDS if kind.facet is Facet.CONTENT] != [CHARGED_KIND]:
    raise ImportError("the projection is written for one kind of content, the charged one")

if set(BEHAVIOUR) != {Facet.CONTENT, Facet.TIMING}:
    raise ImportError("the projection is written for content and timing as the facets of behaviour")


def project(incidence: Incidence, rule: Rule, threads: int) -> LinkColumns:
    """Returns every pair that is a link, in no particular order that a user should rely on."""
    stretches = [(at, min(at + _STRETCH, incidence.accounts)) for at in range(0, incidence.accounts, _STRETCH)]
    pads = [_pad(incidence) for _ in range(max(1, min(threads, len(stretches))))]

    theirs = incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days
    crowded = crowds(theirs[0], theirs[1:], (incidence.kind, _WINDOWED, _OPENS))
    given = (
        (
            incidence.of_account,
            incidence.thing,
            incidence.block,
            incidence.days,
            incidence.of_address,
            incidence.of_content,
        ),
        theirs,
        (incidence.kind, incidence.millibits, np.ascontiguousarray(incidence.breadth.T), *_CONSTANTS, crowded),
        (incidence.of_starts, incidence.starts),
        outline(incidence, _FACET_OF, rule.cap),
        rule.limits(),
        rule.chance,
    )

    def work(number: int) -> list[Any]:
        return [_rows(begin, end, given, pads[number]) for begin, end in stretches[number :: len(pads)]]

    with ThreadPoolExecutor(len(pads)) as pool:
        found = [part for parts in pool.map(work, range(len(pads))) for part in parts]
    rows = np.concatenate([np.empty((0, 4 + N_FACETS), np.int32), *found])
    a, b, bits = (np.ascontiguousarray(rows[:, at]) for at in range(3))
    return LinkColumns(a, b, bits, np.ascontiguousarray(rows[:, 3:-1]), rows[:, -1].astype(np.uint8))


def _pad(incidence: Incidence) -> tuple[Any, ...]:
    """Returns what one thread writes on.

    By account: who met it last with the sum of what they share, and those met; by thing: who marked it last with the
    row, counted from its first; a sieve of things, small enough for a cache; and whose things are marked. Accounts
    come in rising order, so that a mark of another account is lower than one's own.
    """
    accounts, things = incidence.accounts, len(incidence.kind)
    marks = np.full(things, -1, np.int64), np.zeros(_SIEVE >> 6, np.uint64), np.full(1, -1, np.int64)
    return np.full(accounts, -1, np.int64), np.empty(accounts, np.int32), *marks


@numba.njit(cache=True, nogil=True)
def chance_millibits(chance: float, breadth: int) -> int:
    """Returns what `model.weights.chance_millibits` returns, compiled."""
    expected = chance * 2.0 ** (2.0 * breadth / 1000.0)
    return int(np.rint(1000.0 * (expected + 2.0 * np.sqrt(5.0 * expected))))


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
def _mark(a: int, of_account: Any, thing: Any, pad: Any) -> None:
    """Notes at each thing of the account where its rows begin, once."""
    where, sieve, marked = pad[2:]
    if marked[0] == a:
        return
    marked[0] = a
    sieve[:] = 0
    begin = of_account[a]
    for row in range(begin, of_account[a + 1]):
        one = thing[row]
        if row == begin or thing[row - 1] != one:
            where[one] = (np.int64(a) << _HALF) + row - begin
            bit = np.uint64(one) & _LAST_BIT
            sieve[bit >> _U6] |= _ONE << (bit & _U63)


@numba.njit(inline="always")
def _maybe(one: Any, sieve: Any) -> bool:
    """Whether a thing may be marked: it is not for nearly all, and that is seen without a look at memory far away."""
    bit = np.uint64(one) & _LAST_BIT
    return (sieve[bit >> _U6] >> (bit & _U63)) & _ONE != 0  # type: ignore[no-any-return]


@numba.njit(cache=True, nogil=True)
def _search(thing: Any, begin: int, end: int, one: int) -> int:
    """Returns the first row in [begin, end) whose thing is not before `one`."""
    while begin < end:
        middle = (begin + end) // 2
        if thing[middle] < one:
            begin = middle + 1
        else:
            end = middle
    return begin


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _few(a: int, b: int, mine: Any, weights: Any, sums: Any) -> int:
    """Writes the millibits that two accounts share, by kind but for addresses and content; returns their sum."""
    of_account, thing, of_address, kind = mine[0], mine[1], mine[4], weights[0]
    sums[:] = 0
    total = 0
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
            while i < end_a and thing[i] == one:
                i += 1
            while j < end_b and thing[j] == one:
                j += 1
    return total


@numba.njit(cache=True, nogil=True)
def _walk(a: int, b: int, enough: int, begins: Any, ends: Any, mine: Any, weights: Any, pad: Any) -> int:
    """Returns the millibits of the things in these rows of two accounts, or as much of it as is enough.

    The things of `a` are marked; the rarest come first.
    """
    thing = mine[1]
    where, sieve = pad[2:4]
    begin, end, own, first = begins[b], ends[b], np.int64(a) << _HALF, mine[0][a]
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
        if _maybe(thing[j], sieve) and where[thing[j]] >= own and (j == begin or thing[j] != thing[j - 1]):
            total += _share(a, b, first + where[thing[j]] - own, j, mine, weights)
            if total >= enough:
                break
    return total


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
def _grade(a: int, b: int, telling: int, given: Any, pad: Any, sums: Any, facets: Any, support: Any) -> int:
    """Returns the grade of a pair and writes its facets, or NO_GRADE as soon as it cannot be a link any more.

    `telling`: the millibits of telling infrastructure that the two share.
    """
    mine, _, weights, habits, outlines, limits, chance = given
    breadth, facet_of, supports = weights[2], weights[3], weights[5]
    of_starts, starts = habits
    needed, cap, timing_cap = limits[0], limits[1], limits[2]
    network, few = network_in_common(a, b, outlines), few_in_common(a, b, outlines)
    asked = cap if may_share_content(a, b, outlines) else 0
    often = min(of_starts[a + 1] - of_starts[a], of_starts[b + 1] - of_starts[b]) >= LEAST_COINCIDENCES
    timing = timing_cap if often else 0
    if network + few + asked + timing < needed:
        return NO_GRADE
    total = _few(a, b, mine, weights, sums) if few else _none(sums)
    _facets(sums, facet_of, supports, cap, facets, support)
    few = facets.sum()
    if network + few + asked + timing < needed:
        return NO_GRADE
    starts_a, starts_b = starts[of_starts[a] : of_starts[a + 1]], starts[of_starts[b] : of_starts[b + 1]]
    known = not often
    if often and network + few + asked < needed:  # most have no timing in common, and that is seen at once
        timing, known = min(timing_cap, timing_millibits(starts_a, starts_b)), True
        if network + few + asked + timing < needed:
            return NO_GRADE
    _mark(a, mine[0], mine[1], pad)
    if telling - total >= cap:  # addresses are all of the rest
        sums[_ADDRESS] = cap
    else:
        sums[_ADDRESS] = _walk(a, b, cap, mine[4], mine[5], mine, weights, pad)
    if few + min(cap, sums[_ADDRESS]) + asked + timing < needed:
        return NO_GRADE
    if asked:
        charge = chance_millibits(chance, breadth[_CONTENT, a] + breadth[_CONTENT, b])
        sums[_CHARGED] = max(0, _walk(a, b, cap + charge, mine[5], mine[0][1:], mine, weights, pad) - charge)
    _facets(sums, facet_of, supports, cap, facets, support)
    if facets.sum() + timing < needed:
        return NO_GRADE
    if not known:
        timing = min(timing_cap, timing_millibits(starts_a, starts_b))
    facets[_TIMING] = support[_TIMING] = timing
    return grade_of(facets, support, limits) if facets.sum() >= needed else NO_GRADE


@numba.njit(cache=True, nogil=True)
def _rows(begin: int, end: int, given: Any, pad: Any) -> Any:
    mine, theirs, weights, _, _, limits, _ = given
    found = np.empty((1024, 4 + N_FACETS), np.int32)
    size = 0
    sums = np.zeros(N_KINDS, np.int64)
    facets, support = np.zeros(N_FACETS, np.int64), np.zeros(N_FACETS, np.int64)
    for a in range(begin, end):
        candidates, telling = meet(a, limits, mine, theirs, weights, pad)
        links = 0
        for number in range(len(candidates)):
            b = candidates[number]
            grade = _grade(a, b, telling[number], given, pad, sums, facets, support)
            if grade == NO_GRADE:
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


@numba.njit(cache=True, nogil=True)
def _none(sums: Any) -> int:
    sums[:] = 0
    return 0

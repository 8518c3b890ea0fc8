"""The grade of a pair: what is cheap to see comes first, and most pairs are seen to be no link.

What is called for each pair is compiled into its caller: a call would copy the dozens of arrays that it is given.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.link.outline import (
    may_share_content,
    may_share_few,
    may_share_timing,
    network_at_most,
    outside_at_most,
)
from linkage.link.shared import few_things, long_list, mark
from linkage.link.timing import timing_millibits
from linkage.model.kinds import BEHAVIOUR, BY_NAME, FACETS, KINDS, Facet
from linkage.model.weights import (
    BEHAVIOUR_GRADE,
    CHARGED_KIND,
    INFRASTRUCTURE_GRADE,
    NO_GRADE,
)

N_KINDS = len(KINDS)
N_FACETS = len(FACETS)
_TIMING = FACETS.index(Facet.TIMING)
_ADDRESS = BY_NAME["ip"].code
_CHARGED = BY_NAME[CHARGED_KIND].code
_CONTENT = FACETS.index(Facet.CONTENT)
_HARD = (FACETS.index(Facet.PAYMENT), FACETS.index(Facet.DEVICE))


if [kind.name for kind in KINDS if kind.facet is Facet.CONTENT] != [CHARGED_KIND]:
    raise ImportError("the projection is written for one kind of content, the charged one")

if set(BEHAVIOUR) != {Facet.CONTENT, Facet.TIMING}:
    raise ImportError("the projection is written for content and timing as the facets of behaviour")


@numba.njit(cache=True, nogil=True, forceinline=True)
def chance_millibits(chance: Any, breadth: int) -> int:
    """Returns what `model.weights.chance_millibits` returns, compiled."""
    whole = min(breadth // 1000, len(chance) - 1)
    rest = min(breadth / 1000.0 - whole, 1.0)
    expected = chance[whole] + rest * (chance[min(whole + 1, len(chance) - 1)] - chance[whole])
    return int(np.rint(1000.0 * (expected + 2.0 * np.sqrt(5.0 * expected))))


@numba.njit(cache=True, nogil=True, forceinline=True)
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


@numba.njit(cache=True, nogil=True, forceinline=True)
def _facets(sums: Any, facet_of: Any, supports: Any, cap: int, facets: Any, support: Any) -> None:
    """Writes the millibits of each facet, from all kinds and from supporting kinds alone."""
    facets[:] = 0
    support[:] = 0
    for sort in range(N_KINDS):
        facet = facet_of[sort]
        facets[facet] = min(cap, max(facets[facet], sums[sort]))
        if supports[sort]:
            support[facet] = min(cap, max(support[facet], sums[sort]))


@numba.njit(cache=True, nogil=True, forceinline=True)
def weigh(a: int, b: int, telling: int, given: Any, pad: Any, sums: Any, facets: Any, support: Any) -> int:
    """Returns the grade of a pair and writes its facets, or NO_GRADE as soon as it cannot be a link any more.

    `telling`: the millibits of telling infrastructure that the two share.
    """
    mine, _, weights, habits, outlines, limits, chance = given
    breadth, facet_of, supports = weights[2], weights[3], weights[5]
    of_starts, starts = habits
    needed, cap, timing_cap = limits[0], limits[1], limits[2]
    asked = cap if may_share_content(a, b, outlines) else 0
    often = may_share_timing(a, b, outlines)
    timing = timing_cap if often else 0
    if outside_at_most(a, b, telling, cap, outlines) + asked + timing < needed:
        return NO_GRADE
    sums[:] = 0
    total, tallied = few_things(a, b, limits[6], mine, weights, sums) if may_share_few(a, b, outlines) else (0, 0)
    _facets(sums, facet_of, supports, cap, facets, support)
    few, network = facets.sum(), network_at_most(a, b, telling - tallied, cap, outlines)
    if network + few + asked + timing < needed:
        return NO_GRADE
    starts_a, starts_b = starts[of_starts[a] : of_starts[a + 1]], starts[of_starts[b] : of_starts[b + 1]]
    known = not often
    if often and network + few + asked < needed:  # most have no timing in common, and that is seen at once
        timing, known = min(timing_cap, timing_millibits(starts_a, starts_b)), True
        if network + few + asked + timing < needed:
            return NO_GRADE
    mark(a, mine[0], mine[1], pad)
    if telling - total >= cap:  # addresses are all of the rest
        sums[_ADDRESS] = cap
    else:
        sums[_ADDRESS] = long_list(a, b, cap, mine[4], mine[5], mine, weights, pad)
    if few + min(cap, sums[_ADDRESS]) + asked + timing < needed:
        return NO_GRADE
    if asked:
        charge = chance_millibits(chance, breadth[_CONTENT, a] + breadth[_CONTENT, b])
        sums[_CHARGED] = max(0, long_list(a, b, cap + charge, mine[5], mine[0][1:], mine, weights, pad) - charge)
    _facets(sums, facet_of, supports, cap, facets, support)
    if facets.sum() + timing < needed:
        return NO_GRADE
    if not known:
        timing = min(timing_cap, timing_millibits(starts_a, starts_b))
    facets[_TIMING] = support[_TIMING] = timing
    return grade_of(facets, support, limits) if facets.sum() >= needed else NO_GRADE

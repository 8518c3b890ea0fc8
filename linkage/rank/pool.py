"""Campaigns that draw from one pool of questions, told by the forms in which they ask.

Where several campaigns work through the same questions, what they ask joins all of them. The frames around the
questions are still each campaign's own (see `manner`). Operators of one campaign may have forms of their own too, so
that other forms alone say nothing; but accounts on one network that ask in forms which have nothing in common serve
several campaigns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.rank.manner import OWN_PART, OWN_USERS, WIDE
from linkage.rank.overlap import HARDLY, LEAST_SHARED, OWN, meetings, overlaps, overlaps_held
from linkage.rank.wide import held

if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkage.rank.manner import Forms
    from linkage.rank.rare import RareUses

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]
Overlaps = tuple[Ints, Ints, Floats, Floats]
"""What `overlap.overlaps` returns."""

ONE_NETWORK = 0.5
"""Overlap of infrastructure of two rings on one network: of one 0.8 and more, of two operators hardly 0.3."""

ALIKE = 1.0
"""So many forms two accounts of two rings of a pool are expected to have in common if these serve one campaign."""


def by_forms(content: RareUses, forms: Forms, hands: Overlaps, ring: Ints, campaign: Ints) -> Ints:
    """Returns the campaign of each ring, those that draw from one pool told apart.

    A campaign is a pool if two of its rings have one infrastructure (by `hands`) and no forms in common. Each of
    these is one of its campaigns; rings that ask in forms of one are of it, and what is left goes with those with
    whom it shares most questions. `ring` is by account, `campaign` by ring.
    """
    rings = len(campaign)
    apart = _apart(forms, hands, ring, campaign)
    if not apart:
        return campaign
    low, high, shared, _ = overlaps(content, ring, rings, forms.users)
    asked = dict(zip(_pairs(low, high), shared.tolist(), strict=True))
    alike = _alike(forms, ring, rings)
    out = campaign.copy()
    for pool in sorted({int(campaign[one]) for one, _ in apart}):
        for served in _served(np.flatnonzero(campaign == pool).tolist(), apart, alike, asked):
            out[served] = min(served)
    return out


def _apart(forms: Forms, hands: Overlaps, ring: Ints, campaign: Ints) -> set[Pair]:
    """Returns pairs of rings of one campaign and network that each have forms of their own, and none in common."""
    low, high, shared, within = overlaps_held(forms.users, ring, len(campaign), WIDE)
    common = set(_pairs(*(side[shared >= HARDLY * _mean(within, low, high)] for side in (low, high))))
    low, high, shared, used = hands
    one = (campaign[low] == campaign[high]) & (np.minimum(within[low], within[high]) >= OWN)
    one &= shared >= np.maximum(ONE_NETWORK * _mean(np.maximum(used, LEAST_SHARED), low, high), LEAST_SHARED)
    return set(_pairs(low[one], high[one])) - common


def _mean(within: Floats, low: Ints, high: Ints) -> Floats:
    mean: Floats = np.sqrt(np.maximum(within[low] * within[high], 1e-12))
    return mean


def _alike(forms: Forms, ring: Ints, rings: int) -> dict[Pair, float]:
    """Returns how many forms an account of one ring and one of another are expected to have in common.

    What less than `OWN_USERS` and `OWN_PART` of a ring use is no form of it: a few strangers would bring theirs.
    """
    size = np.bincount(ring[ring >= 0], minlength=rings).astype(np.float64)
    rows = held(forms.users, ring, rings, WIDE)
    own = rows.count >= np.maximum(OWN_USERS, OWN_PART * size)[rows.group]
    low, high, met, _ = meetings(rows.take(own), rings)
    return dict(zip(_pairs(low, high), (met / (size[low] * size[high])).tolist(), strict=True))


def _pairs(low: Ints, high: Ints) -> Iterable[Pair]:
    return zip(low.tolist(), high.tolist(), strict=True)


def _served(
    rings: list[int], apart: set[Pair], alike: dict[Pair, float], asked: dict[Pair, float]
) -> Iterable[list[int]]:
    """Returns the rings of a pool by the campaign that they serve."""
    cores = _cores(sorted({one for pair in apart for one in pair} & set(rings)), apart, alike)
    known = [list(core) for core in cores]
    for one in sorted(set(rings) - {one for core in cores for one in core}):
        forms = [max(alike.get(_ordered(one, two), 0.0) for two in core) for core in cores]
        questions = [sum(asked.get(_ordered(one, two), 0.0) for two in core) for core in cores]
        told = list(zip(forms if max(forms) >= ALIKE else questions, questions, strict=True))
        known[told.index(max(told))].append(one)
    return known


def _cores(named: list[int], apart: set[Pair], alike: dict[Pair, float]) -> list[list[int]]:
    """Returns the rings that were told apart, those of several operators that ask in the same forms together."""
    sets = {one: [one] for one in named}
    inside = [pair for pair, much in alike.items() if much >= ALIKE and pair[0] in sets and pair[1] in sets]
    for one, two in sorted(inside, key=lambda pair: (-alike[pair], pair)):
        mine, other = sets[one], sets[two]
        if mine is not other and not any(_ordered(a, b) in apart for a in mine for b in other):
            mine += other
            sets.update(dict.fromkeys(other, mine))
    return list({id(some): some for some in sets.values()}.values())


def _ordered(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)

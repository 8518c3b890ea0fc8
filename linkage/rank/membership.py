"""Who belongs to a ring, once its core is known: by how each account stands to the whole, not to one neighbour.

Links find the core of a ring. What its accounts ask then tells its campaign from all other traffic, and what
they run on tells its operator. A member whose questions are not the campaign's leaves: it only met the ring. An
outsider whose questions are the campaign's joins, if a second kind of evidence agrees (`joining`): it uses the
operator's infrastructure, or hangs together with others like it, or asks in the campaign's manner, or asks much and
came when others like it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.rank.affinity import Affinity, affinity
from linkage.rank.conduct import Conduct
from linkage.rank.joining import (
    CONTENT_RATE,
    INFRASTRUCTURE_RATE,
    LEAST_PROMPTS,
    LEAST_SHARE,
    ROUNDS,
    beside_operators,
    by_conduct,
    by_manner,
    in_hiding,
    of_other_campaigns,
)
from linkage.rank.judge import of_a_kind
from linkage.rank.layers import Layers, Rare, needed, numbered
from linkage.rank.manner import manner

if TYPE_CHECKING:
    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Partition = Callable[[LinkColumns], Ints]

CALM = 1000
"""Rounds end when no more than one in so many members changed its ring."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How each account stands to the campaign and the operator of its ring, in millibits, accounts x facets.

    `beside`: by ring, accounts (with millibits) that use its operator's infrastructure and are in no ring.
    """

    facets: Ints
    beside: dict[int, list[tuple[int, int]]]


def settle(
    rare: Rare,
    ring: Ints,
    conduct: Conduct,
    communities: Partition,
    settings: Settings,
) -> Ints:
    """Returns the rings after members left and outsiders joined, until hardly anything changes or `ROUNDS` are over.

    `ring` is by account number, -1 for none; `communities` finds them among weights.
    """
    for _ in range(ROUNDS):
        before, told = ring, _told(rare, ring)
        ring = _without_strangers(ring, told, conduct, settings)
        if not np.array_equal(before, ring):
            told = _told(rare, ring)
        ring = _with_outsiders(rare, ring, told, conduct, communities, settings)
        if CALM * np.count_nonzero(before != ring) <= np.count_nonzero(ring >= 0):
            break
    return ring


def standing(rare: Rare, ring: Ints, settings: Settings) -> Standing:
    """Returns how accounts stand to the rings in the end: the evidence of those who have no link inside."""
    layers = Layers.of(rare, ring)
    campaign, operator = layers.campaign_of(ring), layers.operator_of(ring)
    cap = 1000 * settings.facet_cap
    facets = np.zeros((len(ring), len(FACETS)), np.int32)
    for number, facet in enumerate(FACETS):
        content = facet is Facet.CONTENT
        group, rate = (campaign, CONTENT_RATE) if content else (operator, INFRASTRUCTURE_RATE)
        things = rare.content if content else rare.infrastructure
        bits = affinity(things.only(facet), group, rate).own(group)
        facets[:, number] = np.rint(np.clip(1000 * bits, 0, cap))
    used = affinity(rare.infrastructure, operator, INFRASTRUCTURE_RATE)
    used = used.take((ring[used.account] < 0) & (used.bits >= needed(operator, settings)[used.group]))
    beside: dict[int, list[tuple[int, int]]] = {}
    best = used.best(len(ring))
    for account in np.flatnonzero(best >= 0).tolist():
        row = best[account]
        near = layers.largest_of(int(used.group[row]), ring)
        beside.setdefault(near, []).append((account, round(min(cap, 1000 * float(used.bits[row])))))
    return Standing(facets, beside)


def _told(rare: Rare, ring: Ints) -> tuple[Layers, Affinity]:
    """Returns the layers above rings, and how all accounts stand to the campaigns."""
    layers = Layers.of(rare, ring)
    return layers, affinity(rare.content, layers.campaign_of(ring), CONTENT_RATE)


def _without_strangers(ring: Ints, known: tuple[Layers, Affinity], conduct: Conduct, settings: Settings) -> Ints:
    """Returns the rings without members whose rare prompts are not those of the ring's campaign.

    A ring most of whose accounts have too few rare prompts has no campaign to be told by, and stays as it is. Where
    most of them have those of the campaign, members who ask as much as scripts do and came with the others stay, too:
    of a large pool of questions few are asked twice.
    """
    layers, found = known
    campaign = layers.campaign_of(ring)
    fits = found.own(campaign) >= np.append(needed(campaign, settings), np.inf)[campaign]
    members = np.bincount(ring[ring >= 0], minlength=int(ring.max(initial=-1)) + 1)
    telling = np.bincount(ring[(ring >= 0) & (found.things >= LEAST_PROMPTS)], minlength=len(members))
    told = np.append(2 * telling >= members, False)[ring]
    fitting = np.bincount(ring[(ring >= 0) & fits & (found.things >= LEAST_PROMPTS)], minlength=len(members))
    whole = np.append(2 * fitting >= telling, False)[ring]
    out = told & ~fits & ~(whole & of_a_kind(ring, conduct))
    return numbered(np.where(out, -1, ring).astype(np.int32), settings.min_ring)


def _with_outsiders(
    rare: Rare,
    ring: Ints,
    known: tuple[Layers, Affinity],
    conduct: Conduct,
    communities: Partition,
    settings: Settings,
) -> Ints:
    if not (ring >= 0).any():
        return ring
    layers, found = known
    campaign, operator = layers.campaign_of(ring), layers.operator_of(ring)
    least = needed(campaign, settings)[found.group]
    fits = (ring[found.account] < 0) & (found.bits >= least) & (found.share >= LEAST_SHARE)
    fits &= ~conduct.excused[found.account]
    suspects = found.take(fits)
    manners = manner(rare.forms, campaign, CONTENT_RATE).of(suspects)

    def left(rows: Mask) -> Affinity:
        return suspects.take(rows & (ring[suspects.account] < 0))

    all_of_them = np.ones(len(manners), bool)
    used = affinity(rare.infrastructure, operator, INFRASTRUCTURE_RATE)
    used = used.take((used.bits >= settings.facet_floor) & (ring[used.account] < 0) & ~conduct.excused[used.account])
    ring = beside_operators(used, ring, layers, left(manners >= -settings.facet_floor), settings)
    ring = in_hiding(rare, ring, left(all_of_them), communities, settings)
    ring = by_manner(rare, ring, layers, left(manners >= least[fits]))
    ring = by_conduct(rare, ring, left(all_of_them), conduct, settings)
    return of_other_campaigns(rare, used.take(ring[used.account] < 0), ring, settings)

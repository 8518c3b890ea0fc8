"""The two layers above rings: operators, who run the infrastructure, and campaigns, which the traffic serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.kinds import BEHAVIOUR, FACETS, KINDS, PLACE_CODES, Facet
from linkage.rank.gathering import FEWEST
from linkage.rank.manner import Forms
from linkage.rank.overlap import joined, overlaps
from linkage.rank.pool import by_forms
from linkage.rank.profiles import common_places, rows_of
from linkage.rank.rare import RARE, RareUses
from linkage.rank.wide import Users

if TYPE_CHECKING:
    from linkage.rank.rings import FoundRing
    from linkage.settings import Settings
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

SAME_CAMPAIGN = 0.06
"""Overlap of prompts from which two rings serve one campaign; rings of different ones seldom reach 0.05."""

ONE_CAMPAIGN = 0.15
"""The same where one ring answers for another: that it is the conduct of a ring, or that it is the same ring."""

SAME_HANDS = 0.2
"""Overlap of infrastructure from which two rings have one operator."""

OWNED = tuple(
    kind for kind in KINDS if kind.facet in (Facet.PAYMENT, Facet.DEVICE, Facet.PROFILE) and kind.name != "bin"
)
"""What accounts run on that is bought and kept. Exits are rented, by many from one pool, and a BIN is its bank's."""

INFRASTRUCTURE: tuple[Facet, ...] = tuple(facet for facet in FACETS if facet not in BEHAVIOUR)

_PLACES = {code: place for place, code in PLACE_CODES.items()}


@dataclass(frozen=True, slots=True)
class Rare:
    """Uses of rare things, those of content and those of infrastructure apart, and of the forms of asking.

    `owned`: those of infrastructure that is bought and kept, as no address is; `pools`: users of infrastructure that is
    not rare; `places`: users of addresses where rings may gather.
    """

    content: RareUses
    infrastructure: RareUses
    owned: RareUses
    forms: Forms
    pools: Users
    places: Users

    @classmethod
    def of(cls, incidence: Incidence) -> Rare:
        """Returns the rare uses of the incidence."""
        content, infrastructure = RareUses.of(incidence, (Facet.CONTENT,)), RareUses.of(incidence, INFRASTRUCTURE)
        pools = Users.of(incidence, INFRASTRUCTURE, RARE + 1)
        places = Users.of(incidence, (Facet.NETWORK,), 2 * FEWEST)
        return cls(content, infrastructure, infrastructure.of_kinds(*OWNED), Forms.of(incidence), pools, places)


@dataclass(frozen=True, slots=True)
class Layers:
    """Campaign and operator by ring, each named by the first ring that belongs to it."""

    campaign: Ints
    operator: Ints

    @classmethod
    def of(cls, rare: Rare, ring: Ints) -> Layers:
        """Returns the layers above rings; `ring` is by account number, -1 for none."""
        campaign, operator = campaigns(rare, ring), operators(rare, ring)
        hands = overlaps(rare.infrastructure, ring, len(campaign), rare.pools)
        return cls(by_forms(rare.content, rare.forms, hands, ring, campaign), operator)

    def campaign_of(self, ring: Ints) -> Ints:
        """Returns the campaign of each account of a ring, -1 for none."""
        return lifted(self.campaign, ring)

    def operator_of(self, ring: Ints) -> Ints:
        """Returns the operator of each account of a ring, -1 for none."""
        return lifted(self.operator, ring)

    def largest_of(self, operator: int, ring: Ints) -> int:
        """Returns the ring of this operator with the most accounts, the first of several."""
        size = np.bincount(ring[ring >= 0], minlength=len(self.operator))
        return int(np.argmax(np.where(self.operator == operator, size, -1)))


def campaigns(rare: Rare, ring: Ints, least: float = SAME_CAMPAIGN) -> Ints:
    """Returns for each ring the first one that serves its campaign, by an overlap of prompts of `least` or more."""
    return joined(rare.content, ring, int(ring.max(initial=-1)) + 1, least, rare.forms.users)


def operators(rare: Rare, ring: Ints) -> Ints:
    """Returns for each ring the first one that has its operator, by an overlap of infrastructure of `SAME_HANDS`."""
    rings = int(ring.max(initial=-1)) + 1
    return joined(rare.infrastructure, ring, rings, SAME_HANDS, rare.pools, rare.owned)


def cells(campaign: Ints, operator: Ints) -> Ints:
    """Returns the number of the campaign and operator of each account (from 0, in the order of both), -1 for none."""
    both = (campaign >= 0) & (operator >= 0)
    cell = np.where(both, campaign.astype(np.int64) * (int(operator.max(initial=0)) + 1) + operator, -1)
    kept, number = np.unique(cell, return_inverse=True)
    return number.astype(np.int32) - np.int32(kept[0] < 0)


def lifted(layer: Ints, ring: Ints) -> Ints:
    """Returns the layer of each account of a ring, -1 for none."""
    return np.where(ring >= 0, np.append(layer, -1)[ring], -1).astype(np.int32)


def contexts(incidence: Incidence, rings: Sequence[FoundRing]) -> list[str]:
    """Returns for each ring the sort of place that most of its accounts came from, or an empty text."""
    found = common_places(incidence, *rows_of(rings))
    return ["" if code is None else _PLACES[code] for code in found]


def ring_of(rings: Sequence[FoundRing], accounts: int) -> Ints:
    """Returns the ring of each account number, -1 for none; bystanders are in none."""
    ring = np.full(accounts, -1, np.int32)
    for number, found in enumerate(rings):
        ring[list(found.members)] = number
    return ring


def numbered(ring: Ints, least: int) -> Ints:
    """Returns the rings by account with numbers from 0, without those of fewer than `least` accounts."""
    size = np.bincount(ring[ring >= 0], minlength=int(ring.max(initial=-1)) + 1)
    number = np.full(len(size) + 1, -1, np.int32)
    kept = np.flatnonzero(size >= least)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return number[ring]  # the last one, -1, stands for none


def needed(group: Ints, settings: Settings) -> Floats:
    """Returns the bits that belonging to each group needs: the prior log2(N / size) and the margin of a link."""
    size = np.bincount(group[group >= 0], minlength=int(group.max(initial=-1)) + 1)
    return np.log2(len(group) / np.maximum(size, 1)) + settings.link_margin

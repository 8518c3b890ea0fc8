"""The two layers above rings: operators, who run the infrastructure, and campaigns, which the traffic serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BEHAVIOUR, FACETS, PLACE_CODES
from linkage.rank.profiles import alike, common_places, rows_of

if TYPE_CHECKING:
    from linkage.rank.rings import FoundRing
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]

ALIKE = 0.5
"""Cosine of two rings' rarity-weighted prompt profiles from which they serve one campaign."""

SAME_HANDS = 0.10
"""Share of the smaller ring's bits of infrastructure that two rings of one operator share."""

_INFRASTRUCTURE = [number for number, facet in enumerate(FACETS) if facet not in BEHAVIOUR]
_PLACES = {code: place for place, code in PLACE_CODES.items()}


def operators(links: LinkColumns, rings: Sequence[FoundRing], accounts: int) -> Ints:
    """Returns for each ring the first ring of its operator."""
    ring = ring_of(rings, accounts)
    bits = links.facets[:, _INFRASTRUCTURE].sum(axis=1)
    one, two = ring[links.a], ring[links.b]
    rows = (one >= 0) & (two >= 0)
    one, two, bits = one[rows], two[rows], bits[rows]
    volume = np.bincount(one, weights=bits, minlength=len(rings))
    volume += np.bincount(two, weights=bits, minlength=len(rings))
    low, high = np.minimum(one, two).astype(np.int64), np.maximum(one, two).astype(np.int64)
    pairs, place = np.unique((low * len(rings) + high)[low != high], return_inverse=True)
    between = np.bincount(place, weights=bits[low != high], minlength=len(pairs))
    low, high = pairs // max(len(rings), 1), pairs % max(len(rings), 1)
    same = between >= SAME_HANDS * np.minimum(volume[low], volume[high])
    return components(low[same].astype(np.int32), high[same].astype(np.int32), len(rings))


def campaigns(incidence: Incidence, rings: Sequence[FoundRing]) -> Ints:
    """Returns for each ring the first ring of its campaign."""
    low, high = alike(incidence, *rows_of(rings), ALIKE)
    return components(low, high, len(rings))


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

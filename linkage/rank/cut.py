"""Cuts rings that hold several campaigns, or several operators: one layer joins what the other does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.rank.formed import formed
from linkage.rank.gathering import gathered
from linkage.rank.layers import Layers, Rare, campaigns, cells, lifted, numbered, operators
from linkage.rank.partners import partners
from linkage.rank.pieces import mended, parted, pieces
from linkage.rank.rare import THINGS
from linkage.rank.strays import at_home, on_their_own

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]


def cut(
    rare: Rare,
    ring: Ints,
    communities: Callable[[LinkColumns], Ints],
    settings: Settings,
    whole: bool = False,
) -> Ints:
    """Returns rings of one campaign and one operator each.

    A ring is cut into the `communities` of its accounts by their content, and these by their infrastructure. What
    was cut too finely comes together again: pieces of one campaign (by the overlap of their content) and one
    operator (by that of their infrastructure) are one ring, and so are those that only together have one.

    `whole`: rings have all of their accounts by now, so that small operators beside large ones can be told, too.
    """
    if not (ring >= 0).any():
        return ring
    ring = pieces(ring, communities(partners(rare.content, ring)), settings.min_ring)
    anywhere = np.where(ring >= 0, 0, -1).astype(np.int32)  # an operator's accounts in other campaigns tell it, too
    near = partners(rare.infrastructure, anywhere, THINGS)
    community = communities(near)
    ring = pieces(ring, community, settings.min_ring)
    if whole:
        ring = parted(rare, ring, communities, settings)
    campaign = lifted(campaigns(rare, ring), ring)
    ring = at_home(ring, community, campaign, settings.min_ring)
    if whole:
        operator = lifted(operators(rare, ring), ring)
        ring = on_their_own(rare, ring, community, near, campaign, operator, communities, settings.min_ring)
    layers = Layers.of(rare, ring)
    campaign = layers.campaign_of(ring)
    ring = numbered(cells(campaign, layers.operator_of(ring)), settings.min_ring)
    together = np.where(community >= 0, campaign.astype(np.int64) * (len(ring) + 1) + community, -1)
    ring = mended(ring, together, near)
    ring = numbered(gathered(rare.places, ring, campaign), settings.min_ring)
    return formed(rare.forms, ring, communities, settings.min_ring) if whole else ring

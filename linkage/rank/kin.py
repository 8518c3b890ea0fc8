"""Rings that are one and the same although all their accounts are others: told by what they use.

A ring is what one operator runs for one campaign. So two rings are kin if their rare infrastructure overlaps as that
of one operator does and their prompts, where both have any, as those of one campaign do. Where an operator left all
its infrastructure behind, prompts alone tell, but only in a campaign of which no third ring is known.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.rank.layers import ONE_CAMPAIGN, SAME_HANDS, Rare
from linkage.rank.overlap import LEAST_SHARED, overlaps
from linkage.rank.rare import RareUses

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


def kin(
    rare: Rare, group: Ints, groups: int, now: npt.NDArray[np.int64], before: npt.NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Returns pairs of a group of `now` and one of `before` that are kin, the closest first.

    `group` is by account number, -1 for none; all groups tell which campaigns have more than one ring.
    """
    content, has_content = _overlap(rare.content, group, groups)
    hands, _ = _overlap(rare.infrastructure, group, groups)
    found = []
    for one in now.tolist():
        in_campaign = np.flatnonzero(content[one] >= ONE_CAMPAIGN)
        for two in before.tolist():
            silent = not (has_content[one] and has_content[two])
            same_campaign = content[one, two] >= ONE_CAMPAIGN
            by_hands = hands[one, two] >= SAME_HANDS and (same_campaign or silent)
            alone = same_campaign and set(in_campaign.tolist()) <= {one, two}
            if by_hands or alone:
                found.append((-float(content[one, two] + hands[one, two]), one, two))
    return [(one, two) for _, one, two in sorted(found)]


def _overlap(uses: RareUses, group: Ints, groups: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Returns the overlap of each pair of groups, 0 where too little is shared, and which groups use such things."""
    low, high, shared, within = overlaps(uses, group, groups)
    overlap = np.zeros((groups, groups))
    enough = shared >= LEAST_SHARED
    low, high, shared = low[enough], high[enough], shared[enough]
    overlap[low, high] = overlap[high, low] = shared / np.sqrt(np.maximum(within[low] * within[high], 1e-12))
    return overlap, within > 0

"""Cores that share neither address nor card nor device, told by what their accounts ask, how much, and when they came.

Careful accounts have homes and cards of their own, so that no link leads from one to another. Their campaign still
deals out its questions. Communities over rare prompts alone prove little, since people who work through one public
data set make some too: they have to have the conduct of a ring, and two kinds of it that do not lie in the prompts,
since no infrastructure supports them: they ask more than people do, and came closer together than strangers by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS
from linkage.rank.affinity import Affinity, judged, met, met_again
from linkage.rank.conduct import Conduct
from linkage.rank.joining import CONTENT_RATE
from linkage.rank.judge import judge, without_conduct
from linkage.rank.layers import ONE_CAMPAIGN, Rare, campaigns, lifted, needed, numbered
from linkage.rank.partners import partners
from linkage.rank.verdict import BY_CHANCE, chance

if TYPE_CHECKING:
    from linkage.settings import Settings
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]

LEAST_PROMPTS = 16
"""Rare prompts that an account must have to be told by them."""

LEAST_SHARE = 0.3
"""So much of the use that others make of its rare prompts lies in its group: the rest is camouflage."""

BUSIER, CLOSER = 1.0, 2.0
"""Bits of volume and of sign-up that such a group has at least: it asks twice as much as is usual, and came within
a fourth of the time (and `BY_CHANCE` closer, if it is small): of a thousand groups of strangers hardly one does."""

ROUNDS = 8


def cores_by_content(
    incidence: Incidence,
    rare: Rare,
    core: Ints,
    conduct: Conduct,
    communities: Callable[[LinkColumns], Ints],
    settings: Settings,
) -> Ints:
    """Returns the cores (by account, -1 for none) with those that are told by what they ask behind them."""
    busy = conduct.requests >= 2.0**BUSIER * conduct.usual_requests
    seen = ~conduct.excused & busy & (rare.content.things >= LEAST_PROMPTS)
    if np.count_nonzero(seen & (core < 0)) < settings.min_ring:
        return core
    # accounts of cores are looked at, too: a campaign may be served by rings of both sorts
    found = communities(partners(rare.content, np.where(seen, 0, -1).astype(np.int32)))
    pieces = numbered(np.where(seen, found, -1).astype(np.int32), settings.min_ring)
    if not (pieces >= 0).any():
        return core
    # a campaign that fell in pieces is looked at as a whole first, and then by piece
    whole = lifted(campaigns(rare, pieces, ONE_CAMPAIGN), pieces)
    settled = _settled(rare, whole, seen, settings)
    for group in (whole, pieces):
        if not np.array_equal(group, whole):
            settled = _settled(rare, group, seen, settings)
        left = numbered(np.where(core < 0, settled, -1).astype(np.int32), settings.min_ring)
        core = _with_good(incidence, left, core, conduct, settings)
    return core


def _with_good(incidence: Incidence, group: Ints, core: Ints, conduct: Conduct, settings: Settings) -> Ints:
    """Returns the cores with those groups (by account, -1 for none) behind them that have the conduct of a ring.

    Members that have none of their own are left out.
    """
    verdicts = judge(incidence, group, _NO_LINKS, conduct)
    stands = [
        verdict.bits >= verdict.needed(settings.ring_bits)
        and verdict.repertoire > 0
        and verdict.volume >= BUSIER
        and verdict.signup >= CLOSER + BY_CHANCE * chance(len(verdict.members))
        and not verdict.placed
        for verdict in verdicts
    ]
    good = np.append(np.array(stands, bool), False)[group]
    good[without_conduct(group, verdicts, settings.member_bits)] = False
    return numbered(np.where(good, core.max(initial=-1) + 1 + group, core).astype(np.int32), settings.min_ring)


def _settled(rare: Rare, group: Ints, seen: npt.NDArray[np.bool_], settings: Settings) -> Ints:
    """Returns the groups once all have left whose rare prompts do not tie them to it.

    What counts is the use that others who may be told so (`seen`) make of these: a campaign's accounts that ask too
    little to be told are in no group yet.
    """
    group = numbered(group, settings.min_ring)
    others = group.max(initial=-1) + 1  # the number of those in no group
    rest = np.where(seen & (group < 0), others, group).astype(np.int32)
    rows = met(rare.content, rest)
    for left in reversed(range(ROUNDS)):
        if not (group >= 0).any():
            break
        near = judged(rows, rare.content.things, rest, CONTENT_RATE)
        before, group = group, _large(np.where(_held(near, group, settings), group, -1), settings.min_ring)
        moved = before != group
        if not (left and moved.any()):
            break
        rest = np.where(seen & (group < 0), others, group).astype(np.int32)
        rows = met_again(rare.content, rest, rows, moved)  # few leave at a time
    return numbered(group, settings.min_ring)


def _held(near: Affinity, group: Ints, settings: Settings) -> npt.NDArray[np.bool_]:
    """Returns which accounts their group holds."""
    told = np.bincount(near.account, weights=near.share, minlength=len(group))[near.account]
    mine = group[near.account] == near.group
    held = np.zeros(len(group), bool)
    held[near.account[mine]] = (near.share[mine] >= LEAST_SHARE * told[mine]) & (
        near.bits[mine] >= needed(group, settings)[near.group[mine]]
    )
    return held


def _large(group: Ints, least: int) -> Ints:
    """Returns the groups of `least` accounts or more under their numbers, -1 for the rest."""
    size = np.bincount(group[group >= 0], minlength=1)
    return np.where(np.append(size, 0)[group] >= least, group, -1).astype(np.int32)


_NONE = np.empty(0, np.int32)
_NO_LINKS = LinkColumns(_NONE, _NONE, _NONE, np.empty((0, len(FACETS)), np.int32), np.empty(0, np.uint8))

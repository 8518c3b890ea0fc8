"""From communities to rings that stand: members without conduct of their own leave, and what is left is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.rank.asking import cores_by_content
from linkage.rank.conduct import Conduct, read_conduct
from linkage.rank.cut import cut
from linkage.rank.judge import judge, without_conduct
from linkage.rank.layers import ONE_CAMPAIGN, Rare, campaigns, lifted, numbered
from linkage.rank.membership import settle, standing
from linkage.rank.newcomers import cores_by_hands
from linkage.rank.profiles import grouped_by
from linkage.rank.rings import FoundRing, assemble, bodies, rank
from linkage.rank.verdict import FEWEST
from linkage.rank.webs import webs
from linkage.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Partition = Callable[[LinkColumns], Ints]

ROUNDS = 8
"""Innocents leave in a few rounds: each makes the sign-ups and prompts of those left more alike."""

FAR, TRIMS = 7.0, 2
"""Bits by which a member's own conduct lies under the median of its ring at most, and how often that is looked at."""


def select(
    con: duckdb.DuckDBPyConnection,
    incidence: Incidence,
    rare: Rare,
    links: LinkColumns,
    community: Ints,
    partition: Partition,
    communities: Partition,
    settings: Settings,
) -> list[FoundRing]:
    """Returns the rings whose conduct has the bits that a ring needs, strongest first.

    `partition` finds communities among the links that are left after members left, `communities` among weights
    of any sort, without joining pieces. Where the facts hold no traffic there is no conduct to judge, and every
    community with enough support is a ring.
    """
    conduct = read_conduct(con, incidence)
    if np.isnan(conduct.usual_requests):
        return rank(links, community, settings)
    strong = links.take(links.grade == BEHAVIOUR_GRADE)
    ring = _cores(incidence, strong, community, conduct, partition, settings)
    ring = cores_by_hands(incidence, links, ring, conduct, communities, settings)
    told = cores_by_content(incidence, rare, ring, conduct, communities, settings)
    asking = np.where(ring < 0, told, -1).astype(np.int32)
    ring = cut(rare, told, communities, settings)
    ring = settle(rare, ring, conduct, communities, settings)
    ring = _without_the_framed(incidence, strong, ring, conduct, settings)
    ring = cut(rare, ring, communities, settings, whole=True)
    ring = _of_good_campaigns(incidence, rare, strong, ring, asking, conduct, settings)
    ring = webs(incidence, rare, ring, conduct, communities, settings)
    return assemble(links, ring, settings, standing(rare, ring, settings))


def _cores(
    incidence: Incidence,
    strong: LinkColumns,
    community: Ints,
    conduct: Conduct,
    partition: Partition,
    settings: Settings,
) -> Ints:
    """Returns the communities that have the conduct of a ring once members without conduct of their own have left.

    A community that nobody leaves is settled; what is left of others is partitioned and judged again. In the last
    round nobody leaves any more.
    """
    core, cores, first = np.full(len(community), -1, np.int32), 0, community
    for left in range(ROUNDS, -1, -1):
        ring = bodies(strong, community, settings)
        verdicts = judge(incidence, ring, strong, conduct)
        leaving = without_conduct(ring, verdicts, settings.member_bits) if left else np.empty(0, np.int32)
        broken = np.zeros(int(community.max(initial=-1)) + 2, bool)
        broken[community[leaving]] = True
        needs = settings.ring_bits + _chosen(ring, core, first)
        stands = np.array([one.stands(least) for one, least in zip(verdicts, needs.tolist(), strict=True)], bool)
        good = np.flatnonzero((ring >= 0) & ~broken[community])
        good = good[stands[ring[good]]]
        core[good] = cores + ring[good]
        cores += len(verdicts)
        if len(leaving) == 0:
            break
        community = np.where(broken[community], community, -1).astype(np.int32)
        community[leaving] = -1
        community = partition(strong.take((community[strong.a] == community[strong.b]) & (community[strong.a] >= 0)))
    return numbered(core, settings.min_ring)


def _chosen(ring: Ints, core: Ints, community: Ints) -> npt.NDArray[np.float64]:
    """Returns the bits that each ring owes to choice, where of its first community few were left who are alike.

    To keep the best half is free; each halving more is a bit, as much of it as a small number may owe to luck.
    """
    known = community >= 0
    many = np.bincount(community[known], minlength=1)
    left = np.bincount(community[known & ((ring >= 0) | (core >= 0))], minlength=len(many))
    inside = np.flatnonzero((ring >= 0) & known)
    most = np.zeros(int(ring.max(initial=-1)) + 1)
    halved = np.log2(np.maximum(many, 1) / np.maximum(left, 1))[community[inside]] - 1
    np.maximum.at(most, ring[inside], halved)
    size = np.bincount(ring[ring >= 0], minlength=len(most))
    bits: npt.NDArray[np.float64] = most * np.minimum(1.0, (FEWEST / np.maximum(size, 1)) ** 0.5)
    return bits


def _without_the_framed(
    incidence: Incidence, links: LinkColumns, ring: Ints, conduct: Conduct, settings: Settings
) -> Ints:
    """Returns the rings without members whose own conduct is far from that of the ring, or unlike it.

    Who is dragged in, by an address that a ring passed through or by words that it copied, does not ask as much, and
    did not come when its accounts came.
    """
    for _ in range(TRIMS):
        verdicts = judge(incidence, ring, links, conduct)
        _, members = grouped_by(ring)
        away = [np.median(one.members) - np.array(one.members) for one in verdicts]
        out = np.concatenate([np.empty(0), *away]) > FAR
        out |= np.concatenate([np.empty(0, bool), *(np.array(one.unlike, bool) for one in verdicts)])
        if not out.any():
            break
        ring = ring.copy()
        ring[members[out]] = -1
        ring = numbered(ring, settings.min_ring)
    return ring


def _of_good_campaigns(
    incidence: Incidence, rare: Rare, links: LinkColumns, ring: Ints, asking: Ints, conduct: Conduct, settings: Settings
) -> Ints:
    """Returns the rings of those campaigns that have the conduct that a ring needs, or of which one ring or core has.

    The questions of a campaign are asked by accounts of all its rings, so that of a small one little is seen alone. And
    who joined a core is seen to be of its campaign, if not always to be as busy.
    """
    if not (ring >= 0).any():
        return ring
    campaign = lifted(campaigns(rare, ring, ONE_CAMPAIGN), ring)
    kept, together = np.unique(campaign, return_inverse=True)
    whole = together.astype(np.int32) - np.int32(kept[0] < 0)
    good: list[int] = []
    parts = np.where((ring >= 0) & (asking >= 0), asking.astype(np.int64) * (len(kept) + 1) + together, -1)
    left, part = np.unique(parts, return_inverse=True)
    left_of_cores = numbered(part.astype(np.int32) - np.int32(left[0] < 0), settings.min_ring)
    for group in (ring, whole, left_of_cores):
        verdicts = judge(incidence, group, links, conduct)
        standing = np.array([verdict.stands(settings.ring_bits) for verdict in verdicts], bool)
        good += np.unique(campaign[(group >= 0) & np.append(standing, False)[group]]).tolist()
    return numbered(np.where(np.isin(campaign, good), ring, -1).astype(np.int32), settings.min_ring)

"""From communities to rings that stand: members without conduct of their own leave, and what is left is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.rank.asking import cores_by_content
from linkage.rank.cut import cut
from linkage.rank.judge import Conduct, judge, read_conduct, without_conduct
from linkage.rank.layers import Layers, Rare, numbered
from linkage.rank.membership import settle, standing
from linkage.rank.newcomers import cores_by_hands
from linkage.rank.rings import FoundRing, assemble, bodies, rank
from linkage.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Partition = Callable[[LinkColumns], Ints]

ROUNDS = 8
"""Innocents leave in a few rounds: each makes the sign-ups and prompts of those left more alike."""


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
    conduct = read_conduct(con)
    if np.isnan(conduct.usual_requests):
        return rank(links, community, settings)
    strong = links.take(links.grade == BEHAVIOUR_GRADE)
    ring = _cores(incidence, strong, community, conduct, partition, settings)
    ring = cores_by_hands(incidence, links, ring, conduct, communities, settings)
    ring = cores_by_content(incidence, rare, ring, conduct, communities, settings)
    ring = cut(rare, ring, communities, settings)
    ring = settle(rare, ring, conduct, communities, settings)
    ring = _of_good_campaigns(incidence, rare, strong, cut(rare, ring, communities, settings), conduct, settings)
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
    core, cores = np.full(len(community), -1, np.int32), 0
    for left in range(ROUNDS, -1, -1):
        ring = bodies(strong, community, settings)
        verdicts = judge(incidence, ring, strong, conduct)
        leaving = without_conduct(ring, verdicts, settings.member_bits) if left else np.empty(0, np.int32)
        broken = np.zeros(int(community.max(initial=-1)) + 2, bool)
        broken[community[leaving]] = True
        stands = np.array([verdict.stands(settings.ring_bits) for verdict in verdicts], bool)
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


def _of_good_campaigns(
    incidence: Incidence, rare: Rare, links: LinkColumns, ring: Ints, conduct: Conduct, settings: Settings
) -> Ints:
    """Returns the rings of those campaigns of which one ring at least has the conduct that a ring needs."""
    verdicts = judge(incidence, ring, links, conduct)
    campaign = Layers.of(rare, ring).campaign
    good = [number for number, verdict in enumerate(verdicts) if verdict.stands(settings.ring_bits)]
    stands = np.append(np.isin(campaign, campaign[good]), False)[ring]
    return numbered(np.where(stands, ring, -1).astype(np.int32), settings.min_ring)

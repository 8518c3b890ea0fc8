"""From communities to rings that stand: members without conduct of their own leave, and what is left is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.rings import Role
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.rank.cut import cut
from linkage.rank.judge import Conduct, Verdict, judge, read_conduct
from linkage.rank.layers import Layers, Rare, numbered, ring_of
from linkage.rank.membership import settle, standing
from linkage.rank.rings import FoundRing, assemble, rank
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
    strong = _strong(links)
    for _ in range(ROUNDS):
        rings = rank(links, community, settings)
        leaving = _leaving(rings, judge(incidence, rings, strong, conduct), settings)
        if len(leaving) == 0:
            break
        community[leaving] = -1
        community = partition(_inside(links, community))
    rings = rank(links, community, settings)
    verdicts = judge(incidence, rings, strong, conduct)
    core = [ring for ring, verdict in zip(rings, verdicts, strict=True) if verdict.stands(settings.ring_bits)]
    rare = Rare.of(incidence)
    ring = cut(incidence, rare, ring_of(core, incidence.accounts), communities, settings)
    ring = settle(incidence, rare, links, ring, conduct, partition, communities, settings)
    ring = _of_good_campaigns(
        incidence, rare, strong, cut(incidence, rare, ring, communities, settings), conduct, settings
    )
    return assemble(links, ring, settings, standing(incidence, rare, ring, settings))


def _of_good_campaigns(
    incidence: Incidence, rare: Rare, links: LinkColumns, ring: Ints, conduct: Conduct, settings: Settings
) -> Ints:
    """Returns the rings of those campaigns of which one ring at least has the conduct that a ring needs."""
    found = [
        FoundRing(accounts, (Role.MEMBER,) * len(accounts), (), (), 0.0, ())
        for accounts in (tuple(np.flatnonzero(ring == one).tolist()) for one in range(int(ring.max(initial=-1)) + 1))
    ]
    verdicts = judge(incidence, found, links, conduct)
    campaign = Layers.of(incidence, rare, ring).campaign
    good = [number for number, verdict in enumerate(verdicts) if verdict.stands(settings.ring_bits)]
    stands = np.append(np.isin(campaign, campaign[good]), False)[ring]
    return numbered(np.where(stands, ring, -1).astype(np.int32), settings.min_ring)


def _strong(links: LinkColumns) -> LinkColumns:
    return links.take(links.grade == BEHAVIOUR_GRADE)


def _inside(links: LinkColumns, community: Ints) -> LinkColumns:
    strong = _strong(links)
    return strong.take((community[strong.a] == community[strong.b]) & (community[strong.a] >= 0))


def _leaving(rings: list[FoundRing], verdicts: list[Verdict], settings: Settings) -> Ints:
    """Returns the members whose own conduct lacks the bits that a member needs."""
    leaving = [
        account
        for ring, verdict in zip(rings, verdicts, strict=True)
        for account, bits in zip(ring.members, verdict.members, strict=True)
        if bits < settings.member_bits
    ]
    return np.array(leaving, np.int32)

"""From communities to rings that stand: members without conduct of their own leave, and what is left is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.rank.judge import Verdict, judge, read_conduct
from linkage.rank.rings import FoundRing, rank
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
    settings: Settings,
) -> list[FoundRing]:
    """Returns the rings whose conduct has the bits that a ring needs, strongest first.

    `partition` finds communities among the links that are left after members left. Where the facts hold no
    traffic there is no conduct to judge, and every community with enough support is a ring.
    """
    conduct = read_conduct(con)
    if np.isnan(conduct.usual_requests):
        return rank(links, community, settings)
    for _ in range(ROUNDS):
        rings = rank(links, community, settings)
        verdicts = judge(incidence, rings, _strong(links), conduct)
        leaving = _leaving(rings, verdicts, settings)
        if len(leaving) == 0:
            break
        community[leaving] = -1
        community = partition(_inside(links, community))
    rings = rank(links, community, settings)
    verdicts = judge(incidence, rings, _strong(links), conduct)
    return [ring for ring, verdict in zip(rings, verdicts, strict=True) if verdict.bits >= settings.ring_bits]


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

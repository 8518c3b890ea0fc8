"""Rings that follow one another: an operator whose accounts were all banned, and who goes on with new ones.

Such accounts never met, so no link joins them: addresses are shared by the day, and the dead have no days any more.
Two rings that are kin by what they use, of which the later began when the earlier had ended, are one ring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.kinds import FACETS
from linkage.model.rings import Role
from linkage.rank.kin import kin
from linkage.rank.layers import Rare, ring_of
from linkage.rank.rings import FoundRing

if TYPE_CHECKING:
    import duckdb

Minutes = npt.NDArray[np.int64]

OVERLAP = 1440
"""Minutes in which the later ring may already work while the earlier one still does: bans take a day."""


def follow(con: duckdb.DuckDBPyConnection, rare: Rare, rings: list[FoundRing]) -> list[FoundRing]:
    """Returns the rings, those that follow one another as one, strongest first, then by their first account."""
    if len(rings) < 2:
        return rings
    rows = con.execute("SELECT first_minute, last_minute FROM habit ORDER BY ordinal").fetchnumpy()
    first, last = (np.ma.filled(np.ma.asarray(rows[name], np.int64), -1) for name in ("first_minute", "last_minute"))
    return successions(rare, rings, first, last)


def successions(rare: Rare, rings: list[FoundRing], first: Minutes, last: Minutes) -> list[FoundRing]:
    """Returns the rings, joined; `first` and `last` are the minutes by account between which it was seen, or -1."""
    began = np.array([_edge(first[list(ring.members)], np.min) for ring in rings])
    ended = np.array([_edge(last[list(ring.members)], np.max) for ring in rings])
    every = np.arange(len(rings))
    parts = [[one] for one in every.tolist()]
    pairs = kin(rare, ring_of(rings, rare.content.accounts), len(rings), every, every)
    for one, two in pairs:
        if one < two and parts[one] is not parts[two] and _in_turn(parts[one], parts[two], began, ended):
            parts[one] += parts[two]
            for member in parts[two]:
                parts[member] = parts[one]
    joined = {id(part): part for part in parts}.values()
    made = [_one([rings[number] for number in part]) for part in joined]
    return sorted(made, key=lambda ring: (-ring.score, ring.accounts[0]))


def _edge(minutes: Minutes, edge: Callable[[Minutes], np.int64]) -> int:
    known = minutes[minutes >= 0]
    return int(edge(known)) if len(known) else -1


def _in_turn(some: Sequence[int], others: Sequence[int], began: Minutes, ended: Minutes) -> bool:
    """Returns whether no two of these rings worked at the same time."""
    return all(_after(one, two, began, ended) or _after(two, one, began, ended) for one in some for two in others)


def _after(one: int, two: int, began: Minutes, ended: Minutes) -> bool:
    """Returns whether ring `one` began when ring `two` had ended."""
    return bool(began[one] >= 0 and ended[two] >= 0 and began[one] + OVERLAP >= ended[two] and ended[one] > ended[two])


def _one(rings: Sequence[FoundRing]) -> FoundRing:
    """Returns one ring of several; a member of one of them is no bystander of another."""
    if len(rings) == 1:
        return rings[0]
    rows = [row for ring in rings for row in zip(ring.accounts, ring.roles, ring.bits, ring.weakest, strict=True)]
    inside = {row[0] for row in rows if row[1] is not Role.BYSTANDER}
    members = sorted(row for row in rows if row[1] is not Role.BYSTANDER)
    beside = {row[0]: row for row in rows if row[0] not in inside}
    accounts, roles, bits, weakest = zip(*members, *(beside[account] for account in sorted(beside)), strict=True)
    facets = tuple(facet for facet in FACETS if any(facet in ring.facets for ring in rings))
    return FoundRing(accounts, roles, bits, weakest, round(sum(ring.score for ring in rings), 3), facets)

"""What the ring ledger is told: every ring that there ever was, and who are kin by what they use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from linkage.model.history import Stay
from linkage.model.rings import Event, Member, Ring, Role
from linkage.publish import Kinship, Past
from linkage.rank.kin import kin
from linkage.rank.layers import Rare
from linkage.stores.base import Store
from linkage.stores.history import ALL_EVENTS
from linkage.working.incidence import read_incidence

if TYPE_CHECKING:
    import duckdb

    from linkage.working import WorkingFile

Standing = Mapping[str, tuple[Ring, Mapping[str, Member]]]
"""The rings of a run with their members, by ring and account."""

_TOLD = (Event.FORMED, Event.GREW, Event.SHRANK, Event.SPLIT, Event.REVIVED)
"""Events after which a ring's size is known to who reads them."""


def standing(store: Store) -> dict[str, tuple[Ring, dict[str, Member]]]:
    """Returns the rings of the current run with their members."""
    if store.current_run() is None:
        return {}
    members: dict[str, dict[str, Member]] = defaultdict(dict)
    for member in store.all_members():
        members[member.ring_id][member.account_id] = member
    return {ring.ring_id: (ring, members.get(ring.ring_id, {})) for ring in _rings(store)}


def past_rings(store: Store, now: Standing) -> dict[str, Past]:
    """Returns every ring there ever was; `now` are those of the current run."""
    stays: dict[str, list[Stay]] = defaultdict(list)
    for stay in store.stays():
        if stay.role is not Role.BYSTANDER:
            stays[stay.ring_id].append(stay)
    told = {event.ring_id: event.run_id for event in reversed(store.events(limit=ALL_EVENTS)) if event.event in _TOLD}
    past = {}
    for ring in store.known_rings():
        own = stays[ring.ring_id]
        if ring.ring_id in now:
            members = frozenset(
                one.account_id for one in now[ring.ring_id][1].values() if one.role is not Role.BYSTANDER
            )
        else:
            members = _last(own)
        run = told.get(ring.ring_id, "")
        size = len({stay.account_id for stay in own if stay.holds(run)})
        ever = frozenset(stay.account_id for stay in own if stay.from_run <= run)
        past[ring.ring_id] = Past(ring.status, members, size or len(members), ever or members)
    return past


def kinship_of(
    working: WorkingFile, found: Sequence[Iterable[str]], past: Mapping[str, Past], rare: Rare | None = None
) -> Kinship:
    """Returns what tells which rings are kin by what they use, which is read when it is asked and was not given."""

    def kinship(numbers: Sequence[int], ring_ids: Sequence[str]) -> list[tuple[int, str]]:
        with working.read() as con:
            ordinal_of = _ordinals(con)
            used = rare or Rare.of(read_incidence(con))
        group = np.full(used.content.accounts, -1, np.int32)
        first = len(found)
        groups = [*found, *(past[ring_id].members for ring_id in ring_ids)]
        for at in reversed(range(len(groups))):  # an account of both is one of the ring that it is in now
            group[[ordinal_of[one] for one in groups[at] if one in ordinal_of]] = at
        pairs = kin(used, group, len(groups), np.array(numbers), np.arange(first, len(groups)))
        return [(one, ring_ids[other - first]) for one, other in pairs]

    return kinship


def _rings(store: Store) -> Iterable[Ring]:
    after: str | None = None
    while page := store.rings(1000, after):
        yield from page
        after = page[-1].ring_id


def _last(stays: Sequence[Stay]) -> frozenset[str]:
    """Returns the accounts of a ring that has ended: those who were in it to the last."""
    end = max((stay.until_run for stay in stays), default="")
    return frozenset(stay.account_id for stay in stays if stay.until_run == end)


def _ordinals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(con.execute("SELECT id, ordinal FROM account JOIN habit USING (account)").fetchall())

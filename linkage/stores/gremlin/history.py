"""Earlier runs in a Gremlin store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from linkage.model.history import PastRing, Stay
from linkage.model.rings import Ring, RingEvent, Role
from linkage.stores.gremlin import documents, rows
from linkage.stores.gremlin.directory import Directory
from linkage.stores.gremlin.published import Published
from linkage.stores.history import RunHistory


class GremlinHistory(Published, RunHistory):
    """The history half of the Gremlin store."""

    def known_rings(self) -> list[Ring]:
        found = self._snapshot()
        return self._rings(found, sorted(found.rings)) if found else []

    def stays(self) -> list[Stay]:
        found = self._snapshot()
        return self._stays(found, sorted(found.rings)) if found else []

    def ring_as_of(self, ring_id: str, run_id: str) -> PastRing | None:
        found = self._snapshot()
        kept = documents.of_rings(self._session, "RingVersion", [ring_id]) if found else []
        versions = [row for row in self._valid(found, kept) if row["run"] <= run_id] if found else []
        if not found or not versions:
            return None
        stays = [stay for stay in self._stays(found, [ring_id]) if stay.holds(run_id)]
        stays.sort(key=lambda stay: (rows.ROLES[stay.role], stay.account_id))
        return PastRing(run_id, rows.ring(max(versions, key=lambda row: str(row["run"]))), tuple(stays))

    def events(self, ring_id: str | None = None, limit: int = 1000, run_id: str | None = None) -> list[RingEvent]:
        found = self._snapshot()
        if not found:
            return []
        if ring_id is not None:
            kept = self._valid(found, documents.of_rings(self._session, "RingEvent", [ring_id]))
            return newest([row for row in kept if run_id in (None, row["run"])])[:limit]
        events: list[RingEvent] = []
        for run in sorted(found.runs, reverse=True) if run_id is None else [run_id]:
            if len(events) < limit and run in found.runs:
                events += newest(documents.of_runs(self._session, "RingEvent", [found.runs[run]]))
        return events[:limit]

    def _stays(self, found: Directory, ring_ids: Iterable[str]) -> list[Stay]:
        """Returns who was in these rings when: each coming with the first going after it, if any."""
        names = list(ring_ids)
        came, went = (
            self._valid(found, documents.of_rings(self._session, label, names)) for label in ("Stay", "StayEnd")
        )
        ends: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in went:
            ends[_who(row)].append(row["run"])
        stays = [
            Stay(
                row["ring_id"],
                row["account_id"],
                Role(row["role"]),
                row["run"],
                min((run for run in ends[_who(row)] if run > row["run"]), default=""),
            )
            for row in came
        ]
        return sorted(stays, key=lambda stay: (stay.ring_id, stay.account_id, stay.from_run))


def _who(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["ring_id"], row["account_id"], row["role"]


def newest(kept: Iterable[dict[str, Any]]) -> list[RingEvent]:
    """Returns events, the newest run first, then by ring, event and other ring."""
    events = sorted(map(rows.event, kept), key=lambda one: (one.ring_id, one.event, one.other_ring_id))
    return sorted(events, key=lambda one: one.run_id, reverse=True)

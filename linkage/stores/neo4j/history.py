"""Earlier runs in Neo4j."""

from __future__ import annotations

from linkage.model.history import PastRing, Stay
from linkage.model.rings import Ring, RingEvent
from linkage.stores.history import RunHistory
from linkage.stores.neo4j import rows
from linkage.stores.neo4j.session import Session


class Neo4jHistory(RunHistory):
    """The history half of the Neo4j store."""

    _session: Session

    def known_rings(self) -> list[Ring]:
        return [rows.ring(row) for row in self._session.read("serve/list_known_rings")]

    def stays(self) -> list[Stay]:
        return [rows.stay(row) for row in self._session.read("serve/list_stays")]

    def ring_as_of(self, ring_id: str, run_id: str) -> PastRing | None:
        version = self._session.read("serve/find_ring_version", ring=ring_id, run=run_id)
        if not version:
            return None
        stays = self._session.read("serve/list_ring_stays", ring=ring_id, run=run_id)
        return PastRing(run_id, rows.ring(version[0]), tuple(rows.stay(row) for row in stays))

    def events(self, ring_id: str | None = None, limit: int = 1000, run_id: str | None = None) -> list[RingEvent]:
        found = self._session.read("serve/list_events", ring=ring_id, run=run_id, limit=limit)
        return [rows.event(row) for row in found]

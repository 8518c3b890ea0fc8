"""Earlier runs in the embedded store."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from linkage.model.history import PastRing, Stay
from linkage.model.rings import Ring, RingEvent
from linkage.stores.duckdb import rows, sql
from linkage.stores.history import RunHistory

_STAY = "ring_id, account_id, role, from_run, until_run"


class DuckDBHistory(RunHistory):
    """The history half of the embedded store."""

    @abstractmethod
    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a query over the file as it stands."""

    def known_rings(self) -> list[Ring]:
        return [rows.ring(row) for row in self._all(f"SELECT {sql.RING_COLUMNS} FROM ring ORDER BY ring_id")]

    def stays(self) -> list[Stay]:
        found = self._all(f"SELECT {_STAY} FROM stay ORDER BY ring_id, account_id, from_run")
        return [rows.stay(row) for row in found]

    def ring_as_of(self, ring_id: str, run_id: str) -> PastRing | None:
        version = self._all(
            f"SELECT {sql.RING_COLUMNS} FROM ring_version WHERE ring_id = ? AND run_id <= ? "
            "ORDER BY run_id DESC LIMIT 1",
            [ring_id, run_id],
        )
        if not version:
            return None
        stays = self._all(
            f"SELECT {_STAY} FROM stay WHERE ring_id = $ring AND from_run <= $run "
            f"AND (until_run = '' OR until_run > $run) ORDER BY {sql.ROLE_ORDER}, account_id",
            {"ring": ring_id, "run": run_id},
        )
        return PastRing(run_id, rows.ring(version[0]), tuple(rows.stay(row) for row in stays))

    def events(self, ring_id: str | None = None, limit: int = 1000, run_id: str | None = None) -> list[RingEvent]:
        found = self._all(
            "SELECT moment, run_id, ring_id, event, other_ring_id FROM event "
            "WHERE ($ring IS NULL OR ring_id = $ring) AND ($run IS NULL OR run_id = $run) "
            "ORDER BY run_id DESC, ring_id, event, other_ring_id LIMIT $limit",
            {"ring": ring_id, "run": run_id, "limit": limit},
        )
        return [rows.event(row) for row in found]

"""Publishing into the embedded store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from linkage.stores.base import Publication
from linkage.stores.duckdb.rows import naive
from linkage.working.schema import set_meta

if TYPE_CHECKING:
    import duckdb


def publish(con: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    """Writes the run, replaces rings and members, adds events and moves the pointer, in one transaction."""
    run = publication.run
    con.begin()
    _clear(con, publication)
    _insert(
        con,
        "run",
        [(run.run_id, naive(run.started), naive(run.finished), _json(run.settings), _json(run.counts))],
    )
    _insert(con, "ring", [_ring(ring, run.run_id) for ring in publication.rings])
    _insert(
        con,
        "member",
        [
            (one.ring_id, one.account_id, one.role, one.bits, one.weakest_facet, naive(one.since))
            for one in publication.members
        ],
    )
    _insert(
        con,
        "event",
        [(naive(one.at), one.run_id, one.ring_id, one.event, one.other_ring_id) for one in publication.events],
    )
    _insert(con, "conflict", [(one.run_id, one.decision_id, one.said) for one in publication.conflicts])
    _keep(con, run.run_id)
    set_meta(con, "current_run", run.run_id)
    con.commit()


def _clear(con: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    run_id = publication.run.run_id
    con.execute("DELETE FROM run WHERE run_id = ?", [run_id])
    con.execute("DELETE FROM event WHERE run_id = ?", [run_id])
    con.execute("DELETE FROM conflict WHERE run_id = ?", [run_id])
    con.execute("DELETE FROM member")
    con.execute("DELETE FROM ring WHERE list_contains(?, ring_id)", [[ring.ring_id for ring in publication.rings]])


def _keep(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Adds what the run published to the history; what the same run wrote there before is taken back first."""
    con.execute("DELETE FROM ring_version WHERE run_id = ?", [run_id])
    con.execute("INSERT INTO ring_version SELECT * FROM ring WHERE run_id = ?", [run_id])
    con.execute("DELETE FROM stay WHERE from_run = ?", [run_id])
    con.execute("UPDATE stay SET until_run = '' WHERE until_run = ?", [run_id])
    con.execute(
        "UPDATE stay SET until_run = ? WHERE until_run = '' "
        "AND NOT EXISTS (FROM member m WHERE (m.ring_id, m.account_id, m.role) = "
        "(stay.ring_id, stay.account_id, stay.role))",
        [run_id],
    )
    con.execute(
        "INSERT INTO stay SELECT ring_id, account_id, role, ?, '' FROM member "
        "ANTI JOIN (FROM stay WHERE until_run = '') s USING (ring_id, account_id, role)",
        [run_id],
    )


def _ring(ring: Any, run_id: str) -> tuple[Any, ...]:
    return (
        ring.ring_id,
        ring.status,
        ring.size,
        ring.score,
        naive(ring.first_seen),
        naive(ring.last_seen),
        ring.operator_id,
        ring.campaign_id,
        [facet.value for facet in ring.facets],
        ring.context,
        ring.requests,
        run_id,
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    import pyarrow as pa

    columns = con.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
    values = {field.name: pa.array([row[at] for row in rows], field.type) for at, field in enumerate(columns)}
    con.register("published", pa.table(values))
    con.execute(f"INSERT INTO {table} SELECT * FROM published")
    con.unregister("published")


def _json(values: object) -> str:
    return json.dumps(values, sort_keys=True)

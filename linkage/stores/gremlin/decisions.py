"""Decisions in a Gremlin store: vertices of their own, which no run touches."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.statics import long

from linkage.errors import StoreConflict, VersionConflict
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.stores.decisions import Decisions, conflict_message, succeeds
from linkage.stores.gremlin import documents, rows
from linkage.stores.gremlin.ids import bucket
from linkage.stores.gremlin.merging import Vertex, merge_vertices
from linkage.stores.gremlin.published import Published
from linkage.stores.gremlin.session import g

_BUCKET = bucket("Verdict", "0")


class GremlinDecisions(Published, Decisions):
    """The part of the Gremlin store that keeps decisions."""

    _deciding: threading.Lock
    """Clients of one process take turns: a TinkerGraph has no transactions. Other processes' changes are found by
    a JanusGraph, which locks the version of a decision."""

    def decisions(self) -> list[Decision]:
        found = self._session.rows("read decisions", g.V().has("bucket", _BUCKET).value_map().by(__.unfold()))
        decided = [_decision(row) for row in found if row.get("version")]
        return sorted(decided, key=lambda one: (one.at, one.decision_id))

    def keep_decision(self, decision: Decision) -> None:
        with self._deciding:
            kept = self._kept(decision.decision_id)
            if not succeeds(decision, kept):
                raise VersionConflict(conflict_message(decision, kept.version if kept else 0))
            if decision == kept:
                return
            with suppress(StoreConflict):  # somebody else kept one; which, the next lines tell
                self._keep(decision)
            now = self._kept(decision.decision_id)
            if now != decision:
                raise VersionConflict(conflict_message(decision, now.version if now else 0))

    def conflicts(self, run_id: str) -> list[Conflict]:
        found = self._snapshot()
        stamps = [found.runs[run_id]] if found and run_id in found.runs else []
        kept = documents.of_runs(self._session, "Conflict", stamps)
        told = [Conflict(row["run"], row["decision_id"], row["said"]) for row in kept]
        return sorted(told, key=lambda one: (one.decision_id, one.said))

    def drop_decision(self, decision_id: str) -> None:
        self._session.rows("drop decision", g.V(self._ids.of("Verdict", decision_id)).drop())

    def drop_conflicts(self, decision_id: str) -> None:
        found = self._snapshot()
        kept = documents.of_runs(self._session, "Conflict", sorted(found.runs.values())) if found else []
        for row in kept:
            if row["decision_id"] == decision_id:
                vertex = self._ids.of("Conflict", row["stamp"], decision_id, row["said"])
                self._session.rows("drop conflict", g.V(vertex).drop())

    def _kept(self, decision_id: str) -> Decision | None:
        found = documents.by_id(self._session, [self._ids.of("Verdict", decision_id)])
        return _decision(found[0]) if found and found[0].get("version") else None

    def _keep(self, decision: Decision) -> None:
        """Writes the decision in one request, if the version before it is the one that is there."""
        vertex = self._ids.of("Verdict", decision.decision_id)
        merge_vertices(self._session, [Vertex(vertex, "Verdict", {"name": decision.decision_id, "bucket": _BUCKET})])
        before = decision.version - 1
        stands = __.has("version", long(before)) if before else __.not_(__.values("version"))
        asked = g.V(vertex).where(stands)
        for name, value in _values(decision).items():
            asked = asked.property(name, value)
        self._session.rows("keep decision", asked.count())


def _values(decision: Decision) -> dict[str, Any]:
    return rows.known(
        {
            "version": decision.version,
            "ruling": decision.ruling.value,
            "accounts": json.dumps(decision.accounts),
            "ring_id": decision.ring_id,
            "author": decision.author,
            "reason": decision.reason,
            "at": rows.micros(decision.at),
            "expires": rows.micros(decision.expires),
            "revoked": rows.micros(decision.revoked),
            "revoked_by": decision.revoked_by,
        }
    )


def _decision(row: dict[str, Any]) -> Decision:
    at = rows.when(row["at"])
    if at is None:
        raise ValueError(f"{row['name']} has no time")
    return Decision(
        row["name"],
        row["version"],
        Ruling(row["ruling"]),
        tuple(json.loads(row["accounts"])),
        row["ring_id"],
        row["author"],
        row["reason"],
        at,
        rows.when(row.get("expires")),
        rows.when(row.get("revoked")),
        row["revoked_by"],
    )

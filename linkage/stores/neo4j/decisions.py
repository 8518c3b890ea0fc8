"""Decisions in Neo4j: nodes of their own, which no run touches."""

from __future__ import annotations

from linkage.errors import VersionConflict
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.stores.decisions import Decisions, conflict_message, succeeds
from linkage.stores.neo4j.rows import when
from linkage.stores.neo4j.session import Row, Session, Work


class Neo4jDecisions(Decisions):
    """The part of the Neo4j store that keeps decisions."""

    _session: Session

    def decisions(self) -> list[Decision]:
        return [_decision(row) for row in self._session.read("decide/list_verdicts")]

    def keep_decision(self, decision: Decision) -> None:
        """Keeps a decision in one transaction; the database locks its node before the version is compared."""
        self._session.work("decide/keep_verdict", lambda work: _keep(work, decision))

    def conflicts(self, run_id: str) -> list[Conflict]:
        return [Conflict(**row) for row in self._session.read("decide/list_conflicts", run=run_id)]

    def drop_decision(self, decision_id: str) -> None:
        self._session.write("decide/drop_verdict", decision=decision_id)

    def drop_conflicts(self, decision_id: str) -> None:
        self._session.write("decide/drop_conflicts", decision=decision_id)


def _keep(work: Work, decision: Decision) -> None:
    if work.run("decide/keep_verdict", row=_row(decision)):
        return
    found = [_decision(row) for row in work.run("decide/list_verdicts") if row["version"]]
    kept = next((one for one in found if one.decision_id == decision.decision_id), None)
    if not succeeds(decision, kept):
        raise VersionConflict(conflict_message(decision, kept.version if kept else 0))


def _row(decision: Decision) -> Row:
    return {
        "decision_id": decision.decision_id,
        "version": decision.version,
        "ruling": decision.ruling.value,
        "accounts": list(decision.accounts),
        "ring_id": decision.ring_id,
        "author": decision.author,
        "reason": decision.reason,
        "at": decision.at,
        "expires": decision.expires,
        "revoked": decision.revoked,
        "revoked_by": decision.revoked_by,
    }


def _decision(row: Row) -> Decision:
    at = when(row["at"])
    if at is None:
        raise ValueError(f"{row['decision_id']} has no time")
    times = {name: when(row[name]) for name in ("expires", "revoked")}
    return Decision(**{**row, **times, "at": at, "ruling": Ruling(row["ruling"]), "accounts": tuple(row["accounts"])})

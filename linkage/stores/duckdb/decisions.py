"""Decisions in the embedded store."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from typing import Any

from linkage.errors import VersionConflict
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.stores.decisions import Decisions, conflict_message, succeeds
from linkage.stores.duckdb.rows import naive, utc
from linkage.working.decisions import DecisionFile

_COLUMNS = "decision_id, version, ruling, accounts, ring_id, author, reason, moment, expires, revoked, revoked_by"


class DuckDBDecisions(Decisions):
    """The part of the embedded store that keeps decisions, in a file beside the working file."""

    _kept: DecisionFile

    @abstractmethod
    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a query over the working file as it stands."""

    def decisions(self) -> list[Decision]:
        if not self._kept.exists:
            return []
        with self._kept.opened() as con:
            found = con.execute(f"SELECT {_COLUMNS} FROM decision ORDER BY moment, decision_id").fetchall()
        return [_decision(row) for row in found]

    def keep_decision(self, decision: Decision) -> None:
        with self._kept.opened() as con:
            found = con.execute(
                f"SELECT {_COLUMNS} FROM decision WHERE decision_id = ?", [decision.decision_id]
            ).fetchall()
            kept = _decision(found[0]) if found else None
            if not succeeds(decision, kept):
                raise VersionConflict(conflict_message(decision, kept.version if kept else 0))
            con.execute("DELETE FROM decision WHERE decision_id = ?", [decision.decision_id])
            con.execute(f"INSERT INTO decision VALUES ({', '.join('?' * 11)})", _row(decision))

    def conflicts(self, run_id: str) -> list[Conflict]:
        found = self._all(
            "SELECT run_id, decision_id, said FROM conflict WHERE run_id = ? ORDER BY decision_id, said", [run_id]
        )
        return [Conflict(*row) for row in found]

    def drop_decision(self, decision_id: str) -> None:
        if self._kept.exists:
            with self._kept.opened() as con:
                con.execute("DELETE FROM decision WHERE decision_id = ?", [decision_id])

    def drop_conflicts(self, decision_id: str) -> None:
        """Needs nothing: the working file is written anew without them (see `derive.erase`)."""

    def forget_accounts(self, account_ids: Collection[str]) -> int:
        """Also writes the file of decisions anew: rows that were removed stay in it until their space is used again."""
        changed = super().forget_accounts(account_ids)
        self._kept.compact()
        return changed


def _row(decision: Decision) -> list[Any]:
    times = (naive(decision.at), naive(decision.expires), naive(decision.revoked))
    who = (decision.decision_id, decision.version, decision.ruling.value, list(decision.accounts), decision.ring_id)
    return [*who, decision.author, decision.reason, *times, decision.revoked_by]


def _decision(row: tuple[Any, ...]) -> Decision:
    decision_id, version, ruling, accounts, ring_id, author, reason, at, expires, revoked, revoked_by = row
    return Decision(
        decision_id,
        version,
        Ruling(ruling),
        tuple(accounts),
        ring_id,
        author,
        reason,
        utc(at),
        utc(expires),
        utc(revoked),
        revoked_by,
    )

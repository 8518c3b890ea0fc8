"""Decisions by query file: exact rows, run twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from known_graph import at, publication, tables

from linkage.model.decisions import Conflict
from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

ROW: dict[str, Any] = {
    "decision_id": "d1",
    "version": 1,
    "ruling": "must-link",
    "accounts": ["a1", "a2", "nobody"],
    "ring_id": "",
    "author": "ann",
    "reason": "seen it",
    "at": at(3),
    "expires": None,
    "revoked": None,
    "revoked_by": "",
}


def _native(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.to_native() if hasattr(value, "to_native") else value for name, value in row.items()}


@pytest.mark.query("decide/keep_verdict", "decide/list_verdicts")
def test_verdicts_are_on_accounts_and_rings_and_follow_one_another(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    blank.publish(publication())
    on = "MATCH (v:Verdict)-[:ON]->(n) RETURN v.id, v.version, labels(n)[0], n.id ORDER BY v.id, n.id"
    assert cypher("decide/keep_verdict", row=ROW) == [{"version": 1}]
    assert cypher("decide/keep_verdict", row=ROW) == []
    assert cypher("decide/keep_verdict", row=ROW | {"version": 3}) == []
    second = ROW | {"version": 2, "revoked": at(4), "revoked_by": "bob"}
    assert cypher("decide/keep_verdict", row=second) == [{"version": 2}]
    other = ROW | {"decision_id": "d2", "ruling": "rejected", "accounts": [], "ring_id": "r1", "at": at(2)}
    assert cypher("decide/keep_verdict", row=other) == [{"version": 1}]
    assert cypher.look(on) == [["d1", 2, "Account", "a1"], ["d1", 2, "Account", "a2"], ["d2", 1, "Ring", "r1"]]
    assert [_native(row) for row in cypher("decide/list_verdicts")] == [other, second]


@pytest.mark.query("publish/merge_conflicts", "publish/remove_conflicts", "decide/list_conflicts")
def test_conflicts_are_against_verdicts(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("decide/keep_verdict", row=ROW)
    row = {"run_id": "run1", "decision_id": "d1", "said": "no"}
    rows = [row, row | {"decision_id": "gone"}, row | {"run_id": "run0"}]
    assert cypher("publish/merge_conflicts", rows=rows) == [{"rows": 3}]
    against = "MATCH (c:Conflict)-[:AGAINST]->(v:Verdict) RETURN c.run, v.id ORDER BY c.run"
    assert cypher.look(against) == [["run0", "d1"], ["run1", "d1"]]
    assert cypher("decide/list_conflicts", run="run1") == [row, row | {"decision_id": "gone"}]
    assert blank._session.write("publish/remove_conflicts", run="run1") == [{"rows": 2}]
    assert cypher("publish/remove_conflicts", run="run1") == [{"rows": 0}]
    assert cypher("decide/list_conflicts", run="run0") == [row | {"run_id": "run0"}]


@pytest.mark.query("decide/drop_verdict", "decide/drop_conflicts")
def test_a_decision_goes_with_what_was_said_against_it(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    for name in ("d1", "d2"):
        cypher("decide/keep_verdict", row=ROW | {"decision_id": name})
    said = [Conflict("run1", name, f"{name} is contradicted") for name in ("d1", "d2")]
    blank.publish(replace(publication(), conflicts=said))
    assert blank._session.write("decide/drop_conflicts", decision="d1") == [{"rows": 1}]
    assert cypher("decide/drop_conflicts", decision="d1") == [{"rows": 0}]
    assert blank._session.write("decide/drop_verdict", decision="d1") == [{"rows": 1}]
    assert cypher("decide/drop_verdict", decision="d1") == [{"rows": 0}]
    assert [one.decision_id for one in blank.decisions()] == ["d2"]
    assert blank.conflicts("run1") == said[1:]

"""Constraints, indexes and upkeep."""

from __future__ import annotations

import pytest

from linkage import queries
from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

CONSTRAINTS = {
    "account": ["Account", "id"],
    "campaign": ["Campaign", "id"],
    "current": ["Current", "name"],
    "identifier": ["Identifier", "key"],
    "operator": ["Operator", "id"],
    "ring": ["Ring", "id"],
    "ring_event": ["RingEvent", "id"],
    "ring_version": ["RingVersion", "id"],
    "run": ["Run", "id"],
    "verdict": ["Verdict", "id"],
}
INDEXES = {
    "identifier_degree": ["Identifier", "kind", "degree"],
    "ring_status": ["Ring", "status"],
    "event_run": ["RingEvent", "run"],
    "version_run": ["RingVersion", "run"],
    "conflict_run": ["Conflict", "run"],
}


@pytest.mark.query(
    "schema/constrain_account",
    "schema/constrain_campaign",
    "schema/constrain_current",
    "schema/constrain_identifier",
    "schema/constrain_operator",
    "schema/constrain_ring",
    "schema/constrain_ring_event",
    "schema/constrain_ring_version",
    "schema/constrain_run",
    "schema/constrain_verdict",
    "schema/index_identifier_degree",
    "schema/index_ring_status",
    "schema/index_conflict_run",
    "schema/index_event_run",
    "schema/index_version_run",
    "maintain/await_indexes",
)
def test_makes_constraints_and_indexes(blank: Neo4jStore, cypher: Cypher) -> None:
    for kind, drop in (("CONSTRAINTS", "CONSTRAINT"), ("INDEXES", "INDEX")):
        ours = f"SHOW {kind} YIELD name WHERE name STARTS WITH 'linkage_' RETURN name"
        for (name,) in cypher.look(ours):
            cypher.look(f"DROP {drop} {name}")
    for name in queries.names():
        if name.startswith("schema/"):
            assert cypher(name) == []
    assert cypher("maintain/await_indexes", seconds=60) == []
    found = cypher.look(
        "SHOW INDEXES YIELD name, labelsOrTypes, properties, state, owningConstraint "
        "WHERE name STARTS WITH 'linkage_' "
        "RETURN name, labelsOrTypes, properties, state, owningConstraint IS NOT NULL ORDER BY name"
    )
    made = {
        f"linkage_{name}": [[one[0]], one[1:], "ONLINE", name in CONSTRAINTS]
        for name, one in (CONSTRAINTS | INDEXES).items()
    }
    assert found == [[name, *made[name]] for name in sorted(made)]

"""What people and the API read, by query file: exact rows of the known graph."""

from __future__ import annotations

from typing import Any

import pytest
from known_graph import BIN, CARD, DAY, IP, ODD, PROMPT, STARTS, at, link_rows

from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

A1_A2, A2_A3, A3_A4, ODD_C1 = link_rows()
R1 = {
    "ring_id": "r1",
    "status": "active",
    "size": 3,
    "score": 40.5,
    "first_seen": at(0),
    "last_seen": at(2),
    "operator_id": "op1",
    "campaign_id": "camp1",
    "facets": ["network", "content"],
    "context": "",
    "requests": 90,
}
R2 = R1 | {"ring_id": "r2", "size": 2, "score": 11.5, "operator_id": "", "campaign_id": "", "facets": [], "requests": 0}
CORE = {"ring_id": "r1", "role": "core", "bits": 35.375, "weakest_facet": "payment", "since": at(3)}
A1, A2 = (CORE | {"account_id": name} for name in ("a1", "a2"))
A3 = CORE | {"account_id": "a3", "role": "member", "bits": 14.0, "weakest_facet": None, "since": None}
A4 = CORE | {"account_id": "a4", "role": "bystander", "bits": 3.5, "weakest_facet": "network"}


def _native(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns rows with the driver's times as datetimes."""
    return [
        {name: value.to_native() if hasattr(value, "to_native") else value for name, value in row.items()}
        for row in rows
    ]


def _micros(row: dict[str, Any]) -> dict[str, Any]:
    """Returns a row with its times as microseconds since 1970."""
    return {
        name: round(value.timestamp() * 1_000_000) if hasattr(value, "timestamp") else value
        for name, value in row.items()
    }


@pytest.mark.query("serve/count_graph", "serve/find_current_run", "serve/list_runs")
def test_counts_and_the_current_run(known: Neo4jStore, cypher: Cypher) -> None:
    counts = {"accounts": 6, "identifiers": 6, "uses": 15, "links": 4, "rings": 2}
    assert cypher("serve/count_graph") == [counts]
    run = {"run_id": "run1", "started": at(3), "finished": at(3, 5), "counts": '{"rings": 2}'}
    run["settings"] = '{"facet_cap": 20.0, "store": "x"}'
    assert _native(cypher("serve/find_current_run")) == [run]
    assert _native(cypher("serve/list_runs", limit=9)) == [run]


@pytest.mark.query("serve/list_accounts")
def test_accounts_with_their_ring(known: Neo4jStore, cypher: Cypher) -> None:
    rows = _native(cypher("serve/list_accounts", ids=["c1", "a4", "nobody"]))
    unknown = dict.fromkeys(["created_at", "plan", "country", "email_domain", "organization"])
    a4 = {"account_id": "a4", "status": "active", "label": None, "requests": 1, "ring_id": "r1", "role": "bystander"}
    c1 = {"account_id": "c1", "status": "terminated", "label": "abuse", "requests": 0, "ring_id": "r2", "role": "core"}
    assert rows == [
        unknown | a4 | {"first_seen": at(1), "last_seen": at(1, 30)},
        unknown | c1 | {"first_seen": None, "last_seen": None},
    ]


@pytest.mark.query("serve/list_uses", "serve/list_users")
def test_uses_and_users(known: Neo4jStore, cypher: Cypher) -> None:
    rows = _native(cypher("serve/list_uses", account="a2", limit=2))
    prompt = {"key": PROMPT, "kind": "prompt", "facet": "content", "place": None, "degree": 2, "bits": 9.0}
    ip = {"key": IP, "kind": "ip", "facet": "network", "place": "home", "degree": 3, "bits": 8.125}
    seen = {"first_seen": at(1), "last_seen": at(2, 5), "days": 2, "requests": 2}
    assert rows == [prompt | seen, ip | seen]
    assert cypher("serve/list_users", key=CARD, limit=2) == [{"account_id": "a1"}, {"account_id": "a2"}]


@pytest.mark.query("serve/list_links", "serve/list_ring_links", "serve/stream_links")
def test_links(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_links", account="a2", limit=9)) == [A1_A2, A2_A3]
    assert _native(cypher("serve/list_links", account="a2", limit=1)) == [A1_A2]
    assert _native(cypher("serve/list_ring_links", ring="r1", limit=9)) == [A1_A2, A2_A3, A3_A4]
    assert cypher("serve/stream_links") == list(map(_micros, [ODD_C1, A1_A2, A2_A3, A3_A4]))


@pytest.mark.query("serve/list_pair_accounts", "serve/list_pair_identifiers", "serve/list_pair_uses")
def test_what_explains_a_pair(known: Neo4jStore, cypher: Cypher) -> None:
    accounts = cypher("serve/list_pair_accounts", ids=["a3", "a2"])
    assert [(row["id"], row["starts"], row["breadth"]) for row in accounts] == [
        (name, STARTS, [0.0] * 6) for name in ("a2", "a3")
    ]
    identifiers = cypher("serve/list_pair_identifiers", ids=["a3", "a2"])
    thing = {"key": BIN, "kind": "bin", "facet": "payment", "place": None, "degree": 4, "peak": 2, "bits": 2.0}
    assert identifiers == [_micros(thing | {"windowed": False, "first_seen": at(0), "last_seen": at(2)})]
    assert cypher("serve/list_pair_uses", ids=["a3", "a2"]) == [
        _micros(
            {
                "account_id": name,
                "key": BIN,
                "days": [DAY + day],
                "requests": 1,
                "first_seen": at(day),
                "last_seen": at(day, 5),
            }
        )
        for name, day in (("a2", 2), ("a3", 1))
    ]


@pytest.mark.query("serve/list_rings", "serve/find_ring")
def test_rings(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_rings", after=None, limit=9)) == [R1, R2]
    assert _native(cypher("serve/list_rings", after="r1", limit=9)) == [R2]
    assert cypher("serve/list_rings", after="never was", limit=9) == []
    assert _native(cypher("serve/find_ring", ring="r2")) == [R2]


@pytest.mark.query("serve/list_members", "serve/list_all_members", "serve/list_events")
def test_members_and_events(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_members", ring="r1", limit=9)) == [A1, A2, A3, A4]
    rows = cypher("serve/list_all_members", roles=["member", "bystander"])
    assert [(row["ring_id"], row["account_id"]) for row in rows] == [("r1", "a3"), ("r1", "a4"), ("r2", ODD)]
    event = {"at": at(3), "run_id": "run1", "event": "formed", "other_ring_id": ""}
    assert _native(cypher("serve/list_events", ring=None, run=None, limit=9)) == [
        event | {"ring_id": "r1"},
        event | {"ring_id": "r2"},
    ]
    assert _native(cypher("serve/list_events", ring="r2", run="run1", limit=9)) == [event | {"ring_id": "r2"}]
    assert cypher("serve/list_events", ring=None, run="run2", limit=9) == []


@pytest.mark.query("serve/list_known_rings")
def test_all_rings_there_ever_were(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_known_rings")) == [R1, R2]

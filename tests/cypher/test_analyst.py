"""Queries of an analyst's day: exact rows of the known graph, some with a few facts planted beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from known_graph import BIN, CARD, DEVICE, IP, PROMPT, VPN, at

from linkage import queries
from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

PLANTED = """
MATCH (r1:Ring {id: 'r1'}), (r2:Ring {id: 'r2'}), (a1:Account {id: 'a1'}), (card:Identifier {key: $card})
MERGE (operator:Operator {id: 'op1'})
MERGE (other:Campaign {id: 'planted'})
CREATE (gone:Account:Planted {id: 'z1', status: 'terminated', last_seen: $gone, requests: 4}),
       (fresh:Account:Planted {id: 'z2', status: 'active', created_at: $fresh, requests: 9}),
       (quiet:Ring:Planted {id: 'r9', status: 'active', size: 2, score: 9.0, requests: 13}),
       (verdict:Verdict:Planted {id: 'dz', ruling: 'confirmed', ring: 'r9', accounts: [], by: 'eve', reason: 'seen',
                                 at: $fresh}),
       (gone)-[:MEMBER_OF {role: 'core', bits: 9.0}]->(quiet),
       (fresh)-[:MEMBER_OF {role: 'member', bits: 9.0}]->(quiet),
       (gone)-[:LINKED {bits: 9.0, grade: 'behaviour', network: 9.0, payment: 0.0, content: 1.0}]->(fresh),
       (a1)-[:LINKED {bits: 5.5, grade: 'infrastructure', network: 5.5}]->(fresh),
       (fresh)-[:USED {requests: 9, days: [1]}]->(card),
       (quiet)-[:RUN_BY]->(operator),
       (quiet)-[:WORKS_FOR]->(other)
"""


@pytest.fixture
def planted(known: Neo4jStore, cypher: Cypher) -> Iterator[Neo4jStore]:
    """The known graph, and beside it a ring of a banned account and the one that replaced it."""
    cypher.look(PLANTED, card=CARD, gone=at(3), fresh=at(4))
    yield known
    cypher.look("MATCH (node:Planted) DETACH DELETE node")
    cypher.look("MATCH (campaign:Campaign {id: 'planted'}) DETACH DELETE campaign")


def _rows(cypher: Cypher, name: str, **params: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in cypher(f"explore/{name}", **params)]


@pytest.mark.query("explore/new_rings", "explore/ring_changes", "explore/ring_history")
def test_what_a_run_changed(known: Neo4jStore, cypher: Cypher) -> None:
    facets = ["network", "content"]
    assert _rows(cypher, "new_rings") == [("r1", 3, 40.5, "", facets), ("r2", 2, 11.5, "", [])]
    assert _rows(cypher, "ring_changes") == [("r1", "formed", "", 3), ("r2", "formed", "", 2)]
    assert _rows(cypher, "ring_history", ring="r1") == [("run1", "active", 3, 40.5, "", 90)]


@pytest.mark.query("explore/ring_core", "explore/weakest_members", "explore/single_facet_members")
def test_who_holds_a_ring_together(planted: Neo4jStore, cypher: Cypher) -> None:
    assert _rows(cypher, "ring_core", ring="r1") == [
        ("a2", "core", 2, 35.375, 30),
        ("a3", "member", 2, 14.0, 30),
        ("a1", "core", 1, 35.375, 30),
    ]
    assert _rows(cypher, "weakest_members", ring="r1") == [
        ("a3", 14.0, None, 2, "benign", None),
        ("a1", 35.375, "payment", 1, None, None),
        ("a2", 35.375, "payment", 2, None, "Example BV"),
    ]
    assert _rows(cypher, "single_facet_members", ring="r9") == [("z1", "network", 1, 9.0), ("z2", "network", 1, 9.0)]
    assert _rows(cypher, "single_facet_members", ring="r2") == []


@pytest.mark.query("explore/ring_bystanders", "explore/ring_bridges", "explore/shared_by_rings")
def test_what_lies_around_a_ring(planted: Neo4jStore, cypher: Cypher) -> None:
    assert _rows(cypher, "ring_bystanders", ring="r1") == [("a4", 3.5, 1, None, None)]
    assert _rows(cypher, "ring_bridges", ring="r1") == [("a1", "z2", "r9", 5.5, "infrastructure")]
    assert _rows(cypher, "shared_by_rings", a="r1", b="r2") == [
        ("payment", CARD, None, 2, 1, 3, 7.0),
        ("bin", BIN, None, 3, 1, 4, 2.0),
    ]


@pytest.mark.query("explore/campaign_rings", "explore/operator_rings", "explore/shared_operators")
def test_the_layers_above_rings(planted: Neo4jStore, cypher: Cypher) -> None:
    assert _rows(cypher, "campaign_rings", campaign="camp1") == [("r1", "op1", "active", 3, 40.5, 90)]
    assert _rows(cypher, "operator_rings", operator="op1") == [
        ("r1", "camp1", "active", 3, 40.5, 90),
        ("r9", "planted", "active", 2, 9.0, 13),
    ]
    (row,) = _rows(cypher, "shared_operators")
    assert (row[0], sorted(row[1]), row[2:]) == ("op1", ["camp1", "planted"], (2, 5))


@pytest.mark.query("explore/account_things", "explore/account_graph", "explore/shared_graph", "explore/path_between")
def test_one_account_and_what_is_around_it(known: Neo4jStore, cypher: Cypher) -> None:
    assert _rows(cypher, "account_things", account="a1") == [
        ("prompt", PROMPT, None, 1, 9.0, 3, 3),
        ("ip", IP, "home", 2, 8.125, 2, 2),
        ("payment", CARD, None, 2, 7.0, 1, 1),
        ("bin", BIN, None, 3, 2.0, 1, 1),
        ("device", DEVICE, None, 0, 0.0, 1, 1),
    ]
    graph = cypher("explore/account_graph", account="a2")
    assert [(row["b"]["id"], row["linked"][1]) for row in graph] == [("a1", "LINKED"), ("a3", "LINKED")]
    shared = cypher("explore/shared_graph", account="a1")
    assert [(row["thing"]["key"], row["other"]["id"]) for row in shared] == [
        (PROMPT, "a2"),
        (IP, "a2"),
        (IP, "a4"),
        (CARD, "a2"),
        (CARD, "c1"),
        (BIN, "a2"),
        (BIN, "a3"),
        (BIN, "c1"),
    ]
    (found,) = cypher("explore/path_between", a="a1", b="a4")
    assert [one["id"] for one in found["path"][::2]] == ["a1", "a2", "a3", "a4"]
    assert (found["links"], found["weakest"]) == (3, 3.5)
    assert cypher("explore/path_between", a="a1", b="c1") == []


@pytest.mark.query("explore/identifier_users", "explore/if_blocked")
def test_a_thing_and_what_it_would_hit_to_block_it(known: Neo4jStore, cypher: Cypher) -> None:
    assert _rows(cypher, "identifier_users", key=IP) == [
        ("a1", "active", None, "r1", 2, 2),
        ("a2", "active", None, "r1", 2, 2),
        ("a4", "active", None, "r1", 1, 1),
    ]
    assert _rows(cypher, "if_blocked", key=IP) == [("r1", 2, 4), ("", 1, 1)]
    assert _rows(cypher, "if_blocked", key=VPN) == [("", 1, 1), ("r1", 1, 1)]


@pytest.mark.query("explore/replacements", "explore/rings_with_banned")
def test_who_replaced_whom(planted: Neo4jStore, cypher: Cypher) -> None:
    (row,) = cypher("explore/replacements", ring="r9")
    assert (row["gone"], row["fresh"], row["bits"]) == ("z1", "z2", 9.0)
    assert (row["last_seen"].to_native(), row["created_at"].to_native()) == (at(3), at(4))
    assert _rows(cypher, "rings_with_banned") == [("r2", 1, 1, 11.5), ("r9", 1, 1, 9.0)]
    assert _rows(cypher, "replacements", ring="r2") == []


@pytest.mark.query("explore/sign_up_days", "explore/sign_up_bursts", "explore/ring_places")
def test_when_and_where_a_ring_was_made(known: Neo4jStore, cypher: Cypher) -> None:
    day = at(-1).date()
    (row,) = _rows(cypher, "sign_up_days", ring="r1")
    assert (row[0].to_native(), row[1]) == (day, 2)
    (row,) = _rows(cypher, "sign_up_bursts")
    assert (row[0].to_native(), row[1:]) == (day, ("r1", 2, 3))
    assert _rows(cypher, "ring_places", ring="r1") == [("home", 2, 1), ("vpn", 1, 1)]
    assert _rows(cypher, "ring_places", ring="r2") == []


@pytest.mark.query("explore/decisions")
def test_decisions_that_hold(planted: Neo4jStore, cypher: Cypher) -> None:
    (row,) = cypher("explore/decisions")  # the other one was taken back
    assert (row["ruling"], row["ring"], row["by"], row["reason"]) == ("confirmed", "r9", "eve", "seen")
    assert row["at"].to_native() == at(4)


def test_there_are_queries_for_an_analysts_questions() -> None:
    assert len([name for name in queries.names() if name.startswith("explore/")]) >= 25

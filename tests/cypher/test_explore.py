"""First queries for people in Browser: exact rows of the known graph."""

from __future__ import annotations

import re

import pytest
from known_graph import BIN, CARD, IP, PROMPT, VPN

from linkage import queries
from linkage.model.kinds import KINDS
from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j


@pytest.mark.query("explore/largest_rings")
def test_largest_rings(known: Neo4jStore, cypher: Cypher) -> None:
    r1 = {"ring": "r1", "accounts": 3, "score": 40.5, "context": "", "facets": ["network", "content"]}
    r2 = {"ring": "r2", "accounts": 2, "score": 11.5, "context": "", "facets": []}
    assert cypher("explore/largest_rings") == [
        r1 | {"operator": "op1", "campaign": "camp1"},
        r2 | {"operator": None, "campaign": None},
    ]


@pytest.mark.query("explore/ring_graph")
def test_ring_graph(known: Neo4jStore, cypher: Cypher) -> None:
    rows = cypher("explore/ring_graph", ring="r1")
    assert [(row["a"]["id"], row["linked"][1], row["b"]["id"]) for row in rows] == [
        ("a1", "LINKED", "a2"),
        ("a2", "LINKED", "a3"),
        ("a3", "LINKED", "a4"),
    ]


@pytest.mark.query("explore/ring_evidence")
def test_ring_evidence(known: Neo4jStore, cypher: Cypher) -> None:
    rows = cypher("explore/ring_evidence", ring="r1")
    assert [tuple(row.values()) for row in rows] == [
        ("ip", IP, "home", 3, 0, 8.125),
        ("prompt", PROMPT, None, 2, 0, 9.0),
        ("payment", CARD, None, 2, 1, 7.0),
        ("ip", VPN, "vpn", 2, 0, 3.5),
        ("bin", BIN, None, 3, 1, 2.0),
    ]


@pytest.mark.query("explore/rare_payments")
def test_rare_payments(known: Neo4jStore, cypher: Cypher) -> None:
    assert cypher("explore/rare_payments") == [{"key": CARD, "accounts": 3, "bits": 7.0, "ids": ["a1", "a2", "c1"]}]


def test_hubs_are_asked_for_of_every_kind() -> None:
    named = re.findall(r"'(\w+)'", queries.load("explore/hubs").statement.splitlines()[0])
    assert named == [kind.name for kind in KINDS]


@pytest.mark.query("explore/hubs")
def test_hubs(known: Neo4jStore, cypher: Cypher) -> None:
    assert [tuple(row.values()) for row in cypher("explore/hubs")] == [
        ("bin", BIN, None, 4, 2, 2.0),
        ("ip", IP, "home", 3, 3, 8.125),
        ("ip", VPN, "vpn", 2, 2, 3.5),
        ("payment", CARD, None, 3, 1, 7.0),
        ("prompt", PROMPT, None, 2, 2, 9.0),
    ]


@pytest.mark.query("explore/strongest_links")
def test_strongest_links(known: Neo4jStore, cypher: Cypher) -> None:
    rows = cypher("explore/strongest_links", account="a2")
    assert [tuple(row.values()) for row in rows] == [
        ("a1", 35.375, "behaviour", 7.625, 7.0, 8.75, 12.0, 0.0, 0.0, "r1"),
        ("a3", 14.0, "behaviour", 0.0, 2.0, 0.0, 12.0, 0.0, 0.0, "r1"),
    ]


@pytest.mark.query("explore/why_linked")
def test_why_linked(known: Neo4jStore, cypher: Cypher) -> None:
    expected = [
        ("content", "prompt", PROMPT, None, 2, 9.0, 8.75, 2),
        ("network", "ip", IP, "home", 3, 8.125, 7.625, 1),
        ("payment", "payment", CARD, None, 3, 7.0, 7.0, 0),
        ("payment", "bin", BIN, None, 4, 2.0, 2.0, 0),
    ]
    assert [tuple(row.values()) for row in cypher("explore/why_linked", a="a1", b="a2")] == expected
    assert [tuple(row.values()) for row in cypher("explore/why_linked", a="a2", b="a1")] == expected
    assert cypher("explore/why_linked", a="a1", b="a4") == []


@pytest.mark.query("explore/shared_by_label")
def test_shared_by_label(known: Neo4jStore, cypher: Cypher) -> None:
    names = ("shared", "without_label", "only_labelled", "some_labelled")
    assert cypher("explore/shared_by_label", kind="payment") == [dict(zip(names, (1, 0, 0, 1), strict=True))]
    assert cypher("explore/shared_by_label", kind="prompt") == [dict(zip(names, (1, 1, 0, 0), strict=True))]
    assert cypher("explore/shared_by_label", kind="device") == [dict(zip(names, (0, 0, 0, 0), strict=True))]

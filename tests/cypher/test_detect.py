"""Components and communities by query file, with and without graph algorithms."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import networkx as nx
import pyarrow as pa
import pytest
from known_graph import ODD, account_rows, link_row, link_table, tables

from linkage.errors import StoreError
from linkage.stores.neo4j import detection
from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j


def _projections(cypher: Cypher) -> list[list[Any]]:
    return cypher.look("CALL gds.graph.list() YIELD graphName RETURN graphName")


def _fill(store: Neo4jStore, links: Iterable[dict[str, Any]], order: random.Random | None = None) -> None:
    """Loads links and the accounts that they name, in the order of a shuffle."""
    rows = list(links)
    nobody = account_rows()[-1]
    names = sorted({row[end] for row in rows for end in ("account_a", "account_b")})
    if order is not None:
        order.shuffle(names)
    for name in names:
        store.load(tables([nobody | {"id": name}], [], []))
    store.replace_links([link_table(rows)], "run1")


def _two_cliques() -> list[dict[str, Any]]:
    """Returns two cliques of five accounts joined by one weak link, and a pair apart."""
    rows = [
        link_row(f"{side}{a}", f"{side}{b}", content=20.0) for side in "ab" for a in range(5) for b in range(a + 1, 5)
    ]
    return [*rows, link_row("a0", "b0", content=4.0), link_row("x", "y", content=9.0)]


@pytest.mark.query(
    "detect/find_gds_version",
    "detect/project_links",
    "detect/stream_components",
    "detect/stream_communities",
    "detect/drop_projection",
)
def test_algorithms_on_the_known_graph(known: Neo4jStore, cypher: Cypher) -> None:
    assert cypher("detect/find_gds_version")[0]["version"].startswith("2.")
    assert cypher("detect/project_links", graph="known") == [{"nodes": 5, "relationships": 6}]
    for name, column in (("stream_components", "component"), ("stream_communities", "community")):
        options = {"resolution": 1.0} if column == "community" else {}
        rows = cypher(f"detect/{name}", graph="known", **options)
        assert [row["account_id"] for row in rows] == [ODD, "a1", "a2", "a3", "c1"]
        number = {row["account_id"]: row[column] for row in rows}
        assert number["a1"] == number["a2"] == number["a3"] != number["c1"] == number[ODD]
    assert cypher("detect/drop_projection", graph="known") == [{"graph": "known"}]
    assert cypher("detect/drop_projection", graph="known") == []


@pytest.mark.query("detect/list_components")
def test_components_without_algorithms(known: Neo4jStore, cypher: Cypher) -> None:
    rows = cypher("detect/list_components")
    assert [(row["account_id"], row["component"]) for row in rows] == [
        (ODD, ODD),
        ("a1", "a1"),
        ("a2", "a1"),
        ("a3", "a1"),
        ("c1", ODD),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_find_what_networkx_finds(blank: Neo4jStore, seed: int) -> None:
    graph = nx.gnm_random_graph(60, 45, seed=seed)
    graph.add_edges_from(nx.path_graph(range(100, 140)).edges)
    graph.add_edges_from(nx.complete_graph(range(200, 225)).edges)
    names = list(range(225))
    random.Random(seed).shuffle(names)

    def link(a: int, b: int) -> dict[str, Any]:
        first, second = sorted((f"n{names[a]:03}", f"n{names[b]:03}"))
        return link_row(first, second, content=5.0)

    weak = link_row("n000", "n224", grade="infrastructure", network=5.0)
    _fill(blank, [*(link(a, b) for a, b in graph.edges), weak])
    with_gds = detection.components(blank._session, gds=True)
    assert detection.components(blank._session, gds=False).equals(with_gds)
    found: dict[int, set[str]] = {}
    for row in with_gds.to_pylist():
        found.setdefault(row["component"], set()).add(row["account_id"])
    parts = [part for part in nx.connected_components(graph) if len(part) > 1]
    assert sorted(map(sorted, found.values())) == sorted(sorted(f"n{names[one]:03}" for one in part) for part in parts)


def test_communities_part_what_a_weak_link_joins(blank: Neo4jStore, cypher: Cypher) -> None:
    _fill(blank, _two_cliques())
    rows = blank.communities(1.0).to_pylist()
    assert {row["account_id"]: row["component"] for row in rows} == {
        name: 1 if name in "xy" else 0 for name in (row["account_id"] for row in rows)
    }
    groups: dict[int, str] = {}
    for row in rows:
        groups[row["community"]] = groups.get(row["community"], "") + row["account_id"]
    assert groups == {0: "a0a1a2a3a4", 1: "b0b1b2b3b4", 2: "xy"}
    assert _projections(cypher) == []


def test_communities_do_not_depend_on_the_order_of_loading(blank: Neo4jStore, cypher: Cypher) -> None:
    chance = random.Random(5)
    links = [
        link_row(*sorted((f"n{a:02}", f"n{b:02}")), content=chance.uniform(1, 9))
        for a, b in nx.connected_watts_strogatz_graph(40, 6, 0.3, seed=5).edges
    ]
    found: list[pa.Table] = []
    for shuffle in (1, 2):
        cypher.look("MATCH (n) DETACH DELETE n")
        _fill(blank, links, random.Random(shuffle))
        found += [blank.communities(1.0), blank.communities(1.0)]
    assert all(table.equals(found[0]) for table in found)
    assert len(set(found[0].column("community").to_pylist())) > 1


def test_a_failure_leaves_no_projection(known: Neo4jStore, cypher: Cypher) -> None:
    def task(graph: str) -> None:
        assert _projections(cypher) == [[graph]]
        known._session.write("detect/stream_components", graph="another")

    with pytest.raises(StoreError, match="detect/stream_components"):
        detection._projected(known._session, task)
    assert _projections(cypher) == []

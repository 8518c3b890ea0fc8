"""JanusGraph on one node of Cassandra: the core of what every store does, and a server killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from engines import cassandra
from engines.server import GremlinServer, janusgraph_on_cassandra
from known_graph import CARD, ODD, account_rows, at, link_rows, link_table, publication, tables, use_rows

from linkage.errors import StoreUnavailable, VersionConflict
from linkage.model.decisions import Decision, Ruling
from linkage.stores.base import GraphCounts, Store
from linkage.stores.gremlin.store import GremlinStore

pytestmark = pytest.mark.gremlin


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GremlinServer]:
    """A JanusGraph on one node of Cassandra; JanusGraph ends first."""
    folder = tmp_path_factory.mktemp("cassandra")
    (node,) = cassandra.nodes(folder)
    node.start()
    try:
        server = janusgraph_on_cassandra(folder / "janusgraph", [node.host], node.port).start()
        yield server
        server.stop()
    finally:
        node.stop()


@pytest.fixture(scope="module")
def store(server: GremlinServer) -> Iterator[GremlinStore]:
    """The known graph with two runs, each written twice."""
    with GremlinStore(server.url) as store:
        store.prepare()
        for _ in range(2):
            store.prepare()
            store.load(tables())
            store.replace_links([link_table()], "run1")
            store.mark_loaded(3)
        for given in (publication(), publication("run2", day=4), publication("run2", day=4)):
            store.publish(given)
        yield store


def test_the_graph_is_held_once(store: Store) -> None:
    assert store.counts() == GraphCounts(accounts=6, identifiers=6, uses=15, links=4, rings=2)
    assert store.loaded_through() == 3
    assert pa.concat_tables(list(store.link_table())).to_pylist() == sorted(
        link_rows(), key=lambda row: (row["account_a"], row["account_b"])
    )


def test_reads_go_by_key(store: Store) -> None:
    assert sorted(store.accounts([row["id"] for row in account_rows()])) == sorted(row["id"] for row in account_rows())
    assert store.users(CARD) == ["a1", "a2", "c1"]
    assert [link.bits for link in store.links("a2")] == [35.375, 14.0]
    assert len(store.uses_of(["a1"])["a1"]) == sum(row["account_id"] == "a1" for row in use_rows())
    odd = store.account(ODD)
    assert odd is not None
    assert odd.created_at == account_rows()[-1]["created_at"]
    assert sum(table.num_rows for table in store.sharing_tables([CARD]).uses) == 3


def test_the_run_and_its_history_are_those_published(store: Store) -> None:
    given = publication("run2", day=4)
    assert store.current_run() == given.run
    assert store.rings() == list(given.rings)
    assert store.all_members() == sorted(given.members, key=lambda one: (one.ring_id, one.account_id))
    assert [run.run_id for run in store.runs()] == ["run2", "run1"]
    assert {stay.from_run for stay in store.stays()} == {"run1"}
    assert len(store.events()) == 4
    assert len(set(store.components().column("component").to_pylist())) == 2


def test_uses_and_what_they_leave_go(store: GremlinStore) -> None:
    gone = [row for row in use_rows() if row["key"] == CARD]
    store.remove_uses([pa.Table.from_pylist([{"account_id": r["account_id"], "key": r["key"]} for r in gone])])
    assert store.counts().uses == 12
    assert store.identifiers([CARD]) == {}
    store.load(tables())
    assert store.users(CARD) == ["a1", "a2", "c1"]


def test_a_decision_is_kept_under_its_version(store: Store) -> None:
    first = Decision("d1", 1, Ruling.MUST_LINK, ("a1", ODD), "", "ann", "one card", at(5))
    store.keep_decision(first)
    store.keep_decision(replace(first, version=2, revoked=at(7), revoked_by="bob"))
    with pytest.raises(VersionConflict, match="d1 is at version 2"):
        store.keep_decision(replace(first, version=2, reason="another"))
    assert [one.version for one in store.decisions()] == [2]


def test_what_was_acknowledged_is_there_when_janusgraph_was_killed(server: GremlinServer, store: GremlinStore) -> None:
    before: tuple[Any, ...] = (store.counts(), store.rings(), store.stays())
    store.load(tables([account_rows()[-1] | {"id": "late"}], [], []))
    server.kill()
    with pytest.raises(StoreUnavailable):
        GremlinStore(server.url, patience=0.2)
    server.start()
    assert store.account("late") is not None
    assert (store.counts().uses, store.rings(), store.stays()) == (before[0].uses, *before[1:])

"""Calls of one moment: the pointer to what is published is read once for all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from engines.server import GremlinServer
from known_graph import account_rows, identifier_rows, link_row, link_table, publication, ring, tables
from starlette.testclient import TestClient

from linkage.cli.serve import explain
from linkage.model.rings import Member, Role
from linkage.serve.app import create_app
from linkage.serve.settings import ServeSettings
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.gremlin.exploring import AT_ONCE
from linkage.stores.gremlin.session import Session
from linkage.stores.gremlin.store import GremlinStore
from linkage.stores.moment import at

RING = """{ ring(id: "r1") { size members { edges { node { accountId } } } events { event }
  links { nodes { bits accountA { status } } } } }"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What requests to a Gremlin server were for."""
    sent: list[str] = []
    rows = Session.rows

    def noted(self: Session, work: str, asked: Any) -> list[Any]:
        sent.append(work)
        return rows(self, work, asked)

    monkeypatch.setattr(Session, "rows", noted)
    return sent


@pytest.mark.gremlin
def test_a_request_reads_the_pointer_once(
    tinkergraph_store: GremlinStore, tinkergraph_server: GremlinServer, asked: list[str]
) -> None:
    store = tinkergraph_store
    store.load(tables())
    store.replace_links([link_table()], "run1")
    store.publish(publication())
    settings = ServeSettings(fresh_s=0.0, keep_s=0.0)
    app = create_app(lambda: GremlinStore(tinkergraph_server.url), partial(explain, Settings()), settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for _ in range(2):
            asked.clear()
            found = client.post("/graphql", json={"query": RING}).json()
            assert found["data"]["ring"]["links"]["nodes"]
            assert asked.count("read pointer") == 1
    assert sorted(asked) == [
        "read accounts",
        "read links",
        "read members",
        "read of_ring",
        "read pointer",
        "read vertices",
    ]


def test_calls_of_one_moment_see_one_run(filled: Store) -> None:
    moment: dict[str, str] = {}
    with at(moment):
        run = filled.current_run()
    members = filled.members("r1")
    later = replace(publication(), run=replace(publication().run, run_id="run9"), rings=[ring("r9")], members=[])
    filled.publish(later)
    if moment:  # of a store whose reads are one transaction each it needs none
        with at(moment):
            assert filled.current_run() == run
            assert filled.members("r1") == members
    assert filled.current_run() == later.run
    with at({}):
        assert filled.current_run() == later.run
        assert filled.members("r1") == []


def test_links_of_rings_of_any_size_are_the_first_inside_them(store: Store) -> None:
    names = [f"n{number:03}" for number in range(AT_ONCE + 50)]
    store.load(tables([account_rows()[0] | {"id": name} for name in names], identifier_rows()[:1], []))
    pairs = [*pairwise(names), (names[0], names[-1])]
    store.replace_links([link_table([link_row(a, b, payment=9.0) for a, b in sorted(pairs)])], "run1")
    sizes = {"large": len(names) - 20, "small": 20}
    held = [name for name, size in sizes.items() for _ in range(size)]
    members = [Member(held[at], name, Role.CORE, 9.0, None, None) for at, name in enumerate(names)]
    rings = [ring(name, size=size) for name, size in sizes.items()]
    store.publish(replace(publication(), rings=rings, members=members, events=[]))
    found = store.ring_links_of(["small", "large", "none"])
    inside = {name: {one.account_id for one in members if one.ring_id == name} for name in sizes}
    for name, links in found.items():
        within = sorted(pair for pair in pairs if set(pair) <= inside[name])
        assert [(link.account_a, link.account_b) for link in links] == within
        assert store.ring_links_of([name], 3)[name] == links[:3]
    assert found.keys() == sizes.keys()

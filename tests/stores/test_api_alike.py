"""The API over a JanusGraph answers what it answers over Neo4j."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from engines.server import GremlinServer
from known_graph import ODD, at, link_table, publication, tables
from starlette.testclient import TestClient

from linkage.cli.serve import explain
from linkage.model.decisions import Decision, Ruling
from linkage.serve.app import create_app
from linkage.serve.settings import Limits, ServeSettings
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.gremlin.store import GremlinStore
from linkage.stores.neo4j.store import Neo4jStore

pytestmark = [pytest.mark.neo4j, pytest.mark.gremlin]

ACCOUNT = "accountId status plan country label requests createdAt ring { ringId }"
QUESTIONS = (
    "{ stats { accounts identifiers links rings } run { runId } runs { runId } }",
    "{ rings { nodes { ringId size score status context requests facets operator { operatorId } } } }",
    """{ ring(id: "r1") { size members(first: 3) { edges { role bits node { accountId ring { ringId }
        identifiers(first: 4) { edges { requests node { kind bits accounts(first: 3) { nodes { status } } } } }
        links(first: 3) { edges { link { bits } node { plan } } } } } }
        links(first: 9) { nodes { bits accountA { accountId } evidence { bits } } } events { event } } }""",
    f'{{ account(id: "a1") {{ {ACCOUNT} }} accounts {{ totalCount {{ count }} nodes {{ {ACCOUNT} }} }} }}',
    "{ accountCounts(by: STATUS) { value accounts requests } }",
    '{ whyLinked(a: "a1", b: "a2") { bits grade things { kind bits degree } } }',
    '{ path(a: "a1", b: "a4") { bits hops accounts { accountId } } neighbourhood(account: "a2", hops: 2) { cut } }',
    '{ evasionCost(ring: "r1") { bits } whatIf(terminate: {accounts: ["a1"]}) { requestsStopped } }',
    '{ search(text: "a") { __typename } decisions { decisionId ruling } events { nodes { event } } }',
    '{ pastRing(id: "r1", asOf: "run1") { memberCount } ringDiff(id: "r1", fromRun: "run1", toRun: "run2")'
    " { leftCount joinedCount } }",
)


def _fill(store: Store) -> None:
    store.load(tables())
    store.replace_links([link_table()], "run1")
    for given in (publication(), publication("run2", day=4)):
        given.run.counts.update(accounts=6, traffic=1, chance=0.0)
        store.publish(given)
    store.keep_decision(Decision("d1", 1, Ruling.MUST_LINK, ("a1", ODD), "", "ann", "one card", at(5)))


def _answers(store: Store, opened: Any) -> list[Any]:
    _fill(store)
    settings = ServeSettings(fresh_s=1e9, keep_s=0.0, limits=Limits(cost=10**6, deadline_s=120.0))
    app = create_app(opened, partial(explain, Settings()), settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        return [client.post("/graphql", json={"query": question}).json() for question in QUESTIONS]


def test_janusgraph_and_neo4j_give_the_same_answers(
    neo4j_store: Neo4jStore, neo4j_server: Any, berkeleydb_store: GremlinStore, berkeleydb_server: GremlinServer
) -> None:
    credentials = (neo4j_server.user, neo4j_server.password)
    expected = _answers(neo4j_store, lambda: Neo4jStore(neo4j_server.bolt, *credentials))
    found = _answers(berkeleydb_store, lambda: GremlinStore(berkeleydb_server.url))
    for question, one, other in zip(QUESTIONS, expected, found, strict=True):
        assert "errors" not in one, (question, one["errors"])
        assert one["data"] == other.get("data"), (question, other.get("errors"))

"""The API over a real Neo4j: one statement for each level of a query, and none that writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from known_graph import link_table, publication, tables
from starlette.testclient import TestClient

from linkage import queries
from linkage.cli.serve import explain
from linkage.queries import Mode
from linkage.serve.app import create_app
from linkage.serve.settings import Limits, ServeSettings
from linkage.settings import Settings
from linkage.stores.neo4j.seqlock import is_of_runs
from linkage.stores.neo4j.session import Session
from linkage.stores.neo4j.store import Neo4jStore

pytestmark = pytest.mark.neo4j

RING = """query ($n: Int!) { ring(id: "r1") { size operator { operatorId } members(first: $n) { edges { role bits node {
    accountId status ring { ringId } identifiers(first: 4) { edges { requests node { kind bits accounts(first: 3) {
    nodes { status } } } } } links(first: 3) { edges { link { bits } node { plan } } } } } }
    links(first: $n) { nodes { bits accountA { accountId } evidence { bits } } } events { event } } }"""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The statements that were sent, each with r or w."""
    sent: list[tuple[str, str]] = []
    execute, columns = Session._execute, Session.columns

    def counted(self: Session, query: Any, routing: Any, params: Any) -> Any:
        sent.append((query.name, routing))
        return execute(self, query, routing, params)

    def streamed(self: Session, query: str, batch: int, **params: Any) -> Any:
        sent.append((query, "r"))
        return columns(self, query, batch, **params)

    monkeypatch.setattr(Session, "_execute", counted)
    monkeypatch.setattr(Session, "columns", streamed)
    return sent


@pytest.fixture
def client(neo4j_store: Neo4jStore, neo4j_server: Any) -> Iterator[TestClient]:
    """A client of the API over the known graph."""
    neo4j_store.load(tables())
    neo4j_store.replace_links([link_table()], "run1")
    given = publication()
    given.run.counts.update(accounts=6, traffic=1, chance=0.0)
    neo4j_store.publish(given)

    def open_store() -> Neo4jStore:
        return Neo4jStore(neo4j_server.bolt, neo4j_server.user, neo4j_server.password, patience=4.0)

    settings = ServeSettings(fresh_s=1e9, keep_s=0.0, limits=Limits(cost=10**6, deadline_s=120.0))
    with TestClient(
        create_app(open_store, partial(explain, Settings()), settings), base_url="http://127.0.0.1"
    ) as found:
        yield found


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    found = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in found, found["errors"]
    return found["data"]


def test_a_ring_with_all_around_it_costs_a_statement_for_each_list(
    client: TestClient, statements: list[tuple[str, str]]
) -> None:
    ask(client, "{ rings { nodes { id } } }")
    for first in (1, 4):
        statements.clear()
        ring = ask(client, RING, n=first)["ring"]
        assert len(ring["members"]["edges"]) == first
        sent = Counter(name for name, _ in statements)
        # the document has four lists of accounts: members, ends of links, neighbours, users of things
        assert sent.pop("serve/list_accounts") <= 4
        assert sent.pop("serve/find_seqlock") <= sum(is_of_runs(name) for name, _ in statements)
        assert set(sent.values()) == {1}, sent
    assert {routing for _, routing in statements} == {"r"}


def test_the_api_reads_with_queries_that_read(client: TestClient, statements: list[tuple[str, str]]) -> None:
    ask(client, "{ stats { accounts } runs { runId } decisions { ruling } events { nodes { event } } }")
    ask(
        client,
        (
            '{ path(a: "a1", b: "a4") { bits } neighbourhood(account: "a2", hops: 2) { cut }'
            ' evasionCost(ring: "r1") { bits } }'
        ),
    )
    ask(client, '{ whatIf(terminate: {accounts: ["a1"]}) { requestsStopped } search(text: "a") { __typename } }')
    ask(
        client,
        (
            "{ accounts { totalCount { count } } accountCounts(by: STATUS) { value accounts } whyLinked(a:"
            ' "a1", b: "a2") { bits } }'
        ),
    )
    ask(
        client,
        (
            '{ pastRing(id: "r1", asOf: "run1") { memberCount } ringDiff(id: "r1", fromRun: "run1", toRun:'
            ' "run1") { leftCount } }'
        ),
    )
    used = {name for name, _ in statements}
    assert len(used) > 15
    assert {queries.load(name).mode for name in used} == {Mode.READ}
    assert {routing for _, routing in statements} == {"r"}


def test_what_the_embedded_store_answers_is_what_neo4j_answers_of_the_known_graph(client: TestClient) -> None:
    found = ask(
        client,
        (
            '{ path(a: "a1", b: "a4") { bits hops accounts { accountId } } evasionCost(ring: "r1") { bits'
            " side { accountId } } }"
        ),
    )
    assert found["path"] == {"bits": 3.5, "hops": 3, "accounts": [{"accountId": f"a{at}"} for at in (1, 2, 3, 4)]}
    assert found["evasionCost"] == {"bits": 14.0, "side": [{"accountId": "a3"}]}

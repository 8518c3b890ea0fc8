"""Paths, neighbourhoods, terminations and cuts over the known world; and that no list costs a statement per element."""

from __future__ import annotations

from typing import Any

import pytest

from linkage.jobs.site import Site
from linkage.serve.settings import Limits, ServeSettings
from linkage.stores.duckdb import DuckDBStore
from tests.serve.conftest import Ask, connect
from tests.serve.test_schema import data


def test_the_path_between_two_members_is_the_chain_of_links(ask: Ask) -> None:
    query = (
        "query ($a: ID!, $b: ID!) { path(a: $a, b: $b) { bits hops accounts { accountId } links { bits"
        " accountA { accountId } } } }"
    )
    found = data(ask(query, a="acct-121", b="acct-124"))["path"]
    assert (found["bits"], found["hops"]) == (14.0, 3)
    assert [one["accountId"] for one in found["accounts"]] == ["acct-121", "acct-122", "acct-123", "acct-124"]
    assert [link["accountA"]["accountId"] for link in found["links"]] == ["acct-121", "acct-122", "acct-123"]
    assert data(ask(query, a="acct-001", b="acct-149"))["path"] is None
    assert data(ask(query, a="acct-000", b="acct-007"))["path"] is None
    assert ask(query, a="acct-001", b="acct-001")["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_neighbourhood_is_bounded(ask: Ask) -> None:
    query = """query ($h: Int!, $n: Int!) { neighbourhood(account: "acct-050", hops: $h, limit: $n) { cut
        edges { distance node { accountId } } links { bits accountA { accountId } accountB { accountId } } } }"""
    found = data(ask(query, h=2, n=20))["neighbourhood"]
    assert [(edge["node"]["accountId"], edge["distance"]) for edge in found["edges"]] == [
        ("acct-050", 0),
        ("acct-049", 1),
        ("acct-051", 1),
        ("acct-048", 2),
        ("acct-052", 2),
    ]
    assert (len(found["links"]), found["cut"]) == (4, False)
    near = data(ask(query, h=2, n=3))["neighbourhood"]
    assert (len(near["edges"]), near["cut"]) == (4, True)
    for hops, limit in ((0, 5), (4, 5), (1, 0), (1, 101)):
        assert ask(query, h=hops, n=limit)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert data(ask('{ neighbourhood(account: "nobody") { cut } }'))["neighbourhood"] is None


WHAT_IF = """query ($t: Termination!) { whatIf(terminate: $t) { accounts requestsStopped innocentCount
    rings { ringId membersBefore membersRemoved membersLeft pieces largestPiece requestsBefore requestsLeft
        ring { size } }
    innocents(first: 20) { reason node { accountId } } } }"""


def test_what_a_termination_would_do(ask: Ask) -> None:
    found = data(ask(WHAT_IF, t={"accounts": ["acct-122", "acct-115", "acct-149", "nobody"]}))["whatIf"]
    assert (found["accounts"], found["requestsStopped"], found["innocentCount"]) == (3, 21, 2)
    (ring,) = found["rings"]
    assert ring == {
        "ringId": "ring-b",
        "membersBefore": 5,
        "membersRemoved": 1,
        "membersLeft": 4,
        "pieces": 2,
        "largestPiece": 2,
        "requestsBefore": 3_000_000_000,
        "requestsLeft": 2_999_999_993,
        "ring": {"size": 5},
    }
    assert [(one["node"]["accountId"], one["reason"]) for one in found["innocents"]] == [
        ("acct-115", "it is a bystander of ring-a"),
        ("acct-149", "it is in no ring"),
    ]


def test_a_card_stands_for_all_who_use_it(ask: Ask) -> None:
    prompt = f"{1000:016x}"
    found = data(ask(WHAT_IF, t={"identifiers": [prompt]}))["whatIf"]
    assert (found["accounts"], found["innocentCount"]) == (120, 10)
    assert (found["rings"][0]["membersLeft"], found["rings"][0]["pieces"]) == (0, 0)
    for nothing in ({}, {"accounts": []}, {"accounts": ["x"] * 1001}):
        assert ask(WHAT_IF, t=nothing)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_the_cheapest_cut_of_a_chain_is_one_link(ask: Ask) -> None:
    query = (
        "query ($r: ID!) { evasionCost(ring: $r) { bits ofAccounts linkCount sideSize links { bits }"
        " side { accountId } } }"
    )
    found = data(ask(query, r="ring-b"))["evasionCost"]
    assert (found["bits"], found["ofAccounts"], found["linkCount"]) == (14.0, 5, 1)
    assert found["links"] == [{"bits": 14.0}]
    assert len(found["side"]) == found["sideSize"] <= 2
    assert data(ask(query, r="none"))["evasionCost"] is None
    both = "query ($r: ID!) { evasionCost(ring: $r) { bits } whyRing(ring: $r) { cut { bits } } }"
    for ring in ("ring-a", "ring-b"):
        answer = data(ask(both, r=ring))
        assert answer["evasionCost"] == answer["whyRing"]["cut"]


LISTS = {
    "members": (
        'ring(id: "ring-a") { members(first: %d) { edges { node { accountId ring { size } links(first:'
        " 3) { edges { node { status } } }"
        " identifiers(first: 3) { edges { node { kind accounts(first: 2) { nodes { plan } } } } } } } } }"
    ),
    "links": (
        'ring(id: "ring-a") { links(first: %d) { nodes { accountA { status } accountB { status }'
        " evidence { bits } } } }"
    ),
    "accounts": (
        "accounts(first: %d) { nodes { ring { ringId events(first: 2) { event } members(first: 2) {"
        " edges { role } } } } }"
    ),
    "neighbours": (
        'neighbourhood(account: "acct-050", hops: 1, limit: %d) { edges { node { status } } links {'
        " accountA { status } } }"
    ),
    "rings": (
        "rings(first: %d) { nodes { members(first: 3) { nodes { status } } events { event } operator { operatorId } } }"
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_no_list_costs_a_statement_for_each_element(site: Site, name: str) -> None:
    statements: list[str] = []

    class Counting(DuckDBStore):
        def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
            statements.append(query)
            return super()._all(query, values)

    found = []
    wide = ServeSettings(limits=Limits(cost=10**9, bucket=10**9))
    with connect(site, wide, open_store=lambda: Counting(site.working)) as client:
        for first in (2, 40):
            statements.clear()
            answer = client.post("/graphql", json={"query": f"{{ {LISTS[name] % first} }}"}).json()
            assert "errors" not in answer, answer["errors"]
            found.append(len(statements))
    few, many = found
    assert many <= few, statements


def test_rings_are_paged_without_a_statement(site: Site) -> None:
    statements: list[str] = []

    class Counting(DuckDBStore):
        def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
            statements.append(query)
            return super()._all(query, values)

    settings = ServeSettings(fresh_s=1e9)
    query = "query ($after: String) { rings(first: 1, after: $after) { nodes { size } pageInfo { endCursor } } }"
    with connect(site, settings, open_store=lambda: Counting(site.working)) as client:
        after = None
        for _ in range(3):
            answer = client.post("/graphql", json={"query": query, "variables": {"after": after}}).json()
            after = answer["data"]["rings"]["pageInfo"]["endCursor"]
    assert len(statements) == 3  # the run, its rings, and that there are no more of them

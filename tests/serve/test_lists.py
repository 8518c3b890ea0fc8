"""Lists of the schema: filters, orders, counts, nodes by id, the layers above rings, and history."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.jobs.site import Site
from linkage.serve import ids
from linkage.serve.ids import NodeType
from linkage.serve.settings import ServeSettings
from tests.serve import world
from tests.serve.conftest import Ask, connect
from tests.serve.test_schema import data


def names(ask: Ask, condition: str, sort: str = "SCORE_DESC") -> list[str]:
    found = data(
        ask(
            f"{{ rings(filter: {{ {condition} }}, sort: {sort}) {{ nodes {{ ringId }} totalCount {{ count"
            f" precision }} }} }}"
        )
    )["rings"]
    assert found["totalCount"] == {"count": len(found["nodes"]), "precision": "EXACT"}
    return [ring["ringId"] for ring in found["nodes"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", "abc"),
        ("size: {gte: 6}", "a"),
        ("size: {lt: 6, gt: 4}", "bc"),
        ("size: {eq: 110}", "a"),
        ("score: {lte: 120}", "bc"),
        ("requests: {gte: 3000000001}", ""),
        ("status: [ACTIVE]", "abc"),
        ("status: [MERGED, DORMANT]", ""),
        ("facets: {some: [PAYMENT, NETWORK]}", "abc"),
        ("facets: {all: [PAYMENT, NETWORK]}", ""),
        ("facets: {none: [PAYMENT]}", ""),
        ('operator: {eq: "op-1"}', "abc"),
        ('operator: {in: ["op-2", "op-3"]}', ""),
        ('firstSeen: {gte: "2026-03-01T12:00:00Z"}', "abc"),
        ('lastSeen: {lt: "2026-03-01T12:00:00"}', ""),
        ("not: {size: {gte: 6}}", "bc"),
        ("or: [{size: {gte: 6}}, {score: {gt: 119, lt: 121}}]", "abc"),
        ("and: [{size: {lt: 6}}, {not: {score: {gt: 200}}}]", "bc"),
        ("or: []", ""),
    ],
)
def test_rings_by_their_conditions(ask: Ask, condition: str, expected: str) -> None:
    assert names(ask, condition) == [f"ring-{letter}" for letter in expected]


def test_rings_in_any_order(ask: Ask) -> None:
    assert names(ask, "", "SCORE_ASC") == ["ring-b", "ring-c", "ring-a"]
    assert names(ask, "", "SIZE_ASC") == ["ring-b", "ring-c", "ring-a"]
    assert names(ask, "", "REQUESTS_DESC") == ["ring-a", "ring-b", "ring-c"]


@given(st.sampled_from(["SCORE_DESC", "SIZE_ASC", "LAST_SEEN_DESC"]), st.integers(1, 3))
@settings(max_examples=9, deadline=None)
def test_pages_of_any_order_are_complete(ask: Ask, sort: str, first: int) -> None:
    query = (
        f"query ($after: String) {{ rings(first: {first}, after: $after, sort: {sort}) {{ nodes {{"
        f" ringId }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
    found, after, more = [], None, True
    while more:
        page = data(ask(query, after=after))["rings"]
        found += [ring["ringId"] for ring in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert found == names(ask, "", sort)


def test_a_filter_of_too_many_parts_is_refused(ask: Ask) -> None:
    deep: dict[str, Any] = {"size": {"gte": 1}}
    for _ in range(60):
        deep = {"not": deep}
    query = "query ($f: RingFilter) { rings(filter: $f) { nodes { id } } }"
    assert ask(query, f=deep)["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    wide = {"operator": {"in": ["x"] * 201}}
    assert ask(query, f=wide)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_counts_of_rings(ask: Ask) -> None:
    query = (
        "{ ringCounts(by: OPERATOR) { value rings accounts requests highestScore meanScore } campaigns:"
        " ringCounts(by: CAMPAIGN) { value rings } facets: ringCounts(by: FACETS, filter: {size: {lt:"
        " 9}}) { value accounts } }"
    )
    found = data(ask(query))
    assert found["ringCounts"] == [
        {
            "value": "op-1",
            "rings": 3,
            "accounts": 120,
            "requests": 9_000_000_000,
            "highestScore": 900.5,
            "meanScore": 380.167,
        }
    ]
    assert found["campaigns"] == [{"value": None, "rings": 3}]
    assert found["facets"] == [{"value": "payment content", "accounts": 10}]


def test_operators_lead_to_rings_and_back(ask: Ask) -> None:
    query = """{ operators { totalCount { count } nodes { id operatorId ringCount accounts requests score
        campaigns { id }
        rings(first: 2) { nodes { ringId operator { operatorId } campaign { id } } pageInfo { hasNextPage } } }
        } campaigns { nodes { id } } }"""
    found = data(ask(query))
    (operator,) = found["operators"]["nodes"]
    assert (operator["operatorId"], operator["ringCount"], operator["accounts"]) == ("op-1", 3, 120)
    assert [ring["ringId"] for ring in operator["rings"]["nodes"]] == ["ring-a", "ring-b"]
    assert operator["rings"]["nodes"][0] == {"ringId": "ring-a", "operator": {"operatorId": "op-1"}, "campaign": None}
    assert operator["rings"]["pageInfo"]["hasNextPage"] is True
    assert (operator["campaigns"], found["campaigns"]["nodes"]) == ([], [])


def test_accounts_are_paged_filtered_and_counted(ask: Ask) -> None:
    query = """query ($after: String, $f: AccountConditions) { accounts(first: 60, after: $after, filter: $f) {
        totalCount { count precision } edges { cursor node { accountId } } nodes { accountId } pageInfo {
        hasNextPage endCursor } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = data(ask(query, after=after))["accounts"]
        seen += [node["accountId"] for node in page["nodes"]]
        assert page["nodes"] == [edge["node"] for edge in page["edges"]]
        assert page["totalCount"] == {"count": 150, "precision": "EXACT"}
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert seen == [world.account_id(number) for number in range(150)]
    strangers = data(ask(query, f={"inRing": False}))["accounts"]
    assert strangers["totalCount"]["count"] == 30
    assert data(ask(query, f={"idPrefix": "acct-14", "status": ["active"]}))["accounts"]["totalCount"]["count"] == 10
    assert data(ask(query, f={"status": ["terminated"]}))["accounts"]["nodes"] == []
    counts = data(
        ask(
            "{ accountCounts(by: STATUS) { value accounts requests } labels: accountCounts(by: LABEL) {"
            " value accounts } }"
        )
    )
    assert counts["accountCounts"] == [{"value": "active", "accounts": 150, "requests": 1050}]
    assert counts["labels"] == [{"value": None, "accounts": 150}]


def test_nodes_come_in_order_with_null_for_the_unknown(ask: Ask) -> None:
    wanted = [
        ids.global_id(NodeType.RING, "ring-b"),
        ids.global_id(NodeType.ACCOUNT, "nobody"),
        "nonsense",
        ids.global_id(NodeType.ACCOUNT, "acct-001"),
        ids.global_id(NodeType.OPERATOR, "op-1"),
        ids.global_id(NodeType.CAMPAIGN, "none"),
        ids.global_id(NodeType.RUN, "run-1"),
        ids.global_id(NodeType.IDENTIFIER, f"{1:016x}"),
        ids.global_id(NodeType.RING, "ring-b"),
    ]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Ring { size } } }"
    found = data(ask(query, ids=wanted))["nodes"]
    kinds = [node and node["__typename"] for node in found]
    assert kinds == ["Ring", None, None, "Account", "Operator", None, "Run", "Identifier", "Ring"]
    assert [node["id"] for node in found if node] == [one for one, kind in zip(wanted, kinds, strict=True) if kind]
    assert found[0]["size"] == 5
    assert data(ask("query ($id: ID!) { node(id: $id) { id } }", id=wanted[0]))["node"] == {"id": wanted[0]}
    assert ask(query, ids=wanted * 12)["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "QUERY_TOO_EXPENSIVE"}


def test_an_identifier_leads_to_its_accounts(ask: Ask) -> None:
    query = """query ($after: String) { identifier(key: "00000000000003e8") { kind degree
        accounts(first: 100, after: $after) { totalCount { count } nodes { accountId } pageInfo { hasNextPage
        endCursor } } } }"""
    first = data(ask(query))["identifier"]
    assert (first["kind"], first["degree"], first["accounts"]["totalCount"]["count"]) == ("prompt", 120, 120)
    rest = data(ask(query, after=first["accounts"]["pageInfo"]["endCursor"]))["identifier"]["accounts"]
    found = [node["accountId"] for node in first["accounts"]["nodes"] + rest["nodes"]]
    assert found == [world.account_id(number) for number in range(120)]
    assert data(ask('{ identifier(key: "zz") { kind } }')) == {"identifier": None}


def test_search_finds_by_the_beginning_of_an_id(ask: Ask) -> None:
    query = """query ($t: String!) { search(text: $t, first: 5) { __typename ... on Account { accountId } ...
        on Ring { ringId }
        ... on Operator { operatorId } ... on Identifier { kind } } }"""
    assert [hit["accountId"] for hit in data(ask(query, t="acct-01"))["search"]] == [f"acct-01{n}" for n in range(5)]
    assert data(ask(query, t="ring-b"))["search"] == [{"__typename": "Ring", "ringId": "ring-b"}]
    assert data(ask(query, t="op-"))["search"] == [{"__typename": "Operator", "operatorId": "op-1"}]
    assert data(ask(query, t=f"{1:016x}"))["search"] == [{"__typename": "Identifier", "kind": "payment"}]
    assert ask(query, t="")["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_history_is_read_run_by_run(fresh: Site) -> None:
    with connect(fresh, ServeSettings(fresh_s=0.0)) as client:

        def get(query: str, **variables: Any) -> dict[str, Any]:
            return data(client.post("/graphql", json={"query": query, "variables": variables}).json())

        events = (
            "query ($after: String) { events(first: 2, after: $after) { nodes { runId ringId event ring {"
            " size } } pageInfo { hasNextPage endCursor } } }"
        )
        page = get(events)["events"]
        assert [(one["runId"], one["ringId"]) for one in page["nodes"]] == [("run-1", "ring-a"), ("run-1", "ring-b")]
        end = get(events, after=page["pageInfo"]["endCursor"])["events"]
        assert end["nodes"] == [{"runId": "run-1", "ringId": "ring-c", "event": "FORMED", "ring": {"size": 5}}]
        last = end["pageInfo"]["endCursor"]
        assert get(events, after=last)["events"]["nodes"] == []
        world.publish(fresh, "run-2")
        assert [one["runId"] for one in get(events, after=last)["events"]["nodes"]] == ["run-2", "run-2"]
        assert [run["runId"] for run in get("{ runs { runId } }")["runs"]] == ["run-2", "run-1"]
        past = get(
            '{ pastRing(id: "ring-b", asOf: "run-1") { asOf memberCount ring { size } members(first: 2) {'
            " edges { accountId role fromRun untilRun node { status } } pageInfo { hasNextPage } } } }"
        )["pastRing"]
        assert (past["asOf"], past["memberCount"], past["ring"]["size"]) == ("run-1", 5, 5)
        assert past["members"]["edges"][0] == {
            "accountId": "acct-120",
            "role": "MEMBER",
            "fromRun": "run-1",
            "untilRun": None,
            "node": {"status": "active"},
        }
        assert past["members"]["pageInfo"]["hasNextPage"] is True
        diff = get(
            '{ ringDiff(id: "ring-b", fromRun: "run-1", toRun: "run-2") { joinedCount leftCount'
            " changedCount joined { accountId } before { size } after { size } events { event runId } } }"
        )["ringDiff"]
        assert (diff["joinedCount"], diff["leftCount"], diff["changedCount"], diff["joined"]) == (0, 0, 0, [])
        assert diff["events"] == [{"event": "FORMED", "runId": "run-2"}]
        wrong = client.post(
            "/graphql", json={"query": '{ ringDiff(id: "ring-b", fromRun: "run-2", toRun: "run-1") { ringId } }'}
        ).json()
        assert wrong["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("run_id", ["x", "run", "run-10", "run-0", "run-000099"])
def test_a_run_that_was_never_published_is_no_place_in_history(ask: Ask, run_id: str) -> None:
    query = 'query ($run: ID!) { pastRing(id: "ring-b", asOf: $run) { memberCount } }'
    (error,) = ask(query, run=run_id)["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "asOf names no run that was published; `runs` lists those that were"
    query = 'query ($a: ID!, $b: ID!) { ringDiff(id: "ring-b", fromRun: $a, toRun: $b) { joinedCount } }'
    for runs, name in (({"a": run_id, "b": "run-1"}, "fromRun"), ({"a": "run-1", "b": run_id}, "toRun")):
        (error,) = ask(query, **runs)["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"].startswith(f"{name} names no run")


def test_a_ring_that_never_was_has_no_history(ask: Ask) -> None:
    assert data(ask('{ pastRing(id: "ring-x", asOf: "run-1") { memberCount } }'))["pastRing"] is None
    (error,) = ask('{ ringDiff(id: "ring-x", fromRun: "run-1", toRun: "run-1") { joinedCount } }')["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["ringDiff"])
    assert "no ring" in error["message"]

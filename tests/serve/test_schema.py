"""What the API answers about a world that is known."""

from __future__ import annotations

from typing import Any

import pytest

from linkage.serve import ids
from linkage.serve.ids import NodeType
from linkage.serve.settings import ServeSettings
from tests.serve import world
from tests.serve.conftest import Ask, connect


def data(answer: dict[str, Any]) -> dict[str, Any]:
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]
    return found


def test_an_account_has_its_attributes_its_ring_and_its_role(ask: Ask) -> None:
    query = """query ($id: ID!) { account(id: $id) {
        id accountId status plan country createdAt requests firstSeen role label
        ring { ringId size requests operatorId campaignId context } } }"""
    account = data(ask(query, id="acct-003"))["account"]
    assert account == {
        "id": ids.global_id(NodeType.ACCOUNT, "acct-003"),
        "accountId": "acct-003",
        "status": "active",
        "plan": "pro",
        "country": "DE",
        "createdAt": "2026-01-01T00:00:00+00:00",
        "requests": 7,
        "firstSeen": "2024-10-04T00:00:00+00:00",
        "role": "CORE",
        "label": None,
        "ring": {
            "ringId": "ring-a",
            "size": 110,
            "requests": 3_000_000_000,
            "operatorId": "op-1",
            "campaignId": None,
            "context": None,
        },
    }
    assert data(ask(query, id=account["id"]))["account"] == account


def test_what_is_unknown_is_null(ask: Ask) -> None:
    query = '{ account(id: "nobody") { id } ring(id: "none") { id } whyLinked(a: "nobody", b: "acct-001") { bits } }'
    assert data(ask(query)) == {"account": None, "ring": None, "whyLinked": None}


def test_an_account_without_a_ring_has_none(ask: Ask) -> None:
    account = data(ask('{ account(id: "acct-149") { role ring { id } links { edges { cursor } } } }'))["account"]
    assert account == {"role": None, "ring": None, "links": {"edges": []}}


def test_the_id_of_another_type_is_refused(ask: Ask) -> None:
    answer = ask("query ($id: ID!) { ring(id: $id) { id } }", id=ids.global_id(NodeType.ACCOUNT, "acct-003"))
    assert answer["data"] == {"ring": None}
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert answer["errors"][0]["path"] == ["ring"]


def test_rings_are_paged_by_score_then_id(ask: Ask) -> None:
    query = """query ($after: String) { rings(first: 1, after: $after) {
        nodes { ringId score facets status } edges { cursor node { ringId } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    found, after = [], None
    for page in range(3):
        rings = data(ask(query, after=after))["rings"]
        found += rings["nodes"]
        assert rings["pageInfo"]["hasNextPage"] is (page < 2)
        assert rings["pageInfo"]["hasPreviousPage"] is (page > 0)
        after = rings["pageInfo"]["endCursor"]
        assert after == rings["edges"][0]["cursor"] == rings["pageInfo"]["startCursor"]
    assert [ring["ringId"] for ring in found] == ["ring-a", "ring-b", "ring-c"]
    assert found[0] == {
        "ringId": "ring-a",
        "score": 900.5,
        "facets": ["PAYMENT", "CONTENT"],
        "status": "ACTIVE",
    }
    assert data(ask(query, after=after))["rings"]["nodes"] == []


def test_members_are_paged_to_the_end_in_the_stores_order(ask: Ask, site: Any) -> None:
    query = """query ($after: String) { ring(id: "ring-a") { members(first: 33, after: $after) {
        edges { role bits weakestFacet since node { accountId role } }
        pageInfo { hasNextPage endCursor } } } }"""
    found: list[tuple[str, str]] = []
    after, more = None, True
    while more:
        page = data(ask(query, after=after))["ring"]["members"]
        found += [(edge["node"]["accountId"], edge["role"]) for edge in page["edges"]]
        assert all(edge["role"] == edge["node"]["role"] for edge in page["edges"])
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    with site.open() as store:
        expected = [(member.account_id, member.role.name) for member in store.members("ring-a")]
    assert found == expected
    assert len(found) == 120


def test_links_carry_bits_by_facet_and_evidence(ask: Ask) -> None:
    query = """{ account(id: "acct-001") { links(first: 5) {
        edges { node { accountId } link { bits grade facets { facet bits } accountA { accountId } accountB { accountId }
            evidence { linked grade bits } } } nodes { accountId } pageInfo { hasNextPage } } } }"""
    links = data(ask(query))["account"]["links"]
    assert [edge["node"]["accountId"] for edge in links["edges"]] == ["acct-000", "acct-002"]
    assert links["nodes"] == [edge["node"] for edge in links["edges"]]
    link = links["edges"][0]["link"]
    assert link["bits"] == 14.0
    assert {part["facet"]: part["bits"] for part in link["facets"]} == {"PAYMENT": 9.0, "CONTENT": 5.0}
    assert (link["accountA"]["accountId"], link["accountB"]["accountId"]) == ("acct-000", "acct-001")
    assert link["evidence"] == {"linked": True, "grade": "BEHAVIOUR", "bits": 14.0}


def test_identifiers_are_paged_with_their_use_on_the_edge(ask: Ask) -> None:
    query = """query ($after: String) { account(id: "acct-001") { identifiers(first: 2, after: $after) {
        edges { days requests firstSeen node { key kind facet degree bits place } }
        nodes { kind } pageInfo { hasNextPage endCursor } } } }"""
    first = data(ask(query))["account"]["identifiers"]
    assert [edge["node"]["kind"] for edge in first["edges"]] == ["payment", "payment"]
    assert first["edges"][0] == {
        "days": 1,
        "requests": 3,
        "firstSeen": "2024-10-04T00:00:00+00:00",
        "node": {
            "key": f"{1:016x}",
            "kind": "payment",
            "facet": "PAYMENT",
            "degree": 2,
            "bits": 9.0,
            "place": None,
        },
    }
    assert first["pageInfo"]["hasNextPage"] is True
    rest = data(ask(query, after=first["pageInfo"]["endCursor"]))["account"]["identifiers"]
    assert [node["kind"] for node in rest["nodes"]] == ["prompt"]
    assert rest["pageInfo"]["hasNextPage"] is False


def test_why_linked_is_the_waterfall(ask: Ask) -> None:
    query = """query ($a: ID!, $b: ID!) { whyLinked(a: $a, b: $b) {
        prior bits needed linked grade against accountA { accountId } accountB { accountId }
        facets { facet summed counted }
        things(first: 5) { facet kind key degree bits firstSeen lastSeen detail place } } }"""
    found = data(ask(query, a="acct-001", b="acct-000"))["whyLinked"]
    assert found["accountA"] == {"accountId": "acct-000"}
    assert found["prior"] == pytest.approx(-7.229)
    assert found["bits"] == sum(facet["counted"] for facet in found["facets"]) == 14.0
    assert found["needed"] == pytest.approx(11.229)
    assert found["linked"] is True
    assert [(thing["kind"], thing["degree"], thing["bits"]) for thing in found["things"]] == [
        ("payment", 2, 9.0),
        ("prompt", 120, 5.0),
    ]
    other = data(ask(query, a="acct-001", b="acct-149"))["whyLinked"]
    assert (other["linked"], other["grade"], other["things"]) == (False, None, [])
    assert other["against"]


def test_an_account_is_not_compared_with_itself(ask: Ask) -> None:
    same = ids.global_id(NodeType.ACCOUNT, "acct-001")
    answer = ask("query ($a: ID!, $b: ID!) { whyLinked(a: $a, b: $b) { bits } }", a="acct-001", b=same)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_argument_that_is_null_is_the_clients_error(ask: Ask) -> None:
    answer = ask("query ($n: Int) { rings(first: $n) { nodes { id } } }", n=None)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_ring_links_and_events(ask: Ask) -> None:
    query = """{ ring(id: "ring-b") { links(first: 3) { nodes { bits grade } pageInfo { hasNextPage } }
        events { event runId at otherRingId } } }"""
    ring = data(ask(query))["ring"]
    assert ring["links"]["nodes"] == [{"bits": 14.0, "grade": "BEHAVIOUR"}] * 3
    assert ring["links"]["pageInfo"]["hasNextPage"] is True
    assert ring["events"] == [
        {"event": "FORMED", "runId": "run-1", "at": "2026-03-01T12:00:00+00:00", "otherRingId": None}
    ]


def test_run_and_stats(ask: Ask) -> None:
    found = data(ask("{ run { runId settings { name value } counts { name value } } stats { accounts links rings } }"))
    assert found["run"]["runId"] == "run-1"
    assert {"name": "members", "value": 120.0} in found["run"]["counts"]
    assert found["stats"] == {"accounts": 150, "links": 127, "rings": 3}


def test_a_cursor_of_an_earlier_run_is_refused(fresh: Any) -> None:
    query = "query ($after: String) { rings(first: 1, after: $after) { pageInfo { endCursor } } }"
    with connect(fresh, ServeSettings(fresh_s=0.0)) as client:
        first = client.post("/graphql", json={"query": query}).json()
        after = first["data"]["rings"]["pageInfo"]["endCursor"]
        world.publish(fresh, "run-2")
        answer = client.post("/graphql", json={"query": query, "variables": {"after": after}}).json()
        assert "new run" in answer["errors"][0]["message"]
        assert client.get("/health/ready").json() == {"status": "ready", "run": "run-2", "authentication": "off"}


@pytest.mark.parametrize("after", ["", "x", "bm8", ids.cursor(1, 2), ids.cursor("ring-a"), "é" * 9000])
def test_a_cursor_of_something_else_is_refused(ask: Ask, after: str) -> None:
    for field in (
        "rings(after: $after) { pageInfo { endCursor } }",
        'ring(id: "ring-a") { links(after: $after) { pageInfo { endCursor } } }',
    ):
        answer = ask(f"query ($after: String) {{ {field} }}", after=after)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

"""What a request costs, what is left, documents named by digest, and the audit log of it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from linkage.errors import SettingsError
from linkage.jobs.site import Site
from linkage.serve import limits as sizes
from linkage.serve import schema
from linkage.serve.buckets import Buckets
from linkage.serve.documents import Documents, document_id
from linkage.serve.faults import Fault
from linkage.serve.parsing import shape
from linkage.serve.settings import Limits, ServeSettings
from tests.serve.conftest import connect
from tests.serve.test_limits import INFINITE, twice

QUERY = 'query Who { account(id: "acct-001") { accountId country } }'


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_fills_and_is_one_senders_own() -> None:
    clock = Clock()
    buckets = Buckets(100, 10, clock)
    buckets.take("a", 80)
    with pytest.raises(Fault) as caught:
        buckets.take("a", 50)
    assert (caught.value.status, caught.value.retry_after) == (429, 3)
    buckets.take("b", 100)
    clock.now = 3.0
    buckets.take("a", 50)
    buckets.give_back("a", 45)
    assert buckets.status("a") == {"maximumAvailable": 100, "currentlyAvailable": 45, "restoreRate": 10}
    clock.now = 1000.0
    assert buckets.status("a")["currentlyAvailable"] == 100


def test_a_reply_tells_its_cost_and_an_empty_bucket_is_429(site: Site) -> None:
    with connect(site, ServeSettings(limits=Limits(bucket=150, bucket_rate=1))) as client:
        first = client.post("/graphql", json={"query": '{ ring(id: "ring-a") { size score } }'}).json()
        cost = first["extensions"]["cost"]
        assert 0 < cost["actual"] <= cost["requested"] == 3
        assert cost["throttleStatus"]["maximumAvailable"] == 150
        wide = "{ rings(first: 40) { nodes { ringId } } }"
        assert client.post("/graphql", json={"query": wide}).json()["extensions"]["cost"]["actual"] < 40
        refused = client.post("/graphql", json={"query": "{ rings(first: 90) { nodes { ringId size } } }"})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_what_is_refused_costs_nothing(site: Site) -> None:
    with connect(site, ServeSettings(limits=Limits(bucket=100, bucket_rate=1))) as client:
        for _ in range(5):
            client.post("/graphql", json={"query": "{ nothing }"})
        left = client.post("/graphql", json={"query": "{ run { runId } }"}).json()["extensions"]["cost"]
    assert left["throttleStatus"]["currentlyAvailable"] >= 97


def _visited(count: int) -> int:
    """Returns how many nodes the limits look at in a document of so many doubled fragments."""
    document = parse(twice(count))
    looked = 0

    class Counting(sizes._Measure):
        def _selection(self, *given: Any) -> sizes.Size:
            nonlocal looked
            looked += 1
            return super()._selection(*given)

    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    measure = Counting(schema.core(schema.build()), document, {}, INFINITE)
    measure.operation(operation)
    for number in range(count + 1):
        measure.fragment(f"f{number}")
    return looked


def test_the_rule_of_limits_is_linear_in_the_document() -> None:
    ten, twenty, forty = (_visited(count) for count in (10, 20, 40))
    assert forty - twenty == 2 * (twenty - ten)


def test_documents_are_known_by_their_digest(tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_text(QUERY)
    documents = Documents(tmp_path, only=True)
    assert documents.text(None, document_id(QUERY)) == QUERY
    assert documents.text(QUERY, None) == QUERY
    for query, digest, status in ((None, "sha256:0", 400), ("{ run { id } }", None, 403), (QUERY, "sha256:0", 400)):
        with pytest.raises(Fault) as caught:
            documents.text(query, digest)
        assert caught.value.status == status


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(SettingsError):
            Documents(folder, only=True)
    with pytest.raises(SettingsError, match="no folder"):
        Documents(tmp_path / "none")


def test_a_document_is_sent_once_and_named_from_then_on(site: Site) -> None:
    digest = document_id(QUERY)
    with connect(site) as client:

        def post(**body: Any) -> dict[str, Any]:
            found: dict[str, Any] = client.post("/graphql", json=body).json()
            return found

        apollo = {"persistedQuery": {"version": 1, "sha256Hash": digest.removeprefix("sha256:")}}
        assert post(extensions=apollo)["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        full = post(query=QUERY, extensions=apollo)
        assert full["data"]["account"]["accountId"] == "acct-001"
        assert post(extensions=apollo)["data"] == post(documentId=digest)["data"] == full["data"]
        got = client.get("/graphql", params={"documentId": digest})
        assert got.json()["data"] == full["data"]
        assert post(query=QUERY, documentId="sha256:0")["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert post(documentId=5)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_on_the_list_only_the_list_runs(site: Site, tmp_path: Path) -> None:
    (tmp_path / "who.graphql").write_text(QUERY)
    with connect(site, ServeSettings(documents=tmp_path, documents_only=True)) as client:
        assert client.post("/graphql", json={"documentId": document_id(QUERY)}).json()["data"]
        refused = client.post("/graphql", json={"query": "{ run { runId } }"})
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")


@pytest.fixture
def log(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]

    return read


def test_the_audit_log_has_who_and_what_but_no_literal(
    site: Site, tmp_path: Path, log: Callable[[], list[dict[str, Any]]]
) -> None:
    path = tmp_path / "audit.jsonl"
    with connect(site, ServeSettings(audit=path)) as client:
        client.post("/graphql", json={"query": QUERY})
        client.post("/graphql", json={"query": QUERY.replace("acct-001", "acct-002")})
        client.post(
            "/graphql", json={"query": "query A($id: ID!) { account(id: $id) { id } }", "variables": {"id": "acct-003"}}
        )
        client.post("/graphql", json={"query": "{ secretfield }"})
    rows = log()
    assert [row["code"] for row in rows] == ["OK", "OK", "OK", "GRAPHQL_VALIDATION_FAILED"]
    assert (rows[0]["who"], rows[0]["role"], rows[0]["operation"], rows[0]["fields"]) == (
        "local",
        "admin",
        "query Who",
        ["account"],
    )
    assert rows[0]["document"] == rows[1]["document"] != rows[2]["document"]
    assert "acct-" not in path.read_text()
    assert "secretfield" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_refusal_for_want_of_a_role_is_in_the_log(
    site: Site, tmp_path: Path, log: Callable[[], list[dict[str, Any]]]
) -> None:
    from linkage.serve.access.keyfile import KeyFile

    keys = KeyFile(tmp_path / "keys")
    key, secret = keys.make("viewer", "viewer", 1)
    with connect(site, ServeSettings(keys=keys.path, audit=tmp_path / "audit.jsonl")) as client:
        client.post("/graphql", json={"query": QUERY}, headers={"Authorization": f"Bearer {secret}"})
    (row,) = log()
    assert (row["who"], row["code"], row["fields"]) == (f"key {key.key_id}", "FORBIDDEN", ["account"])
    assert secret not in str(row)


def test_the_log_is_only_added_to(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for count in (1, 2):
        with connect(site, ServeSettings(audit=path)) as client:
            client.post("/graphql", json={"query": "{ run { runId } }"})
        assert len(path.read_text().splitlines()) == count


def test_the_shape_of_a_document_is_without_its_literals() -> None:
    one, two, three = (
        shape(parse(text)) for text in ('{ a(x: "1", y: 2) }', '{ a(x: "é", y: 33) # z\n}', "{ b(x: 1) }")
    )
    assert one == two != three

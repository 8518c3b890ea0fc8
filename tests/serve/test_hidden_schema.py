"""A service that hides its schema answers what it is asked, and tells nothing of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from linkage.jobs.site import Site
from linkage.serve.documents import document_id
from linkage.serve.settings import ServeSettings

from .conftest import connect

QUERY = "{ __typename rings(first: 1) { nodes { ringId } } }"
PAGE = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def hidden(site: Site) -> Iterator[TestClient]:
    """A client of a service that hides its schema."""
    with connect(site, ServeSettings(hide_schema=True)) as found:
        yield found


def _said(client: TestClient, query: str) -> str:
    return str(client.post("/graphql", json={"query": query}).json()["errors"])


def test_what_is_asked_is_answered(hidden: TestClient) -> None:
    data = hidden.post("/graphql", json={"query": QUERY}).json()["data"]
    assert data["__typename"] == "Query"
    assert len(data["rings"]["nodes"]) == 1


@pytest.mark.parametrize("query", ["{ __schema { types { name } } }", '{ __type(name: "Ring") { name } }'])
def test_introspection_is_not_valid(hidden: TestClient, client: TestClient, query: str) -> None:
    assert "introspection" in _said(hidden, query)
    assert client.post("/graphql", json={"query": query}).json()["data"]


@pytest.mark.parametrize(
    "query", ["{ ring(id: 1) { ringIds } }", "{ rings(first: 1, sorts: []) { nodes { ringId } } }"]
)
def test_errors_suggest_no_names(hidden: TestClient, client: TestClient, query: str) -> None:
    assert "Did you mean" in _said(client, query)
    assert "Did you mean" not in _said(hidden, query)


def test_errors_of_variables_suggest_no_names(hidden: TestClient, client: TestClient) -> None:
    asked = {
        "query": "query Q($sort: RingSort!) { rings(first: 1, sort: $sort) { nodes { ringId } } }",
        "variables": {"sort": "SCORE_DES"},
    }
    assert "Did you mean" in str(client.post("/graphql", json=asked).json()["errors"])
    told = str(hidden.post("/graphql", json=asked).json()["errors"])
    assert "sort" in told
    assert "Did you mean" not in told


def test_there_is_no_editor(hidden: TestClient, client: TestClient) -> None:
    assert "graphiql" in client.get("/graphql", headers=PAGE).text.lower()
    reply = hidden.get("/graphql", headers=PAGE)
    assert reply.status_code >= 400
    assert "graphiql" not in reply.text.lower()


def test_a_get_names_its_document(hidden: TestClient) -> None:
    refused = hidden.get("/graphql", params={"query": QUERY})
    assert refused.status_code == 405
    named = {"documentId": document_id(QUERY)}
    assert hidden.post("/graphql", json={"query": QUERY} | named).json()["data"]
    assert hidden.get("/graphql", params=named).json()["data"]["rings"]["nodes"]

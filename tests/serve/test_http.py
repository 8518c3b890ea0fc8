"""GraphQL over HTTP: how requests are read and answered, and who may ask."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from linkage.jobs.site import Site
from linkage.serve import http
from linkage.serve.faults import Fault
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect

QUERY = "{ run { runId } }"
RUN = {"run": {"runId": "run-1"}}
KEY = "a key of enough length"


def code(response: Any) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


def test_post_and_get_answer_alike(client: TestClient) -> None:
    posted = client.post("/graphql", json={"query": QUERY})
    got = client.get("/graphql", params={"query": QUERY, "variables": "{}"})
    assert posted.json()["data"] == got.json()["data"] == RUN
    assert posted.headers["content-type"] == "application/json; charset=utf-8"
    assert posted.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, http.JSON),
        ("*/*", http.JSON),
        ("application/json", http.JSON),
        ("application/graphql-response+json", http.RESPONSE_TYPE),
        ("application/json;q=0.5, application/graphql-response+json", http.RESPONSE_TYPE),
        ("text/plain, application/*;q=0.1", http.JSON),
    ],
)
def test_the_reply_has_the_type_that_was_asked_for(accept: str | None, expected: str) -> None:
    assert http.reply_type(accept) == expected


@pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "application/json;q=x", ";"])
def test_no_other_type_is_to_be_had(accept: str) -> None:
    with pytest.raises(Fault) as caught:
        http.reply_type(accept)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": 1}', "application/json", 400),
        (b'{"query": ""}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b'{"query": "{ __typename }", "operationName": 1}', "application/json", 400),
        (b'{"query": "{ __typename }", "extensions": 1}', "application/json", 400),
        (b'{"query": "{ __typename }"}', "text/plain", 415),
        (b'{"query": "{ __typename }"}', "application/json; charset=utf-16", 415),
        (b"query=%7B+__typename+%7D", "application/x-www-form-urlencoded", 415),
        (b'{"query": "{ __typename }' + b"#" * 200_000 + b'"}', "application/json", 413),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(client: TestClient, body: bytes, kind: str, status: int) -> None:
    response = client.post("/graphql", content=body, headers={"content-type": kind})
    assert response.status_code == status
    assert code(response) in {"BAD_USER_INPUT", "QUERY_TOO_EXPENSIVE"}


def test_a_body_without_a_length_is_cut_off_too(client: TestClient) -> None:
    pieces = (b" " * 50_000 for _ in range(4))
    response = client.post("/graphql", content=pieces, headers={"content-type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query a { run { id } } query b { run { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { rings(first: $n) { nodes { id } } }", "BAD_USER_INPUT"),
        ("mutation { run { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_a_request_that_cannot_run_is_400_or_an_error_in_200(client: TestClient, query: str, expected: str) -> None:
    for kind, status in ((http.JSON, 200), (http.RESPONSE_TYPE, 400)):
        response = client.post("/graphql", json={"query": query}, headers={"accept": kind})
        assert (response.status_code, code(response)) == (status, expected)
        assert "data" not in response.json()


def test_get_runs_no_mutation(client: TestClient) -> None:
    response = client.get("/graphql", params={"query": "mutation { run { id } }"})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert client.delete("/graphql").status_code == 405


def test_a_browser_gets_an_editor_that_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace("<!doctype html>", "")
    for name in ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "start.js", "start.css"):
        assert f"/graphiql/{name}" in page.text
        assert client.get(f"/graphiql/{name}").status_code == 200
    assert client.get("/graphiql/other.js").status_code == 404


def test_a_page_of_another_name_is_not_answered_without_a_key(client: TestClient) -> None:
    for host, status in (("attacker.example", 403), ("", 403), ("localhost:1", 200), ("[::1]:8000", 200)):
        response = client.post("/graphql", json={"query": QUERY}, headers={"host": host})
        assert response.status_code == status


def test_with_a_key_only_its_holders_are_answered(site: Site) -> None:
    with connect(site, ServeSettings(api_key=KEY)) as client:
        for header in ({}, {"authorization": "Bearer"}, {"authorization": f"Bearer {KEY}x"}, {"authorization": KEY}):
            response = client.post("/graphql", json={"query": QUERY}, headers=header)
            assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
            assert response.headers["www-authenticate"] == "Bearer"
            assert client.get("/metrics", headers=header).status_code == 401
        held = {"authorization": f"Bearer {KEY}", "host": "linkage.example"}
        assert client.post("/graphql", json={"query": QUERY}, headers=held).json()["data"] == RUN
        assert client.get("/health/ready").status_code == 200
        assert client.get("/graphql", headers={"accept": "text/html"}).status_code == 200


def test_metrics_count_requests_by_code(site: Site) -> None:
    with connect(site) as client:
        client.post("/graphql", json={"query": QUERY})
        client.post("/graphql", json={"query": "{"})
        text = client.get("/metrics").text
    assert 'linkage_graphql_requests_total{code="OK"} 1.0' in text
    assert 'linkage_graphql_requests_total{code="GRAPHQL_PARSE_FAILED"} 1.0' in text
    assert "linkage_graphql_seconds_bucket" in text


def test_a_long_number_survives_as_json(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": '{ ring(id: "ring-a") { requests } }'})
    assert json.loads(answer.content)["data"]["ring"]["requests"] == 3_000_000_000

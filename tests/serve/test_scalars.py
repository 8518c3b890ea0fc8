"""What is no value of a scalar is refused with a sentence, as a variable and as a literal."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.serve.conftest import Ask
from tests.serve.test_schema import data

LONG = "a Long is a whole number up to 2^53 - 1"
MOMENT = "a DateTime is a time of ISO 8601, as 2026-11-24T02:13:00Z"
REQUESTS = "query ($n: Long) { accounts(filter: {leastRequests: $n}) { totalCount { count } } }"
CREATED = "query ($t: DateTime) { accounts(filter: {createdAt: {gte: $t}}) { totalCount { count } } }"


def refused(answer: dict[str, Any], said: str) -> None:
    (error,) = answer["errors"]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
    assert said in error["message"]


@pytest.mark.parametrize("value", [1.9, True, "5", 1e300, 2**53, -(2**53), [1, 2], {"a": 1}])
def test_a_long_is_a_whole_number(ask: Ask, value: object) -> None:
    refused(ask(REQUESTS, n=value), LONG)


@pytest.mark.parametrize("literal", ['"many"', "ABC", "{a: 1}", "1e999", "1.9", "true"])
def test_a_literal_that_is_no_long_is_refused(ask: Ask, literal: str) -> None:
    refused(ask(f"{{ accounts(filter: {{leastRequests: {literal}}}) {{ totalCount {{ count }} }} }}"), LONG)


def test_a_whole_number_may_be_written_as_a_fraction(ask: Ask) -> None:
    assert data(ask(REQUESTS, n=5.0)) == data(ask(REQUESTS, n=5)) != data(ask(REQUESTS, n=10**9))


@pytest.mark.parametrize("value", ["yest", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 7, None])
def test_a_time_that_is_none_is_refused(ask: Ask, value: object) -> None:
    if value is None:
        assert data(ask(CREATED, t=None))
    else:
        refused(ask(CREATED, t=value), MOMENT)


def test_variables_that_are_nested_deep_are_refused(client: TestClient) -> None:
    for depth in (253, 254, 600, 3000):
        body = b'{"query": "{ run { runId } }", "variables": {"x": ' + b"[" * depth + b"]" * depth + b"}}"
        answer = client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 400)
        assert "INTERNAL" not in answer.text

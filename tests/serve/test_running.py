"""Replies that are given again, tags, the last good run while the store is away, and spans."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from linkage.errors import SettingsError, StoreUnavailable
from linkage.jobs.site import Site
from linkage.serve import tracing
from linkage.serve.access.roles import Rank
from linkage.serve.replies import Replies, question
from linkage.serve.settings import ServeSettings
from linkage.serve.tracing import Tracing
from linkage.stores.duckdb import DuckDBStore
from tests.serve import world
from tests.serve.conftest import connect

QUERY = 'query Who($id: ID = "acct-001") { account(id: $id) { accountId status } }'


class Away(DuckDBStore):
    """The real store, which can be taken away, and counts its statements."""

    away = False
    statements = 0

    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        type(self).statements += 1
        if self.away:
            raise StoreUnavailable("it is away")
        return super()._all(query, values)


@pytest.fixture
def store() -> Any:
    Away.away, Away.statements = False, 0
    return Away


def post(client: TestClient, query: str = QUERY, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/graphql", json={"query": query, "variables": variables}).json()
    return found


def test_the_same_question_is_answered_without_a_statement(site: Site, store: Any) -> None:
    with connect(site, ServeSettings(fresh_s=1e9, keep_s=1e9), lambda: store(site.working)) as client:
        first = post(client)
        asked = store.statements
        again = post(client)
        assert store.statements == asked
        assert again["data"] == first["data"]
        assert again["extensions"]["cost"]["actual"] == 1
        assert post(client, id="acct-002")["data"]["account"]["accountId"] == "acct-002"
        assert store.statements > asked
        assert 'linkage_graphql_kept_replies_total{how="fresh"} 1.0' in client.get("/metrics").text


def test_a_new_run_and_time_end_a_reply(fresh: Site) -> None:
    with connect(fresh, ServeSettings(fresh_s=0.0, keep_s=1e9)) as client:
        query = "{ run { runId } }"
        assert post(client, query)["data"]["run"]["runId"] == "run-1"
        world.publish(fresh, "run-2")
        assert post(client, query)["data"]["run"]["runId"] == "run-2"


def test_replies_take_the_memory_that_they_are_counted_with() -> None:
    replies = Replies(10.0)
    tracemalloc.start()
    try:
        for number in range(2000):
            replies.keep(question(f"{{ a{number}: __typename }}", None, {}, Rank.VIEWER), {"a": number}, "run-1")
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used < 2 * replies._bytes


def test_a_reply_is_kept_for_its_question_its_role_and_its_time() -> None:
    now = [0.0]
    replies = Replies(10.0, lambda: now[0])
    asked = question("{ a }", None, {"x": 1, "y": 2}, Rank.VIEWER)
    kept = replies.keep(asked, {"a": 1}, "run-1")
    assert replies.fresh(question("{ a }", None, {"y": 2, "x": 1}, Rank.VIEWER), "run-1") == kept
    for other in (
        question("{ a }", None, {"x": 1, "y": 2}, Rank.ADMIN),
        question("{ a }", "b", {"x": 1, "y": 2}, Rank.VIEWER),
        question("{ a }", None, {"x": 1, "y": 3}, Rank.VIEWER),
    ):
        assert replies.fresh(other, "run-1") is None
    assert replies.fresh(asked, "run-2") is None
    now[0] = 11.0
    assert replies.fresh(asked, "run-1") is None
    assert replies.last(asked) == kept
    again = replies.keep(asked, {"a": 1}, "run-1")
    assert again.etag == kept.etag
    assert replies.keep(asked, {"a": 2}, "run-1").etag != kept.etag
    replies.forget()
    assert replies.fresh(asked, "run-1") is None


def test_a_reply_lasts_until_the_store_is_changed() -> None:
    now = [0.0]
    replies = Replies(10.0, lambda: now[0])
    asked = question("{ a }", None, {}, Rank.VIEWER)
    kept = replies.keep(asked, {"a": 1}, "run-1", "mark-1")
    now[0] = 1e6
    assert replies.fresh(asked, "run-1", "mark-1") == kept
    for run_id, mark in (("run-1", "mark-2"), ("run-1", ""), ("run-2", "mark-1")):
        assert replies.fresh(asked, run_id, mark) is None
    replies.forget()
    assert replies.fresh(asked, "run-1", "mark-1") is None
    replies.keep(asked, {"a": 1}, "run-1")
    now[0] += 11
    assert replies.fresh(asked, "run-1", "") is None
    nothing = Replies(0.0, lambda: now[0])
    nothing.keep(asked, {"a": 1}, "run-1", "mark-1")
    now[0] += 1
    assert nothing.fresh(asked, "run-1", "mark-1") is None


def test_what_stands_in_the_store_alone_lasts_until_it_is_written(fresh: Site, store: Any) -> None:
    lasting, moment = '{ ring(id: "ring-b") { size } }', '{ ... { decisions { holds } } ring(id: "ring-b") { size } }'
    settings = ServeSettings(fresh_s=0.0, keep_s=0.05)
    with connect(fresh, settings, lambda: store(fresh.working)) as client:
        for query in (lasting, moment):
            post(client, query)
        time.sleep(0.1)
        before = store.statements
        assert post(client, lasting)["extensions"]["cost"]["actual"] == 1
        assert store.statements == before + 1  # the run
        assert post(client, moment)["extensions"]["cost"]["actual"] > 1
        with fresh.working.lock(), fresh.working.write() as con:
            con.execute("UPDATE ring SET size = 7 WHERE ring_id = 'ring-b'")
        assert post(client, lasting)["data"]["ring"]["size"] == 7


def test_a_ring_is_read_with_all_rings_until_the_store_is_written(fresh: Site, store: Any) -> None:
    query = "query ($id: ID!) { ring(id: $id) { size } }"
    with connect(fresh, ServeSettings(fresh_s=0.0), lambda: store(fresh.working)) as client:
        post(client, "{ run { runId } }")
        before = store.statements
        assert post(client, query, id="ring-b")["data"]["ring"]["size"] == 5
        assert store.statements == before + 1  # the run
        assert post(client, query, id="none")["data"]["ring"] is None
        with fresh.working.lock(), fresh.working.write() as con:
            con.execute("UPDATE ring SET size = 7 WHERE ring_id = 'ring-c'")
        before = store.statements
        assert post(client, query, id="ring-c")["data"]["ring"]["size"] == 7
        assert store.statements == before + 2
    with connect(fresh, ServeSettings(fresh_s=0.0, keep_s=0.0), lambda: store(fresh.working)) as client:
        post(client, "{ run { runId } }")
        before = store.statements
        post(client, query, id="ring-b")
        assert store.statements == before + 2


def test_replies_take_no_more_than_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.serve.replies.MOST_BYTES", 100_000)
    replies = Replies(10.0)
    for number in range(100):
        replies.keep(question(f"{{ a{number} }}", None, {}, Rank.VIEWER), {"a": "x" * 5000}, "run-1")
    assert replies._bytes <= 100_000
    assert len(replies._kept) < 20
    assert replies.last(question("{ a99 }", None, {}, Rank.VIEWER)) is not None


def test_a_get_is_not_answered_twice_to_who_has_the_answer(site: Site) -> None:
    with connect(site) as client:
        first = client.get("/graphql", params={"query": QUERY})
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        for known in (tag, f'"other", W/{tag}'):
            again = client.get("/graphql", params={"query": QUERY}, headers={"if-none-match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = client.get("/graphql", params={"query": QUERY}, headers={"if-none-match": '"other"'})
        assert other.status_code == 200
        assert client.post("/graphql", json={"query": QUERY}).headers["etag"] == tag


def test_while_the_store_is_away_the_last_good_run_is_served_and_it_says_so(site: Site, store: Any) -> None:
    with connect(site, ServeSettings(fresh_s=0.0, keep_s=0.0), lambda: store(site.working)) as client:
        known = post(client)
        store.away = True
        answer = client.post("/graphql", json={"query": QUERY})
        assert answer.json()["data"] == known["data"]
        assert answer.json()["extensions"]["stale"] == {"run": "run-1"}
        assert answer.headers["warning"].startswith("110")
        rings = post(client, "{ rings(first: 2) { nodes { ringId } } }")
        assert [ring["ringId"] for ring in rings["data"]["rings"]["nodes"]] == ["ring-a", "ring-b"]
        assert rings["extensions"]["stale"] == {"run": "run-1"}
        unknown = post(client, id="acct-077")
        assert unknown["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
        assert client.get("/health/ready").status_code == 503
        store.away = False
        back = post(client)
        assert back["data"] == known["data"]
        assert "stale" not in back["extensions"]


def test_before_the_first_answer_a_store_that_is_away_is_an_error(site: Site, store: Any) -> None:
    store.away = True
    with connect(site, None, lambda: store(site.working)) as client:
        answer = post(client, "{ rings { nodes { id } } }")
    assert answer["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"


def test_a_request_and_its_reads_are_spans_without_literals(site: Site) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    settings = ServeSettings(tracing=Tracing(provider.get_tracer("test")))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with connect(site, settings) as client:
        client.post("/graphql", json={"query": QUERY}, headers={"traceparent": parent})
    *reads, request = exporter.get_finished_spans()
    assert [span.name for span in reads] == ["store.read"] * len(reads)
    assert reads
    assert request.name == "graphql"
    assert request.attributes is not None
    assert request.attributes["graphql.operation"] == "query Who"
    assert request.attributes["linkage.code"] == "OK"
    assert request.attributes["linkage.reads"] == len(reads)
    assert {span.context.trace_id for span in (*reads, request)} == {0x0AF7651916CD43DD8448EB211C80319C}
    assert "acct-001" not in str([span.to_json() for span in exporter.get_finished_spans()])


def test_spans_cannot_be_sent_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match="otel"):
        tracing.exporting()


def test_the_view_is_looked_up_again_when_it_is_old(site: Site, store: Any) -> None:
    with connect(site, ServeSettings(fresh_s=0.05, keep_s=0.0), lambda: store(site.working)) as client:
        post(client, "{ run { runId } }")
        before = store.statements
        time.sleep(0.1)
        post(client, "{ run { runId } }")
        assert store.statements == before + 1  # the run, and not its rings again

"""When something goes wrong: codes for clients, no internal detail, no text of errors in logs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from linkage.errors import StoreUnavailable
from linkage.jobs.site import Site
from linkage.model.rings import Account, Ring
from linkage.serve.settings import Limits, ServeSettings
from linkage.stores.base import Standing
from linkage.stores.duckdb import DuckDBStore
from tests.serve import world
from tests.serve.conftest import connect

SECRET = "203.0.113.7"
QUERY = '{ ring(id: "ring-a") { size } run { runId } }'


class Broken(DuckDBStore):
    """The real store with one read that fails, or takes its time."""

    fails: BaseException | None = None
    seconds = 0.0

    def rings_by_id(self, ring_ids: Sequence[str]) -> dict[str, Ring]:
        time.sleep(self.seconds)
        if self.fails:
            raise self.fails
        return super().rings_by_id(ring_ids)

    def standing(self) -> Standing:
        """Returns the run without a mark, so that rings are read, and not taken from the view."""
        return replace(super().standing(), mark="")

    def ping(self) -> None:
        if isinstance(self.fails, StoreUnavailable):
            raise self.fails


class Alone(DuckDBStore):
    """The real store as one that takes one thread at a time, and notices when it gets more."""

    capabilities = frozenset()
    opened = 0
    closed = 0

    def __init__(self, working: Any) -> None:
        super().__init__(working)
        type(self).opened += 1
        self._thread = threading.get_ident()

    def accounts(self, account_ids: Any) -> dict[str, Account]:
        assert threading.get_ident() == self._thread
        return super().accounts(account_ids)

    def close(self) -> None:
        type(self).closed += 1
        super().close()


def broken(site: Site, error: BaseException | None = None, seconds: float = 0.0) -> Callable[[], Broken]:
    def open_store() -> Broken:
        store = Broken(site.working)
        store.fails, store.seconds = error, seconds
        return store

    return open_store


def test_an_unexpected_error_is_masked_and_logged_without_its_text(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.ERROR),
        connect(site, open_store=broken(site, RuntimeError(f"bad row {SECRET}"))) as client,
    ):
        answer = client.post("/graphql", json={"query": QUERY}).json()
    assert answer["data"] == {"ring": None, "run": {"runId": "run-1"}}
    error = answer["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    error_id = error["message"].removeprefix("internal error ")
    assert f"error {error_id}: RuntimeError at rings_by_id:" in caplog.text
    assert SECRET not in caplog.text + str(answer)


def test_a_store_that_is_away_is_said_to_be_and_is_not_ready(site: Site) -> None:
    with connect(site, open_store=broken(site, StoreUnavailable(f"no route to {SECRET}"))) as client:
        answer = client.post("/graphql", json={"query": QUERY}).json()
        assert answer["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
        assert SECRET not in str(answer)
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "unavailable"})
        assert client.get("/health/live").status_code == 200


def test_a_request_ends_at_its_deadline_and_the_next_is_answered(site: Site) -> None:
    settings = ServeSettings(limits=Limits(deadline_s=0.2))
    with connect(site, settings, broken(site, seconds=2.0)) as client:
        began = time.perf_counter()
        response = client.post("/graphql", json={"query": QUERY})
        assert time.perf_counter() - began < 1.5
        assert response.status_code == 504
        assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
        assert client.post("/graphql", json={"query": "{ run { runId } }"}).json()["data"]["run"]


def test_too_many_at_once_are_sent_away_and_live_still_answers(site: Site) -> None:
    settings = ServeSettings(limits=Limits(in_flight=1))
    with connect(site, settings, broken(site, seconds=0.5)) as client:
        slow = threading.Thread(target=client.post, args=("/graphql",), kwargs={"json": {"query": QUERY}})
        slow.start()
        time.sleep(0.15)
        refused = client.post("/graphql", json={"query": "{ run { runId } }"})
        assert client.get("/health/live").status_code == 200
        slow.join()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_a_store_for_one_thread_gets_one_thread_and_is_closed(site: Site) -> None:
    Alone.opened = Alone.closed = 0
    with connect(site, ServeSettings(threads=3), lambda: Alone(site.working)) as client:
        for _ in range(10):
            answer = client.post("/graphql", json={"query": '{ account(id: "acct-001") { status } }'})
            assert answer.json()["data"] == {"account": {"status": "active"}}
    assert 1 <= Alone.opened <= 3
    assert Alone.closed == Alone.opened


def test_a_page_of_members_with_their_accounts_is_one_read_of_accounts(site: Site) -> None:
    reads: list[int] = []

    class Counting(DuckDBStore):
        def accounts(self, account_ids: Any) -> dict[str, Account]:
            reads.append(len(account_ids))
            return super().accounts(account_ids)

    query = '{ ring(id: "ring-a") { members(first: 100) { edges { node { accountId status ring { ringId } } } } } }'
    with connect(site, open_store=lambda: Counting(site.working)) as client:
        answer = client.post("/graphql", json={"query": query}).json()
    assert len(answer["data"]["ring"]["members"]["edges"]) == 100
    assert reads == [100]


def test_a_run_published_while_requests_are_answered_is_seen_without_an_error(fresh: Site) -> None:
    answers: list[dict[str, Any]] = []
    ended = threading.Event()

    def ask(client: Any) -> None:
        while not ended.is_set():
            answers.append(client.post("/graphql", json={"query": QUERY}).json())

    with connect(fresh) as client:
        asking = [threading.Thread(target=ask, args=(client,)) for _ in range(3)]
        for thread in asking:
            thread.start()
        for number in range(2, 5):
            world.publish(fresh, f"run-{number}")
            time.sleep(0.3)
        ended.set()
        for thread in asking:
            thread.join()
        last = client.post("/graphql", json={"query": QUERY}).json()
    assert [answer for answer in answers if "errors" in answer] == []
    assert {answer["data"]["run"]["runId"] for answer in answers} >= {"run-2", "run-3", "run-4"}
    assert last["data"]["run"] == {"runId": "run-4"}

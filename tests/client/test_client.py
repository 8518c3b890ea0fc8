"""The client against a running service: whole tables, page by page, and errors that say what is wrong."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

from linkage.client import ApiError, Client
from linkage.client.transport import Transport
from linkage.jobs.site import Site
from linkage.serve.access.keyfile import KeyFile
from tests.serve import world
from tests.serve.test_server import serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return world.build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def url(site: Site) -> Iterator[str]:
    with serving(site) as (_, address):
        yield f"{address}/graphql"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as found:
        yield found


def test_rings_are_a_table(client: Client) -> None:
    rings = client.rings()
    assert list(rings.ring_id) == ["ring-a", "ring-b", "ring-c"]
    assert list(rings.columns) == [
        *("ring_id", "status", "size", "score", "requests", "facets", "context"),
        *("operator_id", "campaign_id", "first_seen", "last_seen"),
    ]
    assert (rings["size"].dtype, rings.score.dtype) == ("Int64", "float64")
    assert rings.first_seen[0] == pd.Timestamp("2026-03-01T12:00Z")
    assert rings.requests[0] == 3_000_000_000
    assert client.run() == "run-1"


def test_filters_orders_and_limits_are_the_apis(client: Client) -> None:
    assert list(client.rings(sort="SIZE_ASC", limit=2).ring_id) == ["ring-b", "ring-c"]
    none = client.rings(where={"size": {"gte": 1000}})
    assert (len(none), none.first_seen.dt.tz is not None) == (0, True)
    assert len(client.rings(limit=0)) == 0


def test_members_and_links_come_whole(client: Client, site: Site) -> None:
    members = client.members("ring-a")
    with site.open() as store:
        expected = store.members("ring-a")
        links = store.ring_links("ring-a")
    assert list(members.account_id) == [one.account_id for one in expected]
    assert list(members.role) == [one.role.name for one in expected]
    assert list(members.bits) == [one.bits for one in expected]
    assert len(client.members("ring-a", limit=105)) == 105
    found = client.links("ring-a")
    assert list(zip(found.account_a, found.account_b, strict=True)) == [(one.account_a, one.account_b) for one in links]
    assert (found.payment == 9.0).all()
    assert (found.network == 0.0).all()
    assert (found[["network", "payment", "content", "timing", "device", "profile"]].sum(axis=1) == found.bits).all()


def test_accounts_by_condition(client: Client) -> None:
    assert len(client.accounts()) == 150
    strangers = client.accounts(where={"inRing": False}, limit=5)
    assert list(strangers.account_id) == ["acct-110", "acct-111", "acct-112", "acct-113", "acct-114"]
    assert list(strangers.role) == ["BYSTANDER"] * 5


def test_events_go_on_behind_a_cursor(client: Client) -> None:
    first, cursor = client.events(limit=2)
    rest, last = client.events(cursor)
    assert list(first.ring_id) + list(rest.ring_id) == ["ring-a", "ring-b", "ring-c"]
    nothing, same = client.events(last)
    assert (len(nothing), same) == (0, last)


def test_why_is_what_is_shared_with_the_sums(client: Client) -> None:
    things = client.why("acct-001", "acct-000")
    assert list(things.kind) == ["payment", "prompt"]
    assert (things.attrs["bits"], things.attrs["linked"], things.bits.sum()) == (14.0, True, 14.0)


def test_what_is_wrong_is_said_with_its_code(client: Client, url: str) -> None:
    for code, call in (
        ("NOT_FOUND", lambda: client.members("none")),
        ("NOT_FOUND", lambda: client.why("acct-001", "nobody")),
        ("BAD_USER_INPUT", lambda: client.why("acct-001", "acct-001")),
        ("GRAPHQL_VALIDATION_FAILED", lambda: client.query("{ nothing }")),
        ("BAD_USER_INPUT", lambda: client.rings(sort="WORST")),
        ("HTTP 404", lambda: Client(url.replace("graphql", "other")).run()),
        ("UNREACHABLE", lambda: Client("http://127.0.0.1:9/graphql", tries=1).run()),
        ("UNREACHABLE", lambda: Client("notaurl").run()),
    ):
        with pytest.raises(ApiError) as caught:
            call()
        assert caught.value.code == code


@pytest.mark.parametrize("scheme", ["http", "wrong"])
def test_an_address_is_told_without_the_secrets_in_it(scheme: str) -> None:
    with pytest.raises(ApiError, match=f"{scheme}://127.0.0.1:9/graphql (does not answer|cannot be asked)") as caught:
        Client(f"{scheme}://me:pass@word@127.0.0.1:9/graphql?token=secret", tries=1).run()
    assert not any(secret in str(caught.value) for secret in ("me:", "word", "secret"))


def test_a_key_opens_what_its_role_may(site: Site, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    _, viewer = keys.make("v", "viewer", 1)
    with serving(site, LINKAGE_API_KEYS=str(keys.path)) as (_, address):
        url = f"{address}/graphql"
        assert len(Client(url, viewer).rings()) == 3
        for key, code in (("", "UNAUTHENTICATED"), (viewer, "FORBIDDEN")):
            with pytest.raises(ApiError) as caught:
                Client(url, key).links("ring-a")
            assert caught.value.code == code


class _Busy(http.server.BaseHTTPRequestHandler):
    """Answers like a service that is busy at first."""

    refusals: ClassVar[list[tuple[int, str | None]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        status, wait = self.refusals.pop(0) if self.refusals else (200, None)
        body = (
            (b'{"data": {"run": {"runId": "run-9"}}}')
            if status == 200
            else b'{"errors": [{"message": "busy", "extensions": {"code": "RATE_LIMITED"}}]}'
        )
        self.send_response(status)
        if wait is not None:
            self.send_header("Retry-After", wait)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return None


def test_what_is_refused_for_now_is_tried_again_when_it_says() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        waits: list[float] = []
        transport = Transport(f"http://127.0.0.1:{server.server_port}", "", 5.0, 4, waits.append)
        _Busy.refusals = [(503, "7"), (429, "999"), (502, "soon")]
        assert transport.run("{ run { runId } }", {}) == {"run": {"runId": "run-9"}}
        assert waits == [7.0, 60.0, 1.0]
        _Busy.refusals = [(429, "1")] * 4
        with pytest.raises(ApiError, match="busy"):
            transport.run("{ run { runId } }", {})
        transport.close()
        server.shutdown()

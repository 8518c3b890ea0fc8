"""The command itself: a process that starts, answers, and ends as the contract says."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from linkage.errors import SettingsError
from linkage.jobs.site import Site
from linkage.serve.server import listen, url_of
from linkage.serve.settings import Limits, ServeSettings, check_address, is_loopback
from linkage.settings import Settings

COMMAND = [sys.executable, "-m", "linkage", "--json"]


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
    return kept | extra


@contextmanager
def serving(site: Site, *options: str, **extra: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yields a running server with its address."""
    process = subprocess.Popen(
        [*COMMAND, "--store", site.settings.store, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**extra),
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+(?=/graphql)", process.stderr.readline())
        assert found, process.communicate()
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_with_0_and_one_json_line(site: Site, number: signal.Signals) -> None:
    with serving(site) as (process, url):
        answer = httpx2.post(f"{url}/graphql", json={"query": "{ run { runId } }"})
        assert answer.json()["data"] == {"run": {"runId": "run-1"}}
        assert httpx2.get(f"{url}/health/live").json() == {"status": "live"}
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    last = json.loads(out.splitlines()[-1])
    assert (last["command"], last["url"], last["requests"]) == ("serve", url, 1)
    assert last["seconds"] > 0
    assert "run-1" not in err
    assert process.returncode == 0


def test_several_processes_share_the_port_and_their_figures(site: Site) -> None:
    with serving(site, "--workers", "2") as (process, url):
        for _ in range(6):  # each on a connection of its own
            assert httpx2.post(f"{url}/graphql", json={"query": "{ run { runId } }"}).json()["data"]["run"]
        figures = httpx2.get(f"{url}/metrics").text
        assert 'linkage_graphql_requests_total{code="OK"} 6.0' in figures
        assert len(psutil.Process(process.pid).children(recursive=True)) >= 2
        process.terminate()
        out, _ = process.communicate(timeout=30)
    assert json.loads(out.splitlines()[-1])["requests"] == 6
    assert process.returncode == 0


def test_subscriptions_end_with_the_service(site: Site) -> None:
    query = "subscription { ringChanged { cursor } }"
    with (
        serving(site) as (process, url),
        connect(f"{url.replace('http', 'ws')}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket,
    ):
        socket.send('{"type": "connection_init"}')
        assert json.loads(socket.recv()) == {"type": "connection_ack"}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        stream = {"Accept": "text/event-stream"}
        with httpx2.stream("POST", f"{url}/graphql", json={"query": query}, headers=stream, timeout=20) as events:
            lines = events.iter_lines()
            assert next(lines) == ":"
            process.terminate()
            assert "event: complete" in list(lines)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0, err


def test_with_a_key_it_may_listen_for_others(site: Site) -> None:
    key = "0123456789abcdef"
    with serving(site, "--host", "0.0.0.0", LINKAGE_API_KEY=key) as (process, url):  # noqa: S104 - what is tested
        local = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert httpx2.post(f"{local}/graphql", json={"query": "{ run { runId } }"}).status_code == 401
        held = httpx2.post(
            f"{local}/graphql", json={"query": "{ run { runId } }"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert held.status_code == 200
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert key not in err


def fails(*options: str, **extra: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, env=environment(**extra), timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_without_a_key_it_refuses_to_be_reached_by_others(site: Site) -> None:
    status, said = fails("--store", site.settings.store, "serve", "--host", "0.0.0.0")  # noqa: S104
    assert status == 2
    assert "LINKAGE_API_KEY" in said


def test_a_short_key_is_refused_and_not_shown(site: Site) -> None:
    status, said = fails("--store", site.settings.store, "serve", LINKAGE_API_KEY="s3cr3t")
    assert (status, "s3cr3t" in said) == (2, False)


def test_a_store_that_is_not_there_is_5(tmp_path: Path) -> None:
    status, said = fails("--store", f"duckdb:{tmp_path / 'none.duckdb'}", "serve", "--port", "0")
    assert status == 5
    assert "none.duckdb" in said


def test_a_port_in_use_is_said_with_what_to_do(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = fails("--store", site.settings.store, "serve", "--port", str(port))
    assert status == 2
    assert str(port) in said
    assert "--port" in said


def test_a_listening_socket_has_its_address() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert url_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:  # a reply does not wait for the client's acknowledgement of its head
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    with pytest.raises(SettingsError, match="cannot listen"):
        listen("nowhere.invalid", 0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),  # noqa: S104 - what is tested
        ("::", False),
        ("192.0.2.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_what_others_can_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
    if not expected:
        with pytest.raises(SettingsError):
            check_address(host, asks=False)
        check_address(host, asks=True)


def test_settings_refuse_nonsense_and_hide_the_key() -> None:
    with pytest.raises(SettingsError):
        ServeSettings(threads=0)
    assert "0123456789abcdef" not in repr(ServeSettings(api_key="0123456789abcdef"))


def test_limits_are_given_by_name() -> None:
    found = Limits.parsed("bucket_rate=20000  deadline_s=2.5")
    assert (found.bucket_rate, found.deadline_s, found.cost) == (20_000, 2.5, Limits().cost)
    assert Limits.parsed("") == Limits()


@pytest.mark.parametrize("text", ["depths=3", "depth", "depth=", "depth=0", "depth=x", "depth=2.5", "deadline_s=nan"])
def test_limits_that_are_none_are_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match="LINKAGE_LIMITS"):
        Limits.parsed(text)


def test_the_command_takes_its_limits_from_the_environment(site: Site) -> None:
    with serving(site, LINKAGE_LIMITS="depth=2") as (_, url):
        deep = httpx2.post(f"{url}/graphql", json={"query": "{ rings { nodes { ringId } } }"}).json()
        assert deep["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
        assert httpx2.post(f"{url}/graphql", json={"query": "{ run { runId } }"}).json()["data"]["run"]


def test_a_host_that_has_loaded_nothing_serves_a_remote_store(neo4j_settings: Settings, tmp_path: Path) -> None:
    given = {"LINKAGE_USER": neo4j_settings.user, "LINKAGE_PASSWORD": neo4j_settings.password}
    given |= {"LINKAGE_HOME": str(tmp_path / "none yet"), "LINKAGE_KEY": "0" * 32}
    with serving(Site(neo4j_settings), **given) as (_, url):
        assert "errors" not in httpx2.post(f"{url}/graphql", json={"query": "{ stats { accounts } }"}).json()

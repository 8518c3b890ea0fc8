"""Between the API and Neo4j anything may happen: errors have their codes, and service goes on by itself."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import neo4j
import pytest
from known_graph import link_table, publication, tables, wipe
from starlette.testclient import TestClient

from linkage.jobs.site import Site
from linkage.progress import Progress
from linkage.serve.settings import Limits, ServeSettings
from linkage.settings import Settings
from linkage.stores.neo4j.local import LocalServer, ServerInfo
from linkage.stores.neo4j.store import Neo4jStore
from tests.serve.conftest import connect
from tests.serve.fault_proxy import FaultProxy, proxied

pytestmark = [
    pytest.mark.neo4j,
    # where a connection is reset while it is made, the driver leaves its socket to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
DEADLINE_S = 4.0
ALLOWED = {"OK", "UPSTREAM_UNAVAILABLE", "TIMEOUT"}
WHOLE = '{ ring(id: "r1") { ringId members { edges { role node { accountId identifiers { nodes { key } } } } } } }'


def fill(server: ServerInfo) -> None:
    """Gives a server the known graph, and nothing else."""
    credentials = (server.user, server.password)
    with neo4j.GraphDatabase.driver(server.bolt, auth=credentials) as driver:
        wipe(driver)
    with Neo4jStore(server.bolt, *credentials) as store:
        store.prepare()
        store.load(tables())
        store.replace_links([link_table()], "run1")
        store.publish(publication())


def address(server: ServerInfo) -> tuple[str, int]:
    where = urlsplit(server.bolt)
    assert where.hostname is not None
    return where.hostname, where.port or 7687


@pytest.fixture
def proxy(neo4j_server: ServerInfo) -> Iterator[FaultProxy]:
    """A proxy before a Neo4j that holds the known graph."""
    fill(neo4j_server)
    with proxied(address(neo4j_server)) as found:
        yield found


@pytest.fixture
def client(proxy: FaultProxy, neo4j_settings: Settings) -> Iterator[TestClient]:
    """A client of the API that reaches Neo4j through the proxy, and keeps no replies."""
    with reached(neo4j_settings, proxy) as found:
        yield found


@contextmanager
def reached(settings: Settings, proxy: FaultProxy) -> Iterator[TestClient]:
    site = Site(dataclasses.replace(settings, store=f"bolt://127.0.0.1:{proxy.port}"))
    limits = Limits(deadline_s=DEADLINE_S, bucket=10**9)
    serving = ServeSettings(limits=limits, keep_s=0.0, fresh_s=0.0, threads=4)
    with connect(site, serving, open_store=partial(site.open, 1.0)) as found:
        assert healed(found)
        yield found


def asked(client: TestClient, at: int = 0) -> str:
    """Returns the code of a reply to a query that differs with each number, so that none is had from memory."""
    answer = client.post("/graphql", json={"query": f"query Q{at} {WHOLE}"}).json()
    if "stale" in answer.get("extensions", {}):
        return "STALE"
    errors = answer.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else "OK"


def many(client: TestClient, start: int, number: int = 24) -> set[str]:
    with ThreadPoolExecutor(12) as pool:
        return set(pool.map(partial(asked, client), range(start, start + number)))


def healed(client: TestClient) -> bool:
    """Returns whether a request is answered within some tries: a lost connection may be noticed by the first."""
    return any(asked(client, 10_000 + attempt) == "OK" or time.sleep(0.2) for attempt in range(50))


def idle(client: TestClient) -> bool:
    service = client.app.state.service  # type: ignore[attr-defined] # the client's app is Starlette's
    return bool(service._in_flight == 0)


def test_latency_is_waited_for(client: TestClient, proxy: FaultProxy) -> None:
    proxy.latency = 0.05
    assert asked(client, 1) == "OK"
    proxy.latency = 2 * DEADLINE_S
    assert asked(client, 2) in {"TIMEOUT", "UPSTREAM_UNAVAILABLE"}
    proxy.latency = 0.0
    assert healed(client)
    assert idle(client)


def test_connections_that_are_reset_are_made_anew(client: TestClient, proxy: FaultProxy) -> None:
    proxy.reset()
    assert healed(client)
    with ThreadPoolExecutor(1) as pool:
        codes = pool.submit(many, client, 200, 60)
        while not codes.done():
            proxy.reset()
            time.sleep(0.02)
    assert codes.result() <= ALLOWED
    assert healed(client)
    assert many(client, 300) == {"OK"}
    assert idle(client)


def test_a_network_that_swallows_all_holds_no_thread_for_good(client: TestClient, proxy: FaultProxy) -> None:
    proxy.silent = True
    codes = many(client, 0)  # more than there are threads
    assert codes <= {"UPSTREAM_UNAVAILABLE", "TIMEOUT"}
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200
    proxy.silent = False
    assert healed(client)
    assert many(client, 100) == {"OK"}
    assert client.get("/health/ready").status_code == 200
    assert idle(client)


def test_a_server_that_goes_and_returns_is_found_again(client: TestClient, proxy: FaultProxy) -> None:
    proxy.stop()
    assert many(client, 0) <= {"UPSTREAM_UNAVAILABLE", "TIMEOUT"}
    proxy.start()
    assert healed(client)
    assert many(client, 100) == {"OK"}
    assert idle(client)


def test_a_server_that_is_started_again_under_load_is_served_again(tmp_path: Path) -> None:
    settings = Settings.from_environment(home=str(tmp_path), neo4j_memory="1GB")
    server = LocalServer(settings)
    first = server.start(Progress(quiet=True))
    try:
        fill(first)
        settings = dataclasses.replace(settings, user=first.user, password=first.password)
        with proxied(address(first)) as proxy, reached(settings, proxy) as client, ThreadPoolExecutor(8) as pool:
            over: list[bool] = []
            number = count(1000)

            def ask_on() -> set[str]:
                codes = set()
                while not over:
                    codes.add(asked(client, next(number)))
                return codes

            asking = [pool.submit(ask_on) for _ in range(8)]
            server.stop()
            down = asked(client, 1)
            proxy.target = address(server.start(Progress(quiet=True)))
            began = time.monotonic()
            back = healed(client)
            print(f"served again after {time.monotonic() - began:.2f} s")
            over.append(True)
            codes = set().union(*(one.result() for one in asking))
            assert down in {"UPSTREAM_UNAVAILABLE", "TIMEOUT"}
            assert back
            assert {"OK", "UPSTREAM_UNAVAILABLE"} <= codes <= ALLOWED
            assert many(client, 0) == {"OK"}
            assert client.get("/health/ready").status_code == 200
            assert idle(client)
    finally:
        server.stop()

"""The API beside Ariadne and graphql-yoga over the same Neo4j: requests a second, and CPU of the serving process.

The graph has 100,000 accounts in 2,000 rings of 50 accounts and 200 identifiers. All three servers answer the same
query by the same Cypher statements, one for each level, and their replies are compared before anything is measured; the
peers have a DataLoader for each statement. The load comes from oha, as GET requests on eight connections, for each
server first for rings in random order, then for one ring again and again. A load that is not measured comes before all
others, or the first server would wait for a Neo4j that has just been started.

Of linkage there is a row for rings in random order each of which was asked for once before (the peers keep nothing),
and a second set of rows with LINKAGE_KEEP_SECONDS=0, in which it reads everything anew, as the peers do.

The peers and oha are installed into a cache folder the first time (pip, npm; cargo unless oha is there).

Run: python tests/benchmarks/bench_peers.py [--quick] [--seconds S]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import platformdirs
import psutil
import pyarrow as pa

from linkage.jobs.site import Site
from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.model.kinds import Facet
from linkage.model.rings import Member, Ring, RingStatus, Role, Run
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.base import GraphTables, Publication
from linkage.stores.neo4j.local import LocalServer

HERE = Path(__file__).parent
CYPHER = HERE.parents[1] / "cypher" / "serve"
RING = """query Ring($ring: ID!) { ring(id: $ring) { ringId size score members(first: 50) { edges { role bits node {
    accountId status identifiers(first: 4) { edges { requests node { key kind bits } } } } } } } }"""
MEMBERS = 50
CONNECTIONS = 8
Server = tuple[list[str], list[str], dict[str, str]]
"""Command, arguments behind its port, and environment."""
OHA = "1.10.0"
PYTHON_PEER = ("ariadne>=0.26,<2", "aiodataloader>=0.4,<1", "neo4j>=6,<7", "neo4j-rust-ext>=6,<7", "uvicorn>=0.34,<1")
NODE_PEER = ("graphql-yoga@5", "graphql@16", "neo4j-driver@6", "dataloader@2")
WHEN = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 20_513


def main() -> None:
    """Prints the figures as a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="100 rings instead of 2,000, and two seconds each")
    parser.add_argument("--seconds", type=int, default=0, help="how long each row is measured (10, with --quick 2)")
    given = parser.parse_args()
    rings = 100 if given.quick else 2_000
    seconds = given.seconds or (2 if given.quick else 10)
    tools = Tools(Path(platformdirs.user_cache_dir("linkage-bench")))
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        local = LocalServer(Settings.from_environment(home=folder, neo4j_memory="3GB"))
        info = local.start(Progress())
        try:
            settings = dataclasses.replace(
                Settings.from_environment(home=folder), store=info.bolt, user=info.user, password=info.password
            )
            _fill(settings, rings)
            _measure(settings, tools, Path(folder), rings, seconds)
        finally:
            local.stop()


class Tools:
    """The peers and the load generator, installed where they are missing."""

    def __init__(self, folder: Path) -> None:
        self.python = folder / "ariadne" / "bin" / "python"
        self.node = folder / "yoga"
        self.oha = Path(shutil.which("oha") or folder / "oha" / "bin" / "oha")
        if not self.python.exists():
            venv.create(folder / "ariadne", with_pip=True)
            _run(str(self.python), "-m", "pip", "install", "--quiet", *PYTHON_PEER)
        if not (self.node / "node_modules").exists():
            self.node.mkdir(parents=True, exist_ok=True)
            _run("npm", "install", "--silent", "--prefix", str(self.node), *NODE_PEER)
        if not self.oha.exists():
            _run("cargo", "install", "--quiet", "--locked", "--version", OHA, "--root", str(folder / "oha"), "oha")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _fill(settings: Settings, rings: int) -> None:
    """Fills the store: each account has an address and a device, a card of ten accounts and its ring's prompts."""
    names = [f"acct-{number:06d}" for number in range(rings * MEMBERS)]
    nothing = dict.fromkeys(accounts_schema().names)
    life = {
        "status": "active",
        "requests": 40,
        "starts": [],
        "breadth": [0.0] * 6,
        "first_seen": WHEN,
        "last_seen": WHEN,
    }
    accounts = [nothing | life | {"id": name} for name in names]
    kinds = (("ip", "network", 1, 9.0), ("device", "device", 1, 12.0), ("payment", "payment", 10, 11.0))
    identifiers, uses = [], []
    for at, (kind, facet, degree, bits) in enumerate((*kinds, ("prompt", "content", MEMBERS, 8.0))):
        for first in range(0, len(names), degree):
            key = f"{(at << 32) + first:016x}"
            seen = [WHEN, WHEN]
            identifiers.append([key, kind, facet, None, degree, degree, bits, False, *seen])
            uses += [[name, key, [DAY], 10 + at, *seen] for name in names[first : first + degree]]
    tables = GraphTables(
        [pa.Table.from_pylist(accounts, schema=accounts_schema())],
        [_table(identifiers, identifiers_schema())],
        [_table(uses, uses_schema())],
    )
    listed = [
        Ring(
            ring_id=_ring(number),
            status=RingStatus.ACTIVE,
            size=MEMBERS,
            score=100.0 + number,
            first_seen=WHEN,
            last_seen=WHEN,
            operator_id="",
            campaign_id="",
            facets=(Facet.PAYMENT, Facet.CONTENT),
            context="",
            requests=40 * MEMBERS,
        )
        for number in range(rings)
    ]
    members = [
        Member(_ring(at // MEMBERS), name, Role.CORE, 40.0 - at % 7, Facet.CONTENT, WHEN)
        for at, name in enumerate(names)
    ]
    with Site(settings).open() as store:
        store.prepare()
        store.load(tables)
        store.publish(Publication(Run("run-1", WHEN, WHEN, {}, {}), listed, members, []))


def _table(rows: list[list[Any]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _ring(number: int) -> str:
    return f"ring-{number:05d}"


def _measure(settings: Settings, tools: Tools, folder: Path, rings: int, seconds: int) -> None:
    free = "bucket=1000000000 bucket_rate=1000000000"  # what one sender may ask for is not what is measured
    store = {"LINKAGE_STORE": settings.store, "LINKAGE_USER": settings.user, "LINKAGE_PASSWORD": settings.password}
    ours = {**store, "LINKAGE_HOME": str(folder), "LINKAGE_KEY": "0" * 32, "LINKAGE_LIMITS": free}
    peer = {"BOLT": settings.store, "USER": settings.user, "PASSWORD": settings.password}
    schema = [str(HERE / "peers" / "schema.graphql"), str(CYPHER)]
    script = tools.node / "yoga_server.mjs"
    shutil.copy(HERE / "peers" / "yoga_server.mjs", script)
    serve = [sys.executable, "-m", "linkage", "serve", "--port"]
    servers: dict[str, Server] = {
        "linkage": (serve, [], ours),
        "linkage, nothing kept": (serve, [], {**ours, "LINKAGE_KEEP_SECONDS": "0"}),
        "Ariadne": ([str(tools.python), str(HERE / "peers" / "ariadne_server.py")], schema, peer),
        "graphql-yoga": (["node", str(script)], schema, peer),
    }
    expected: Any = None
    print(f"{rings * MEMBERS:,} accounts, rings of {MEMBERS} accounts and {4 * MEMBERS} identifiers")
    print(f"{'server':24}{'rings':>14}{'requests/s':>12}{'CPU ms':>8}{'p50 ms':>8}{'p99 ms':>8}{'MiB':>6}")
    _warm(servers["graphql-yoga"], tools.oha, folder, rings, seconds)
    for name, (command, arguments, environment) in servers.items():
        port = _free_port()
        with _serving([*command, str(port), *arguments], environment, port) as process:
            found = [_asked(port, number) for number in (0, 7, rings - 1)]
            expected = expected or found
            assert found == expected, f"{name} answers otherwise"
            rounds = {"random": range(rings), "the same": range(1)}
            if name == "linkage":
                rounds = {"random": range(rings), "asked before": range(rings), "the same": range(1)}
            for what, numbers in rounds.items():
                urls = _urls(folder, port, numbers)
                if what == "asked before":
                    with ThreadPoolExecutor(CONNECTIONS) as threads, httpx2.Client(timeout=60) as client:
                        list(threads.map(client.get, urls.read_text().split()))
                _load(tools.oha, urls, 2)
                before, began = _cpu(process), time.perf_counter()
                report = _load(tools.oha, urls, seconds)
                done = sum(report["statusCodeDistribution"].values())
                assert report["statusCodeDistribution"] == {"200": done}, report["statusCodeDistribution"]
                cpu, took = 1000 * (_cpu(process) - before) / done, time.perf_counter() - began
                halves = (1000 * report["latencyPercentiles"][one] for one in ("p50", "p99"))
                size = process.memory_info().rss >> 20
                middle, late = halves
                print(f"{name:24}{what:>14}{done / took:12.0f}{cpu:8.2f}{middle:8.1f}{late:8.1f}{size:6}", flush=True)


def _warm(server: Server, oha: Path, folder: Path, rings: int, seconds: int) -> None:
    """Loads Neo4j by one of the servers, as each of them will."""
    port = _free_port()
    command, arguments, environment = server
    with _serving([*command, str(port), *arguments], environment, port):
        _load(oha, _urls(folder, port, range(rings)), seconds)


def _urls(folder: Path, port: int, numbers: range) -> Path:
    """Returns a file of the addresses that ask for rings, in random order."""
    shuffled = random.Random(1).sample(numbers, len(numbers))
    file = folder / "urls.txt"
    file.write_text("".join(f"{_url(port, number)}\n" for number in shuffled))
    return file


def _url(port: int, number: int) -> str:
    variables = json.dumps({"ring": _ring(number)})
    return f"http://127.0.0.1:{port}/graphql?query={quote(RING)}&variables={quote(variables)}"


def _asked(port: int, number: int) -> Any:  # a reply's data
    data = httpx2.get(_url(port, number), timeout=60).json()["data"]
    assert len(data["ring"]["members"]["edges"]) == MEMBERS
    return data


@contextmanager
def _serving(command: list[str], environment: dict[str, str], port: int) -> Iterator[psutil.Process]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
    process = subprocess.Popen(command, env=kept | environment)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                httpx2.get(f"http://127.0.0.1:{port}/graphql?query=%7B__typename%7D")
                break
            except httpx2.TransportError:
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _load(oha: Path, urls: Path, seconds: int) -> dict[str, Any]:
    """Returns oha's report of a load on eight connections."""
    how = ("-z", f"{seconds}s", "-w", "-c", str(CONNECTIONS), "--no-tui", "--urls-from-file", "--output-format", "json")
    done = subprocess.run([str(oha), *how, str(urls)], check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    main()

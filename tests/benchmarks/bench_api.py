"""What requests cost: CPU in the API, milliseconds and requests a second, for a ring with its accounts and identifiers.

Over the embedded store, or with --store over another that is filled. CPU seconds are those of the serving process
alone, so that a busy machine changes them little; requests a second are of one client that waits for each answer.
Then: how long attacks take to be refused, what pages of a long list cost from its start to its end, and what memory the
service takes after many mixed requests.

Run: python tests/benchmarks/bench_api.py [--quick] [--store URL] [--requests N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import psutil

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import Publication

RING = """query Ring($ring: ID!) { ring(id: $ring) { ringId size score members(first: 50) { edges { role bits node {
    accountId status identifiers(first: 4) { edges { requests node { key kind bits } } } } } } } }"""
PAGE = """query Page($after: String) { rings(first: 50, after: $after) {
    nodes { ringId size score } pageInfo { hasNextPage endCursor } } }"""
FREE = "bucket=1000000000 bucket_rate=1000000000"
"""What one sender may ask for is not what is measured."""

REQUESTS = 200
LONG = 10_000
Ask = Callable[..., dict[str, Any]]


def main() -> None:
    """Prints the figures as a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a world of 2,000 accounts instead of 20,000")
    parser.add_argument("--store", default="", help="a store that is filled already")
    parser.add_argument("--requests", type=int, default=0, help="mixed requests (2,000 with --quick, else 100,000)")
    given = parser.parse_args()
    sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    from tests.serve.test_server import serving

    with tempfile.TemporaryDirectory(prefix="bench-api-") as folder:
        site = Site(Settings.from_environment(store=given.store)) if given.store else _filled(Path(folder), given.quick)
        with serving(site, LINKAGE_LIMITS=FREE) as (process, url), httpx2.Client(timeout=60) as client:
            ask, server = _asking(client, f"{url}/graphql"), psutil.Process(process.pid)
            rings = _costs(ask, server)
            _memory(ask, server, rings, given.requests or (2_000 if given.quick else 100_000))
        with serving(_known(Path(folder) / "known")) as (_, url), httpx2.Client(timeout=60) as client:
            _attacks(client, f"{url}/graphql")
        with serving(_long(Path(folder)), LINKAGE_LIMITS=FREE) as (process, url), httpx2.Client(timeout=60) as client:
            _pages(_asking(client, f"{url}/graphql"), psutil.Process(process.pid))


def _filled(folder: Path, quick: bool) -> Site:
    simulate(folder / "world", 2_000 if quick else 20_000, 1)
    site = Site(Settings(store=f"duckdb:{folder / 'bench.duckdb'}"))
    load(site, folder / "world" / "facts")
    detect(site)
    return site


def _known(folder: Path) -> Site:
    """Returns the site of the world of the tests."""
    from tests.serve import world

    folder.mkdir()
    return world.build(folder)


def _long(folder: Path) -> Site:
    """Returns the site of a world whose run has LONG rings."""
    from tests.serve import world

    site = _known(folder / "long")
    first = world.rings()[0]
    many = [replace(first, ring_id=f"ring-{at:05d}", score=float(at % 977), size=5) for at in range(LONG)]
    with site.working.lock(), site.open() as store:
        store.publish(Publication(world.run("run-2"), many, [], []))
    return site


def _asking(client: httpx2.Client, url: str) -> Ask:
    def post(query: str, **variables: Any) -> dict[str, Any]:
        answer = client.post(url, json={"query": query, "variables": variables})
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found["errors"]
        return found

    return post


def _costs(ask: Ask, server: psutil.Process) -> list[str]:
    """Returns the ids of rings."""
    rings = [one["ringId"] for one in ask(PAGE)["data"]["rings"]["nodes"]]
    ask(RING, ring=rings[0])
    print(f"{'what':40}{'CPU ms':>8}{'ms':>8}{'/s':>8}{'bytes':>9}")
    _row("a ring that was asked for before", server, lambda _: ask(RING, ring=rings[0]))
    _row("the largest ring, never asked for", server, lambda at: ask(f"{RING} # {at}", ring=rings[0]), 40)
    _row("the largest ring, a field more or less", server, lambda at: ask(RING, ring=rings[0], unused=at))
    _row("the run", server, lambda at: ask(f"{{ run {{ runId }} a{at}: __typename }}"))
    _row("a page of 50 rings", server, lambda at: ask(PAGE.replace("Page(", f"Page{at}(")))
    return rings


def _row(name: str, server: psutil.Process, call: Callable[[int], dict[str, Any]], times: int = REQUESTS) -> None:
    before = server.cpu_times()
    took, size = [], 0
    for at in range(times):
        began = time.perf_counter()
        size = len(json.dumps(call(at)["data"]))
        took.append(time.perf_counter() - began)
    after = server.cpu_times()
    cpu = 1000 * (after.user + after.system - before.user - before.system) / times
    middle = 1000 * statistics.median(took)
    print(f"{name:40}{cpu:8.2f}{middle:8.2f}{times / sum(took):8.0f}{size:9}")


def _attacks(client: httpx2.Client, url: str) -> None:
    """Prints how long it takes to refuse each attack of the tests, the best of three times."""
    from tests.serve.test_limits import ABUSES, CONTROLS

    took = {}
    for name, query in ABUSES.items():
        for _ in range(3):
            began = time.perf_counter()
            answer = client.post(url, json={"query": query}).json()
            took[name] = min(took.get(name, 1e9), 1000 * (time.perf_counter() - began))
            assert "data" not in answer, name
    controls = [client.post(url, json={"query": query}).json() for query in CONTROLS.values()]
    assert all("data" in answer for answer in controls)
    slowest = max(took, key=lambda name: took[name])
    middle = statistics.median(took.values())
    print(f"{len(took)} attacks refused, the slowest ({slowest}) in {took[slowest]:.1f} ms, half in {middle:.1f} ms")


def _memory(ask: Ask, server: psutil.Process, rings: list[str], requests: int) -> None:
    """Prints the memory of the service after each quarter of mixed requests."""
    sizes = []
    for at in range(requests):
        ring = rings[at % len(rings)]
        if at % 3 == 0:
            ask("query Q($ring: ID!) { ring(id: $ring) { ringId members(first: 5) { edges { role } } } }", ring=ring)
        elif at % 3 == 1:
            ask(f"{{ run {{ runId }} a{at}: __typename }}")
        else:
            ask(PAGE.replace("Page(", f"Page{at % 1000}("))
        if (at + 1) % max(1, requests // 4) == 0:
            sizes.append(f"{server.memory_info().rss / 2**20:.0f}")
    print(f"MiB after each quarter of {requests:,} mixed requests: {', '.join(sizes)}")


def _pages(ask: Ask, server: psutil.Process) -> None:
    """Prints what a page costs at the start and at the end of a long list that is read to its end."""
    ask(PAGE)
    after, pages, costs = None, 0, []
    while True:
        before = server.cpu_times()
        found = ask(PAGE, after=after)["data"]["rings"]
        spent = server.cpu_times()
        costs.append(1000 * (spent.user + spent.system - before.user - before.system))
        pages += 1
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    halves = [statistics.fmean(part) for part in (costs[: pages // 2], costs[pages // 2 :])]
    print(f"{LONG:,} rings in {pages} pages: {halves[0]:.2f} ms of CPU a page, in the last half {halves[1]:.2f}")


if __name__ == "__main__":
    main()

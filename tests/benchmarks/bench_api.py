"""What a request costs: CPU in the API, requests a second and statements, for a ring with its accounts and identifiers.

Over the embedded store, or with --store over another that is filled. CPU seconds are those of the serving process
alone, so that a busy machine changes them little; requests a second are of one client that waits for each answer.

Run: python tests/benchmarks/bench_api.py [--quick] [--store URL]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

RING = """query Ring($ring: ID!) { ring(id: $ring) { ringId size score members(first: 50) { edges { role bits node {
    accountId status identifiers(first: 4) { edges { requests node { key kind bits } } } } } } } }"""
PAGE = """query Page($after: String) { rings(first: 50, after: $after) {
    nodes { ringId size score } pageInfo { hasNextPage endCursor } } }"""
REQUESTS = 200


def main() -> None:
    """Prints the figures as a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a world of 2,000 accounts instead of 20,000")
    parser.add_argument("--store", default="", help="a store that is filled already")
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.serve.test_server import serving

    with tempfile.TemporaryDirectory(prefix="bench-api-") as folder:
        site = Site(Settings.from_environment(store=given.store)) if given.store else _filled(Path(folder), given.quick)
        with serving(site) as (process, url):
            _measure(f"{url}/graphql", psutil.Process(process.pid))


def _filled(folder: Path, quick: bool) -> Site:
    simulate(folder / "world", 2_000 if quick else 20_000, 1)
    site = Site(Settings(store=f"duckdb:{folder / 'bench.duckdb'}"))
    load(site, folder / "world" / "facts")
    detect(site)
    return site


def _measure(url: str, server: psutil.Process) -> None:
    with httpx2.Client(timeout=60) as client:

        def post(query: str, **variables: Any) -> dict[str, Any]:
            answer = client.post(url, json={"query": query, "variables": variables}).json()
            assert "errors" not in answer, answer["errors"]
            found: dict[str, Any] = answer
            return found

        rings = [one["ringId"] for one in post(PAGE)["data"]["rings"]["nodes"]]
        post(RING, ring=rings[0])
        print(f"{'what':32}{'CPU ms':>8}{'ms':>8}{'/s':>8}{'bytes':>9}")
        _row("a ring that was asked for before", server, lambda _: post(RING, ring=rings[0]))
        _row("another ring each time", server, lambda at: post(RING, ring=rings[at % len(rings)]), len(rings))
        _row("the run", server, lambda at: post(f"{{ run {{ runId }} a{at}: __typename }}"))
        _row("a page of 50 rings", server, lambda at: post(PAGE.replace("Page(", f"Page{at}(")))


def _row(name: str, server: psutil.Process, call: Any, times: int = REQUESTS) -> None:
    before = server.cpu_times()
    took, size = [], 0
    for at in range(times):
        began = time.perf_counter()
        size = len(json.dumps(call(at)["data"]))
        took.append(time.perf_counter() - began)
    after = server.cpu_times()
    cpu = 1000 * (after.user + after.system - before.user - before.system) / times
    middle = 1000 * statistics.median(took)
    print(f"{name:32}{cpu:8.2f}{middle:8.2f}{times / sum(took):8.0f}{size:9}")


if __name__ == "__main__":
    main()

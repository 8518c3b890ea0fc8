"""A world loaded into a local Neo4j of its own, and every query of `cypher/explore/` run on it where it is dearest.

    python tests/benchmarks/bench_explore.py [--accounts 20000] [--world DIR] [--home DIR] [--json]

Load and detection are wall seconds of a process, beside the same on the embedded store. Each query is given the
largest ring, the most used identifier and the account with most things, and once more what the guide begins with;
shown is the slower of the two: milliseconds (median of three runs after one to warm up), rows, nodes and links of
the reply, and what EXPLAIN has to remark. `--home` is a LINKAGE_HOME whose server is loaded already.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
from neo4j.graph import Node, Relationship
from neo4j.graph import Path as GraphPath

from linkage import queries
from linkage.browse.examples import examples
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local import LocalServer
from linkage.stores.neo4j.store import Neo4jStore

RUNS = 3
LONGEST_S = 30.0
"""A query that runs longer is given up, and shown as taking forever."""
_DEAREST = {
    "account": "MATCH (a:Account) WITH a ORDER BY COUNT {(a)-[:USED]->()} DESC LIMIT 1 RETURN a.id",
    "key": "MATCH (i:Identifier) WITH i ORDER BY i.degree DESC LIMIT 1 RETURN i.key",
}
_PAIR = """
MATCH (ring:Ring {id: $ring})<-[:MEMBER_OF]-(a:Account)-[linked:LINKED]-(b:Account)-[:MEMBER_OF]->(ring)
RETURN a.id, b.id ORDER BY linked.bits DESC LIMIT 1"""


def loaded(world: Path, store: str) -> dict[str, float]:
    """Returns the wall seconds of load and detection of a world in a store."""
    command = [sys.executable, "-m", "linkage", "--quiet", "--json", "--store", store]
    seconds = {}
    for name, arguments in (("load", ["load", str(world / "facts")]), ("detect", ["detect"])):
        began = time.perf_counter()
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)
        seconds[name] = time.perf_counter() - began
    return seconds


def parameters(driver: neo4j.Driver, store: Neo4jStore) -> list[dict[str, Any]]:
    """Returns the sets of parameters: what the guide begins with, and the dearest things of the store."""
    first: dict[str, Any] = dict(examples(store))
    rings = sorted(store.rings(1000), key=lambda ring: (-ring.size, ring.ring_id))
    linked = driver.execute_query(_PAIR, ring=rings[0].ring_id).records[0].values()
    first |= {"a": linked[0], "b": linked[1], "at": None}
    dearest = {name: driver.execute_query(text).records[0].value() for name, text in _DEAREST.items()}
    return [first, first | dearest]


def drawn(values: list[Any]) -> tuple[set[str], set[str]]:
    """Returns the element ids of the nodes and of the links in the values of a reply."""
    nodes: set[str] = set()
    links: set[str] = set()
    for value in values:
        if isinstance(value, Node):
            nodes.add(value.element_id)
        elif isinstance(value, Relationship):
            links.add(value.element_id)
            nodes |= {node.element_id for node in value.nodes if node is not None}
        elif isinstance(value, GraphPath):
            links |= {link.element_id for link in value.relationships}
            nodes |= {node.element_id for node in value.nodes}
        elif isinstance(value, list):
            within = drawn(value)
            nodes, links = nodes | within[0], links | within[1]
    return nodes, links


def measured(driver: neo4j.Driver, query: queries.Query, given: dict[str, Any]) -> dict[str, Any]:
    """Returns what a query costs and gives, and the codes of what EXPLAIN remarks."""
    wanted = {name: given[name] for name in query.params}
    explained = driver.execute_query("EXPLAIN " + query.statement, wanted).summary
    remarks = [str(status.gql_status) for status in explained.gql_status_objects if status.gql_status[:2] == "01"]
    seconds = []
    records: list[neo4j.Record] = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        try:
            records = driver.execute_query(neo4j.Query(query.statement, timeout=LONGEST_S), wanted).records
        except neo4j.exceptions.ClientError as error:
            if "TransactionTimedOut" not in str(error.code):
                raise
            seconds = [math.inf] * 2
            break
        seconds.append(time.perf_counter() - began)
    print(f"{query.name}: {1000 * seconds[-1]:.1f} ms", file=sys.stderr, flush=True)
    nodes, links = drawn([value for record in records for value in record.values()])
    return {
        "query": query.name,
        "first_ms": round(1000 * seconds[0], 1),
        "ms": round(1000 * statistics.median(seconds[1:]), 1),
        "rows": len(records),
        "nodes": len(nodes),
        "links": len(links),
        "remarks": remarks,
    }


def explored(driver: neo4j.Driver, store: Neo4jStore) -> Iterator[dict[str, Any]]:
    """Yields the dearer measurement of each query of the folder."""
    sets = parameters(driver, store)
    for name in queries.names():
        if name.startswith("explore/"):
            query = queries.load(name)
            tried = [measured(driver, query, one | _rings(store, query)) for one in sets]
            yield max(tried, key=lambda one: float(one["ms"]))


def _rings(store: Neo4jStore, query: queries.Query) -> dict[str, Any]:
    """Returns the two largest rings for a query that asks about two of them, by the names that it uses."""
    if query.name != "explore/shared_by_rings":
        return {}
    largest = sorted(store.rings(1000), key=lambda ring: -ring.size)[:2]
    return {"a": largest[0].ring_id, "b": largest[-1].ring_id}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--world", type=Path, help="use this simulated world instead of making one")
    parser.add_argument("--home", type=Path, help="the LINKAGE_HOME of a server that is loaded already")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="linkage-bench-") as scratch:
        os.environ["LINKAGE_HOME"] = str(options.home or Path(scratch) / "home")
        seconds: dict[str, dict[str, float]] = {}
        if options.home is None:
            world = options.world or Path(scratch) / "world"
            if options.world is None:
                made = ["simulate", str(world), "--accounts", str(options.accounts), "--seed", "0"]
                subprocess.run([sys.executable, "-m", "linkage", "--quiet", *made], check=True)
            for store in (f"duckdb:{scratch}/bench.duckdb", "neo4j:local"):
                seconds[store.partition(":")[0]] = loaded(world, store)
        server = LocalServer(Settings.from_environment())
        info = server.start(Progress(quiet=True))
        try:
            credentials = (info.user, info.password)
            with (
                neo4j.GraphDatabase.driver(info.bolt, auth=credentials, notifications_min_severity="OFF") as driver,
                Neo4jStore(info.bolt, *credentials) as store,
            ):
                rows = list(explored(driver, store))
        finally:
            server.stop()
    show(seconds, rows, as_json=options.json)


def show(seconds: dict[str, dict[str, float]], rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Prints the tables, the slowest query first."""
    rows = sorted(rows, key=lambda row: -row["ms"])
    if as_json:
        print(json.dumps({"seconds": seconds, "queries": rows}))
        return
    for store, steps in seconds.items():
        print(f"{store:<8}" + "  ".join(f"{step} {wall:.1f} s" for step, wall in steps.items()))
    print(f"{'query':<32}{'first ms':>10}{'ms':>9}{'rows':>6}{'nodes':>7}{'links':>7}  remarks")
    for row in rows:
        figures = f"{row['first_ms']:>10}{row['ms']:>9}{row['rows']:>6}{row['nodes']:>7}{row['links']:>7}"
        print(f"{row['query']:<32}{figures}  {' '.join(row['remarks'])}")


if __name__ == "__main__":
    main()

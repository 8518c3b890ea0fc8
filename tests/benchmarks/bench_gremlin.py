"""How long the API takes for a ring of 50 accounts on JanusGraph: median and slowest of 50 answers, in milliseconds.

`--quick` is on BerkeleyDB, else on one node of Cassandra. The store alone is asked first, then the API, each 150 times
before it counts, since Java compiles what is asked often; the first answers are told too, and only those of the store
are of a server that has just started.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engines import cassandra
from engines.server import janusgraph_on_berkeleydb, janusgraph_on_cassandra
from known_graph import CARD, account_rows, identifier_rows, link_row, link_table, publication, ring, tables, use_rows
from starlette.testclient import TestClient

from linkage.cli.serve import explain
from linkage.model.rings import Member, Role
from linkage.serve.app import create_app
from linkage.serve.settings import Limits, ServeSettings
from linkage.settings import Settings
from linkage.stores.gremlin.store import GremlinStore

SIZE, ANSWERS, BEFORE = 50, 50, 150
QUESTION = """{ ring(id: "r50") { size score members(first: 50) { edges { role bits node { accountId status } } }
  links(first: 100) { nodes { bits accountA { accountId } accountB { accountId } } } events { event } } }"""


def fill(store: GremlinStore) -> None:
    """Writes a ring of 50 accounts that share a card, each linked to the ten after it."""
    names = [f"n{number:02}" for number in range(SIZE)]
    known = account_rows()[0]
    card = [row for row in identifier_rows() if row["key"] == CARD]
    uses = [use_rows()[0] | {"account_id": name, "key": CARD} for name in names]
    store.prepare()
    store.load(tables([known | {"id": name} for name in names], card, uses))
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 : at + 11]]
    store.replace_links([link_table([link_row(a, b, payment=9.0) for a, b in pairs])], "run1")
    members = [Member("r50", name, Role.CORE, 9.0, None, None) for name in names]
    store.publish(replace(publication(), rings=[ring("r50", size=SIZE)], members=members, events=[]))


def measure(url: str) -> None:
    """Prints how long the API takes over the store, and the store alone."""
    with GremlinStore(url) as store:
        fill(store)
        alone = []
        for _ in range(BEFORE + ANSWERS):
            began = time.perf_counter()
            found = len(store.members("r50")), len(store.ring_links("r50"))
            alone.append(1000 * (time.perf_counter() - began))
    settings = ServeSettings(fresh_s=0.0, keep_s=0.0, limits=Limits(cost=10**6, deadline_s=120.0, bucket=10**9))
    app = create_app(lambda: GremlinStore(url), partial(explain, Settings()), settings)
    took = []
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for _ in range(BEFORE + ANSWERS):
            began = time.perf_counter()
            answer = client.post("/graphql", json={"query": QUESTION}).json()
            took.append(1000 * (time.perf_counter() - began))
            if "errors" in answer or "data" not in answer:
                raise SystemExit(str(answer))
    print(f"{found[0]} accounts and {found[1]} links")
    for name, some in (("store", alone), ("API", took)):
        warm, first = some[BEFORE:], some[:30]
        print(
            f"{name}: median {statistics.median(warm):.0f} ms, slowest {max(warm):.0f}; "
            f"of the first 30 {statistics.median(first):.0f}, slowest {max(first):.0f}"
        )


def main() -> None:
    """Runs the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        if "--quick" in sys.argv:
            server = janusgraph_on_berkeleydb(Path(folder)).start()
            try:
                measure(server.url)
            finally:
                server.stop()
            return
        (node,) = cassandra.nodes(Path(folder))
        node.start()
        try:
            server = janusgraph_on_cassandra(Path(folder) / "janusgraph", [node.host], node.port).start()
            measure(server.url)
            server.stop()
        finally:
            node.stop()


if __name__ == "__main__":
    main()

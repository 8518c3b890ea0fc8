"""Three nodes of Cassandra, every row on each, read and written by quorum: one is killed, then a second.

`make test-cluster` runs it alone: three nodes and JanusGraph take more memory than the suite's other servers together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines.cassandra import Node, nodes
from engines.process import listens
from engines.server import GremlinServer, janusgraph_on_cassandra
from remote_site import KEY, cut, halve, published

from linkage.errors import StoreUnavailable
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.gremlin.store import GremlinStore

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3000)]
OTHERS, EVERY = 60, 10


@dataclass(frozen=True, slots=True)
class Cluster:
    """Three nodes, and a JanusGraph over them."""

    nodes: list[Node]
    server: GremlinServer


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that runs; JanusGraph ends first."""
    folder = tmp_path_factory.mktemp("cluster")
    three = nodes(folder, count=3, heap="384m")
    try:
        for node in three:
            node.start()
        names = [node.host for node in three]
        server = janusgraph_on_cassandra(folder / "janusgraph", names, three[0].port, replication=3).start()
        yield Cluster(three, server)
        server.stop()
    finally:
        for node in three:
            node.stop()


def test_a_night_survives_a_node_and_stops_clearly_without_two(cluster: Cluster, tmp_path: Path) -> None:
    simulate(tmp_path / "world", 2000, 11)
    cut(tmp_path / "world", tmp_path / "second", OTHERS, EVERY)
    halve(tmp_path / "second", tmp_path / "first")
    embedded = Site(Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY))
    site = Site(Settings(store=cluster.server.url, key=KEY, home=str(tmp_path / "home")))
    _, second, third = cluster.nodes

    with GremlinStore(cluster.server.url) as store:
        store.prepare()  # who reads while the schema is made has JanusGraph keep half of it
    killer = threading.Thread(target=_kill_once_loading, args=(cluster.server.url, third), daemon=True)
    killer.start()
    nightly(site, tmp_path / "first")
    killer.join()
    assert not listens(third.host, third.port)
    nightly(embedded, tmp_path / "first")
    assert published(site) == published(embedded)  # what was acknowledged before the kill is there too

    second.kill()
    with pytest.raises(StoreUnavailable) as raised:
        nightly(site, tmp_path / "second")
    assert raised.value.exit_status == 5
    second.start()
    _await(cluster.server.url)
    nightly(site, tmp_path / "second")
    nightly(embedded, tmp_path / "second")
    expected = published(embedded)
    assert expected["rings"]
    assert published(site) == expected


def _kill_once_loading(url: str, node: Node) -> None:
    """Kills a node while uses are being written."""
    with GremlinStore(url) as store:
        while store.counts().uses < 500:
            time.sleep(0.2)
    node.kill()


def _await(url: str) -> None:
    """Returns when a quorum answers again; StoreUnavailable if none does within two minutes."""
    with GremlinStore(url, patience=120.0) as store:
        store.counts()

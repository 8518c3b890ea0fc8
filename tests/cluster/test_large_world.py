"""Twenty thousand accounts on Neo4j and on JanusGraph: what is exported of them is the same, byte for byte.

`make test-cluster` runs it: JanusGraph takes uses one merge after another, which is long for a world of this size.
"""

from __future__ import annotations

from pathlib import Path

import neo4j
import pytest
from engines.server import GremlinServer
from known_graph import wipe
from remote_site import KEY, cut, shuffle

from linkage.jobs.detect import detect
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.neo4j.local import ServerInfo

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3000)]
ACCOUNTS, EVERY = 20_000, 40
"""One in so many requests is kept: all accounts are there, and what they did fits into an hour."""


def test_the_export_of_a_large_world_is_the_same_from_neo4j_and_janusgraph(
    tmp_path: Path, neo4j_server: ServerInfo, berkeleydb_server: GremlinServer
) -> None:
    simulate(tmp_path / "world", ACCOUNTS, 12)
    cut(tmp_path / "world", tmp_path / "neo4j-facts", ACCOUNTS, EVERY)
    shuffle(tmp_path / "neo4j-facts", tmp_path / "janusgraph-facts", seed=5)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    berkeleydb_server.empty()
    user, password = neo4j_server.user, neo4j_server.password
    sites = {
        "neo4j": Settings(store=neo4j_server.bolt, user=user, password=password, key=KEY, home=str(tmp_path / "one")),
        "janusgraph": Settings(store=berkeleydb_server.url, key=KEY, home=str(tmp_path / "other")),
    }
    for name, settings in sites.items():
        site = Site(settings)
        load(site, tmp_path / f"{name}-facts")
        detect(site)
        export(site, tmp_path / name)
        with site.open() as store:
            assert store.counts().accounts >= ACCOUNTS
            assert store.counts().rings > 1
    files = sorted(path.name for path in (tmp_path / "neo4j").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "janusgraph").iterdir())
    for name in files:
        assert (tmp_path / "neo4j" / name).read_bytes() == (tmp_path / "janusgraph" / name).read_bytes(), name

"""The communities that Neo4j's graph algorithms find, and those found in the process, are the same for nearly all."""

from __future__ import annotations

from pathlib import Path

import neo4j
import numpy as np
import pytest
from known_graph import wipe
from remote_site import KEY
from sklearn.metrics import adjusted_rand_score

from linkage.detect import partition
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.columns import read_links
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import Capability
from linkage.stores.neo4j.local import ServerInfo

SAME = 0.99


@pytest.mark.neo4j
def test_graph_algorithms_find_the_communities_of_the_process(tmp_path: Path, neo4j_server: ServerInfo) -> None:
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    simulate(tmp_path / "world", 5000, 12)
    site = Site(
        Settings(
            store=neo4j_server.bolt,
            user=neo4j_server.user,
            password=neo4j_server.password,
            key=KEY,
            home=str(tmp_path / "home"),
        )
    )
    load(site, tmp_path / "world" / "facts")
    detect(site)
    with site.open() as store, site.working.read() as con:
        assert Capability.COMMUNITIES in store.capabilities
        named = store.communities(1.0)
        numbers = dict(con.execute("SELECT id, account FROM account").fetchall())
        found = {
            numbers[account]: community
            for account, community in zip(
                named.column("account_id").to_pylist(), named.column("community").to_pylist(), strict=True
            )
        }
        links = read_links(con)
    theirs, own = partition(links, len(numbers), found), partition(links, len(numbers))
    inside = own >= 0
    assert np.array_equal(inside, theirs >= 0)
    assert len(np.unique(own[inside])) > 10
    assert adjusted_rand_score(own[inside], theirs[inside]) >= SAME

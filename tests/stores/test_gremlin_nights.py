"""Two nights on a JanusGraph publish what two nights on the embedded store do, ring by ring, with the same history."""

from __future__ import annotations

from pathlib import Path

import pytest
from engines.server import GremlinServer
from remote_site import KEY, cut, halve, published

from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

OTHERS, EVERY = 60, 10


@pytest.mark.gremlin
def test_two_nights_on_janusgraph_are_those_on_the_embedded_store(
    tmp_path: Path, berkeleydb_server: GremlinServer
) -> None:
    berkeleydb_server.empty()
    simulate(tmp_path / "world", 2000, 11)
    cut(tmp_path / "world", tmp_path / "second", OTHERS, EVERY)
    halve(tmp_path / "second", tmp_path / "first")
    sites = [
        Site(Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY)),
        Site(Settings(store=berkeleydb_server.url, key=KEY, home=str(tmp_path / "home"))),
    ]
    for night in ("first", "second"):
        for site in sites:
            nightly(site, tmp_path / night)
        embedded, remote = map(published, sites)
        assert embedded == remote
    assert embedded["rings"]
    assert len(embedded["runs"]) == 2

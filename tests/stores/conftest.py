"""The stores under test: every test of the port runs on each of them, empty at its start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
from engines.server import GremlinServer
from known_graph import link_table, publication, tables, wipe

from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.gremlin.store import GremlinStore
from linkage.stores.neo4j.store import Neo4jStore
from linkage.working import WorkingFile


@pytest.fixture
def neo4j_store(neo4j_server: Any) -> Iterator[Neo4jStore]:
    """A Neo4j store that is empty but for its constraints."""
    credentials = (neo4j_server.user, neo4j_server.password)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as driver:
        wipe(driver)
    with Neo4jStore(neo4j_server.bolt, *credentials) as store:
        store.prepare()
        yield store


def _emptied(server: GremlinServer) -> Iterator[GremlinStore]:
    server.empty()
    with GremlinStore(server.url) as store:
        store.prepare()
        yield store


@pytest.fixture
def tinkergraph_store(tinkergraph_server: GremlinServer) -> Iterator[GremlinStore]:
    """A TinkerGraph that is empty."""
    yield from _emptied(tinkergraph_server)


@pytest.fixture
def berkeleydb_store(berkeleydb_server: GremlinServer) -> Iterator[GremlinStore]:
    """A JanusGraph on BerkeleyDB that is empty but for its schema."""
    yield from _emptied(berkeleydb_server)


SERVERS = [
    pytest.param("neo4j", marks=pytest.mark.neo4j),
    pytest.param("tinkergraph", marks=pytest.mark.gremlin),
    pytest.param("berkeleydb", marks=pytest.mark.gremlin),
]
"""The stores that are filled through the port."""


@pytest.fixture(params=SERVERS)
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store of each kind."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with the known graph, its links and its first run."""
    store.load(tables())
    store.replace_links([link_table()], "run1")
    store.publish(publication())
    return store


@pytest.fixture
def duckdb_store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """An embedded store that is empty; its graph is that of its working file, and cannot be loaded through the port."""
    working = WorkingFile(tmp_path / "linkage.duckdb", Settings(threads=1))
    with working.lock(), working.write():
        pass
    with DuckDBStore(working) as store:
        yield store


@pytest.fixture(params=[*SERVERS, "duckdb"])
def known_accounts(request: pytest.FixtureRequest) -> Store:
    """A store of each kind that holds the accounts of the known graph, as far as it has to, and no run."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    found.load(tables())
    return found

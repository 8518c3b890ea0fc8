"""The stores under test: every test of the port runs on each of them, empty at its start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from known_graph import link_table, publication, tables, wipe

from linkage.stores.base import Store
from linkage.stores.neo4j.store import Neo4jStore


@pytest.fixture
def neo4j_store(neo4j_server: Any) -> Iterator[Neo4jStore]:
    """A Neo4j store that is empty but for its constraints."""
    credentials = (neo4j_server.user, neo4j_server.password)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as driver:
        wipe(driver)
    with Neo4jStore(neo4j_server.bolt, *credentials) as store:
        store.prepare()
        yield store


@pytest.fixture(params=[pytest.param("neo4j", marks=pytest.mark.neo4j)])
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

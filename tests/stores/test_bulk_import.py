"""A graph that is imported in bulk equals one that is loaded, value for value and type for type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from known_graph import account_rows, dump, numbered, tables, use_rows, wipe

from linkage.errors import UnsupportedOperation
from linkage.settings import Settings
from linkage.stores.base import Capability, GraphCounts
from linkage.stores.neo4j.local import LocalServer
from linkage.stores.neo4j.store import Neo4jStore

pytestmark = pytest.mark.neo4j


@pytest.fixture
def importing(neo4j_server: Any, neo4j_settings: Settings) -> Iterator[Neo4jStore]:
    """An empty store on the disk of this machine."""
    importer = LocalServer(neo4j_settings).bulk_import
    credentials = (neo4j_server.user, neo4j_server.password)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as driver:
        wipe(driver)
    with Neo4jStore(neo4j_server.bolt, *credentials, importer=importer) as store:
        yield store


def test_an_imported_graph_equals_a_loaded_one(importing: Neo4jStore, neo4j_server: Any) -> None:
    assert Capability.BULK_IMPORT in importing.capabilities
    broken = account_rows()[0] | {"id": "with\na break", "plan": '"so\r\ncalled", he said'}
    graph = tables([*account_rows(), broken], None, [*use_rows(), use_rows()[0] | {"account_id": "with\na break"}])
    importing.bulk_import(numbered(graph))
    credentials = (neo4j_server.user, neo4j_server.password)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as driver:
        imported = dump(driver)
        wipe(driver)
        importing.prepare()
        importing.load(graph)
        assert dump(driver) == imported
    assert importing.counts() == GraphCounts(accounts=7, identifiers=6, uses=16, links=0, rings=0)


def test_a_store_that_holds_a_graph_takes_no_import(importing: Neo4jStore) -> None:
    importing.prepare()
    importing.load(tables())
    with pytest.raises(UnsupportedOperation, match="holds a graph already"):
        importing.bulk_import(numbered(tables()))
    assert importing.counts().accounts == 6

"""A live server for the query files, with the known graph, and a runner that proves what it says.

A test marked `query("folder/name")` must run that query; a query that writes is run twice, and must then
leave what it left the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import neo4j
import pytest
from known_graph import at, dump, link_table, publication, tables, wipe

from linkage import queries
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.stores.neo4j.store import Neo4jStore

DECISION = Decision("d0", 1, Ruling.REJECTED, (), "r1", "ann", "seen it", at(3), at(90), at(4), "bob")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "query(*names): asserts the exact rows of these query files")


class Cypher:
    """Runs query files by name and returns their rows."""

    def __init__(self, driver: neo4j.Driver) -> None:
        self.driver = driver
        self.ran: set[str] = set()

    def __call__(self, name: str, **params: Any) -> list[dict[str, Any]]:
        query = queries.load(name)
        self.ran.add(name)
        rows = self._run(query.statement, params)
        if query.mode is not queries.Mode.READ:
            once = dump(self.driver)
            self._run(query.statement, params)
            assert dump(self.driver) == once, f"{name} run twice leaves something else than run once"
        return rows

    def look(self, statement: str, **params: Any) -> list[list[Any]]:
        """Returns the rows of a statement of the test's own."""
        return [list(row.values()) for row in self._run(statement, params)]

    def _run(self, statement: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        return [record.data() for record in self.driver.execute_query(statement, params, database_="neo4j").records]


@pytest.fixture(scope="session")
def driver(neo4j_server: Any) -> Iterator[neo4j.Driver]:
    """The driver of the test server, which says all that the server has to remark."""
    credentials = (neo4j_server.user, neo4j_server.password)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as found:
        yield found


@pytest.fixture
def cypher(driver: neo4j.Driver, request: pytest.FixtureRequest) -> Iterator[Cypher]:
    """The runner of query files."""
    runner = Cypher(driver)
    yield runner
    marked = {name for mark in request.node.iter_markers("query") for name in mark.args}
    assert marked <= runner.ran, f"marked, but not run: {', '.join(sorted(marked - runner.ran))}"


def _store(neo4j_server: Any, driver: neo4j.Driver) -> Neo4jStore:
    wipe(driver)
    store = Neo4jStore(neo4j_server.bolt, neo4j_server.user, neo4j_server.password)
    store.prepare()
    return store


@pytest.fixture
def blank(neo4j_server: Any, driver: neo4j.Driver) -> Iterator[Neo4jStore]:
    """A store that is empty but for its constraints."""
    with _store(neo4j_server, driver) as store:
        yield store


@pytest.fixture(scope="module")
def known(neo4j_server: Any, driver: neo4j.Driver) -> Iterator[Neo4jStore]:
    """The known graph with its links and its first run, for tests that only read."""
    with _store(neo4j_server, driver) as store:
        store.load(tables())
        store.replace_links([link_table()], "run1")
        store.keep_decision(DECISION)
        store.publish(replace(publication(), conflicts=[Conflict("run1", "d0", "no")]))
        store.mark_loaded(7)
        yield store

"""One real server of each kind for the whole test run, started on first use; jars stay in the user's cache folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from chromium import browser, shots
from engines.server import GremlinServer, janusgraph_on_berkeleydb, tinkergraph, tinkergraph_of_janusgraph
from object_store import S3Server

from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local import LocalServer, ServerInfo

__all__ = ["browser", "shots"]


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerInfo]:
    """Yields a running local Neo4j with graph algorithms, empty at first; it ends with the test run."""
    home = tmp_path_factory.mktemp("neo4j-home")
    server = LocalServer(Settings.from_environment(home=str(home), neo4j_memory="3GB"))
    info = server.start(Progress())
    yield info
    server.stop()


@pytest.fixture(scope="session")
def neo4j_settings(neo4j_server: ServerInfo) -> Settings:
    """Returns settings whose store is the running local Neo4j."""
    home = str(neo4j_server.home).removesuffix("/neo4j")
    settings = Settings.from_environment(home=home)
    return dataclasses.replace(
        settings, store=neo4j_server.bolt, user=neo4j_server.user, password=neo4j_server.password
    )


@pytest.fixture(scope="session")
def tinkergraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GremlinServer]:
    """Yields a Gremlin Server with a TinkerGraph, empty at first; it ends with the test run."""
    server = tinkergraph(tmp_path_factory.mktemp("tinkergraph")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tinkergraph_37_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GremlinServer]:
    """Yields the same of TinkerPop 3.7; it ends with the test run."""
    server = tinkergraph_of_janusgraph(tmp_path_factory.mktemp("tinkergraph_37")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def berkeleydb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GremlinServer]:
    """Yields a JanusGraph on BerkeleyDB, empty at first; it ends with the test run."""
    server = janusgraph_on_berkeleydb(tmp_path_factory.mktemp("berkeleydb")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Yields an S3 server; it ends with the test run."""
    server = S3Server(tmp_path_factory.mktemp("s3") / "requests.log").start()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """Yields the S3 server with one empty bucket, found by the environment as by anybody's."""
    from s3fs import S3FileSystem

    s3_server.empty()
    for name, value in s3_server.environ.items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()
    yield s3_server
    S3FileSystem.clear_instance_cache()

"""A home of its own for each test that starts or stops a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkage.settings import Settings
from linkage.stores.neo4j.local import LocalServer

MakeServer = Callable[..., LocalServer]


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Yields a maker of local servers with small heaps in homes below the test's folder; all end with it."""
    servers: list[LocalServer] = []

    def make(name: str = "home", **given: str) -> LocalServer:
        settings = Settings.from_environment(home=str(tmp_path / name), neo4j_memory="1GB", **given)
        servers.append(LocalServer(settings))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()

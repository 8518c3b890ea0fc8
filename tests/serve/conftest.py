"""The world, the application over it, and a client that speaks to it as one on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from linkage.cli.serve import acts, explain
from linkage.jobs.site import Site
from linkage.serve.app import create_app
from linkage.serve.settings import ServeSettings
from tests.serve import world

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The world, which no test changes."""
    return world.build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def client(site: Site) -> Iterator[TestClient]:
    """A client of the application over the world, with the limits it starts with."""
    with connect(site) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Site:
    """A world of a test's own."""
    return world.build(tmp_path)


@pytest.fixture(scope="session")
def ask(client: TestClient) -> Ask:
    """Posts a query and returns the whole response."""

    def post(query: str, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = client.post("/graphql", json={"query": query, "variables": variables}).json()
        return found

    return post


def connect(site: Site, settings: ServeSettings | None = None, open_store: Any = None) -> TestClient:
    """Returns a client of a new application."""
    settings = replace(
        settings or ServeSettings(), exports=site.working.path.parent / "exports", signing=b"0123456789abcdef"
    )
    app = create_app(open_store or site.open, partial(explain, site.settings), settings, acts(site))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)

"""The known graph in the real Neo4j, its guide, and a page of the real Neo4j Browser that plays it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from known_graph import link_table, publication, tables, wipe
from neo4j import GraphDatabase
from playwright.sync_api import Browser, Page

from linkage.browse import PageServer, examples, guide, style
from linkage.stores.neo4j.local import ServerInfo
from linkage.stores.neo4j.store import Neo4jStore


@pytest.fixture(scope="module")
def store(neo4j_server: ServerInfo) -> Iterator[Neo4jStore]:
    """The known graph with its links and its first run."""
    with GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    with Neo4jStore(neo4j_server.bolt, neo4j_server.user, neo4j_server.password) as store:
        store.prepare()
        store.load(tables())
        store.replace_links([link_table()], "run1")
        store.publish(publication())
        yield store


@pytest.fixture(scope="module")
def pages(store: Neo4jStore) -> Iterator[PageServer]:
    """The guide with values of the known graph, and the style sheet."""
    with PageServer({"style.grass": style()}) as server:
        values = {"a": "a1", "b": "a2"} | examples(store)
        server.put("guide.html", guide(server.address("style.grass"), values))
        yield server


@pytest.fixture(scope="module")
def page(browser: Browser, pages: PageServer, neo4j_server: ServerInfo) -> Iterator[Page]:
    """Neo4j Browser, signed in, with the guide played."""
    signed_in = neo4j_server.bolt.replace("://", f"://{neo4j_server.user}@")
    query = urlencode({"dbms": signed_in, "cmd": "play", "arg": pages.address("guide.html")})
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(f"{neo4j_server.browser}?{query}")
    page.fill("input[type=password]", neo4j_server.password)
    page.click("[data-testid=connect]")
    page.get_by_text("You are connected as user").first.wait_for()
    page.wait_for_selector("pre.runnable")
    yield page
    page.close()

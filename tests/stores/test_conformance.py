"""One world on every store: the same job on each gives the same graph, links, rings and reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pyarrow as pa
import pytest
from known_graph import wipe

from linkage.jobs.detect import detect
from linkage.jobs.explain import why
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Role
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import Store

pytestmark = pytest.mark.neo4j
KEY = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, neo4j_server: Any) -> tuple[Site, Site]:
    """The embedded store and Neo4j after load and detect of one world."""
    folder = tmp_path_factory.mktemp("conformance")
    simulate(folder / "world", 2000, 11)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    embedded = Settings(store=f"duckdb:{folder / 'embedded.duckdb'}", key=KEY)
    remote = Settings(
        store=neo4j_server.bolt,
        user=neo4j_server.user,
        password=neo4j_server.password,
        key=KEY,
        home=str(folder / "home"),
    )
    sites = Site(embedded), Site(remote)
    for site in sites:
        load(site, folder / "world" / "facts")
        detect(site)
    return sites


@pytest.fixture(scope="module")
def stores(sites: tuple[Site, Site]) -> Iterator[tuple[Store, Store]]:
    with sites[0].open() as embedded, sites[1].open() as remote:
        yield embedded, remote


@pytest.fixture(scope="module")
def members(stores: tuple[Store, Store]) -> list[str]:
    """Accounts of rings, a few of each, and one of none."""
    found = [one.account_id for ring in stores[0].rings() for one in stores[0].members(ring.ring_id, 3)]
    assert found, "the world has rings that are found"
    return [*found, "no such account"]


def test_counts_are_equal(stores: tuple[Store, Store]) -> None:
    embedded, remote = (store.counts() for store in stores)
    assert embedded == remote
    assert embedded.rings > 1
    assert embedded.links > 100


def test_accounts_and_what_they_used_are_equal(stores: tuple[Store, Store], members: list[str]) -> None:
    embedded, remote = stores
    assert embedded.accounts(members) == remote.accounts(members)
    for account in members:
        assert embedded.account(account) == remote.account(account)
        used = embedded.uses(account, 500)
        assert used == remote.uses(account, 500)
        for use in used[:5]:
            assert embedded.users(use.key, 50) == remote.users(use.key, 50)


def test_links_are_equal(stores: tuple[Store, Store], members: list[str]) -> None:
    embedded, remote = stores
    for account in members:
        assert embedded.links(account, 100) == remote.links(account, 100)
    tables = [pa.concat_tables(store.link_table()).to_pylist() for store in stores]
    assert tables[0] == tables[1]


def test_components_are_the_same_sets(stores: tuple[Store, Store]) -> None:
    def sets(store: Store) -> set[frozenset[str]]:
        table = store.components().to_pandas()
        return {frozenset(group) for _, group in table.groupby("component")["account_id"]}

    assert sets(stores[0]) == sets(stores[1])


def test_rings_members_and_events_are_equal(stores: tuple[Store, Store]) -> None:
    embedded, remote = stores
    assert embedded.rings() == remote.rings()
    for ring in embedded.rings():
        assert embedded.ring(ring.ring_id) == remote.ring(ring.ring_id) == ring
        assert embedded.members(ring.ring_id) == remote.members(ring.ring_id)
        assert embedded.ring_links(ring.ring_id) == remote.ring_links(ring.ring_id)
    assert embedded.all_members([Role.BYSTANDER]) == remote.all_members([Role.BYSTANDER])
    assert embedded.events() == remote.events()
    first = embedded.rings(1)[0].ring_id
    assert embedded.rings(2, first) == remote.rings(2, first)
    assert embedded.ring("ring-none") is None
    assert remote.ring("ring-none") is None


def test_explanations_are_equal(sites: tuple[Site, Site], stores: tuple[Store, Store], members: list[str]) -> None:
    embedded, remote = stores
    for account in members[:-1]:
        for link in embedded.links(account, 2):
            pair = link.account_a, link.account_b
            evidence = why(embedded, *pair, sites[0].settings)
            assert evidence == why(remote, *pair, sites[1].settings)
            assert (evidence.bits, evidence.grade) == (link.bits, link.grade)


def test_exports_are_equal_to_the_byte(sites: tuple[Site, Site], tmp_path: Path) -> None:
    for site, name in zip(sites, ("embedded", "remote"), strict=True):
        export(site, tmp_path / name)
    for table in ("rings", "members", "links", "events"):
        embedded, remote = (tmp_path / name / f"{table}.parquet" for name in ("embedded", "remote"))
        assert embedded.read_bytes() == remote.read_bytes(), table


def test_the_same_again_changes_nothing(sites: tuple[Site, Site], stores: tuple[Store, Store]) -> None:
    before = [(store.counts(), store.rings()) for store in stores]
    for site in sites:
        assert load(site, site_facts(sites))[0].counts["unchanged"] == 1
    for store, (counts, rings) in zip(stores, before, strict=True):
        assert dataclasses.asdict(store.counts()) == dataclasses.asdict(counts)
        assert store.rings() == rings


def site_facts(sites: tuple[Site, Site]) -> Path:
    """Returns the folder of the facts that both sites hold."""
    return sites[0].working.path.parent / "world" / "facts"

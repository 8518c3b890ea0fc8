"""One world on every store: the same job on each gives the same graph, links, rings and reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from remote_site import cut, remote_site, shuffle

from linkage.jobs.detect import detect
from linkage.jobs.explain import why
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.filters import ATTRIBUTES, AccountFilter, EventPlace
from linkage.model.rings import Role
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import Store

OTHERS, EVERY = 100, 8
"""Honest accounts, and the part of all requests, that are kept: enough for rings, few enough for slow stores."""
KEY = "0123456789abcdef" * 4
ENGINES = [
    pytest.param("neo4j", marks=pytest.mark.neo4j),
    pytest.param("neo4j_without_gds", marks=pytest.mark.neo4j),
    pytest.param("tinkergraph", marks=pytest.mark.gremlin),
    pytest.param("tinkergraph_37", marks=pytest.mark.gremlin),
    pytest.param("berkeleydb", marks=pytest.mark.gremlin),
]
ORDER = [str(one.values[0]) for one in ENGINES]
"""Each server has the facts in an order of its own."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world and the embedded store of it."""
    folder = tmp_path_factory.mktemp("conformance")
    simulate(folder / "whole", 2000, 11)
    cut(folder / "whole", folder / "facts", OTHERS, EVERY)
    site = Site(Settings(store=f"duckdb:{folder / 'embedded.duckdb'}", key=KEY))
    load(site, folder / "facts")
    detect(site)
    return folder


@pytest.fixture(scope="module", params=ENGINES)
def sites(request: pytest.FixtureRequest, world: Path) -> Iterator[tuple[Site, Site]]:
    """The embedded store, and a server after load and detect of the same world in another order."""
    with remote_site(request, world / request.param) as site:
        shuffle(world / "facts", world / request.param / "facts", seed=ORDER.index(request.param))
        load(site, world / request.param / "facts")
        detect(site)
        yield Site(Settings(store=f"duckdb:{world / 'embedded.duckdb'}", key=KEY)), site


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


def test_many_at_once_are_what_each_is_alone(stores: tuple[Store, Store], members: list[str]) -> None:
    rings = [ring.ring_id for ring in stores[0].rings()]
    for store in stores:
        assert store.uses_of(members, 7) == {one: store.uses(one, 7) for one in members[:-1]}
        assert store.links_of(members, 5) == {one: store.links(one, 5) for one in members if store.links(one, 5)}
        assert store.members_of(rings, 3) == {one: store.members(one, 3) for one in rings}
        assert store.ring_links_of(rings, 4) == {one: store.ring_links(one, 4) for one in rings}
        assert store.rings_by_id([*rings, "none"]) == {one: store.ring(one) for one in rings}
        assert store.events_of(rings, 9) == {one: store.events(one, 9) for one in rings}
        everything = store.events_after(EventPlace(), 10_000)
        first = everything[0]
        place = EventPlace(first.run_id, first.ring_id, first.event.value, first.other_ring_id)
        assert store.events_after(place, 10_000) == everything[1:]
    keys = [use.key for use in stores[0].uses(members[0], 20)]
    assert stores[0].identifiers([*keys, "x"]) == stores[1].identifiers([*keys, "x"])
    assert list(stores[0].identifiers(keys)) == sorted(keys)
    for after in ("", members[0]):
        assert stores[0].users_of(keys, 3, after) == stores[1].users_of(keys, 3, after)


FILTERS = (
    AccountFilter(),
    AccountFilter(prefix="acct_3"),
    AccountFilter(status=("terminated", "suspended")),
    AccountFilter(in_ring=True, least_requests=5),
    AccountFilter(in_ring=False, most_requests=100, label=("benign",)),
    AccountFilter(created_from=datetime(2026, 1, 1, tzinfo=UTC), seen_until=datetime(2027, 1, 1, tzinfo=UTC)),
)


@pytest.mark.parametrize("wanted", FILTERS)
def test_accounts_are_found_and_counted_alike(stores: tuple[Store, Store], wanted: AccountFilter) -> None:
    embedded, remote = stores
    found = embedded.find_accounts(wanted, 5000)
    assert found == remote.find_accounts(wanted, 5000)
    assert found == sorted(found)
    assert embedded.count_accounts(wanted, 5000) == remote.count_accounts(wanted, 5000) == len(found)
    if found:
        behind = found[len(found) // 2]
        assert embedded.find_accounts(wanted, 3, behind) == remote.find_accounts(wanted, 3, behind)
    for by in ATTRIBUTES:
        groups = embedded.group_accounts(wanted, by, 1000)
        assert groups == remote.group_accounts(wanted, by, 1000)
        assert sum(group.accounts for group in groups) == len(found)
    for store in stores:
        with pytest.raises(ValueError, match="not counted by"):
            store.group_accounts(wanted, "id")


def test_what_shares_identifiers_is_equal(stores: tuple[Store, Store], members: list[str]) -> None:
    keys = [use.key for account in members[:2] for use in stores[0].uses(account, 40)]
    most = max(use.degree for account in members[:2] for use in stores[0].uses(account, 40))
    for limit in (most - 1, most):
        parts = []
        for store in stores:
            graph = store.sharing_tables(keys, limit)
            uses = list(graph.uses)
            users = sorted({name for table in uses for name in table.column("account_id").to_pylist()})
            tables = (store.account_tables([*users, "nobody"]), graph.identifiers, uses)
            parts.append([sorted((row for part in table for row in part.to_pylist()), key=str) for table in tables])
        assert parts[0] == parts[1]
        accounts, identifiers, uses = parts[0]
        assert {row["key"] for row in identifiers} == set(keys)
        assert {row["id"] for row in accounts} == {row["account_id"] for row in uses}
        few = {row["key"] for row in identifiers if row["degree"] <= limit}
        assert {row["key"] for row in uses} == few
        assert (len(few) == len(set(keys))) == (limit == most)


def test_memberships_are_equal(stores: tuple[Store, Store], members: list[str]) -> None:
    asked = [*members[:3], *(member.account_id for member in stores[0].all_members([Role.BYSTANDER])[:3]), "nobody"]
    found = [store.memberships(asked) for store in stores]
    assert found[0] == found[1]
    assert {(one, *found[0][one]) for one in asked[:-1]} <= {
        (member.account_id, member.ring_id, member.role) for member in stores[0].all_members()
    }
    assert set(found[0]) == set(asked[:-1])


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
    remote = sites[1].working.path
    aside = remote.rename(remote.with_name("aside.duckdb"))
    try:
        export(sites[1], tmp_path / "remote_alone")  # as from another machine, which has no working file
    finally:
        aside.rename(remote)
    for table in ("rings", "members", "links", "events"):
        embedded, *others = (tmp_path / name / f"{table}.parquet" for name in ("embedded", "remote", "remote_alone"))
        for other in others:
            assert embedded.read_bytes() == other.read_bytes(), table


def test_the_same_again_changes_nothing(sites: tuple[Site, Site], stores: tuple[Store, Store]) -> None:
    before = [(store.counts(), store.rings()) for store in stores]
    for site in sites:
        assert load(site, site_facts(site))[0].counts["unchanged"] == 1
    for store, (counts, rings) in zip(stores, before, strict=True):
        assert dataclasses.asdict(store.counts()) == dataclasses.asdict(counts)
        assert store.rings() == rings


def site_facts(site: Site) -> Path:
    """Returns the folder of the facts that a site holds."""
    home = site.working.path.parent
    return home / "facts" if (home / "facts").exists() else home.parent / "facts"

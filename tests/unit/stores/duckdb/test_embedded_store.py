"""The embedded store over small worlds: what it reads back is what the columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import oracle
import pyarrow as pa
import pytest
import working_tables as tables

from linkage.derive import weigh
from linkage.errors import StoreUnavailable
from linkage.link import link
from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.kinds import Facet
from linkage.model.rings import Event, Member, Ring, RingEvent, RingStatus, Role, Run
from linkage.settings import Settings
from linkage.stores.base import Capability, GraphTables, Publication
from linkage.stores.duckdb import DuckDBStore
from linkage.working import WorkingFile
from linkage.working.incidence import read_incidence

SETTINGS = Settings(link_margin=1.0, threads=1)
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SEED = 3


def _working(path: Path, seed: int) -> WorkingFile:
    raw, uses = oracle.random_world(seed)
    raw = [one | {"starts": tables.sessions(one["starts"])} for one in raw]
    working = WorkingFile(path, SETTINGS)
    path.unlink(missing_ok=True)
    with working.write() as con:
        tables.fill(con, raw, uses)
        weigh(con)
        link(con, read_incidence(con), SETTINGS)
    return working


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """Yields a store with a random world, its links, and no run."""
    with DuckDBStore(_working(tmp_path / "linkage.duckdb", SEED)) as made:
        yield made


def _ring(ring_id: str = "ring-1", score: float = 12.5, status: RingStatus = RingStatus.ACTIVE) -> Ring:
    facets = (Facet.PAYMENT, Facet.CONTENT)
    return Ring(ring_id, status, 2, score, NOW, None, "operator-1", "campaign-1", facets, "vpn", 40)


def _publication(number: int = 1, **changes: list[object]) -> Publication:
    members = [
        Member("ring-1", "n01", Role.CORE, 20.5, Facet.PAYMENT, NOW),
        Member("ring-1", "n02", Role.MEMBER, 18.0, None, None),
        Member("ring-2", "n01", Role.BYSTANDER, 30.0, None, NOW),
        Member("ring-2", "n03", Role.CORE, 9.0, Facet.TIMING, NOW),
    ]
    given: dict[str, list[object]] = {
        "rings": [_ring(), _ring("ring-2", 99.0)],
        "members": list(members),
        "events": [
            RingEvent(NOW, f"run-{number}", "ring-1", Event.FORMED),
            RingEvent(NOW, f"run-{number}", "ring-2", Event.SPLIT, "ring-1"),
        ],
    }
    run = Run(f"run-{number}", NOW, NOW + timedelta(minutes=1), {"link_margin": 4.0}, {"accounts": 24, "chance": 0.5})
    return Publication(run, **(given | changes))  # type: ignore[arg-type]


def test_a_run_is_read_back_as_it_was_published(store: DuckDBStore) -> None:
    given = _publication()
    store.publish(given)
    assert store.current_run() == given.run
    assert store.runs() == [given.run]
    assert store.rings() == [given.rings[1], given.rings[0]]
    assert store.rings(limit=1) == [given.rings[1]]
    assert store.rings(after="ring-2") == [given.rings[0]]
    assert store.ring("ring-1") == given.rings[0]
    assert store.ring("ring-9") is None
    assert store.members("ring-1") == list(given.members[:2])
    assert store.members("ring-2") == [given.members[3], given.members[2]]
    assert store.all_members([Role.CORE]) == [given.members[0], given.members[3]]
    assert store.events() == list(given.events)
    assert store.events("ring-2") == [given.events[1]]
    assert (store.counts().rings, store.counts().accounts) == (2, 24)


def test_an_account_is_shown_in_its_own_ring_before_anothers_surroundings(store: DuckDBStore) -> None:
    store.publish(_publication())
    account = store.account("n01")
    assert account is not None
    assert (account.ring_id, account.role) == ("ring-1", Role.CORE)
    assert store.account("nobody") is None
    assert sorted(store.accounts(["n03", "n01", "nobody"])) == ["n01", "n03"]


def test_publishing_again_changes_nothing_and_the_next_run_takes_over(store: DuckDBStore) -> None:
    store.publish(_publication())
    before = (store.rings(), store.all_members(), store.events(), store.current_run())
    store.publish(_publication())
    assert (store.rings(), store.all_members(), store.events(), store.current_run()) == before
    ended = [replace(_ring(), status=RingStatus.MERGED), _ring("ring-2", 80.0)]
    merged = [RingEvent(NOW, "run-2", "ring-1", Event.MERGED, "ring-2")]
    store.publish(
        _publication(2, rings=ended, members=[Member("ring-2", "n03", Role.CORE, 1.0, None, NOW)], events=merged)
    )  # type: ignore[arg-type, list-item]
    assert [(ring.ring_id, ring.score) for ring in store.rings()] == [("ring-2", 80.0)]
    former = store.ring("ring-1")
    assert former is not None
    assert former.status is RingStatus.MERGED
    assert [member.account_id for member in store.all_members()] == ["n03"]
    assert [event.run_id for event in store.events()] == ["run-2", "run-1", "run-1"]
    run = store.current_run()
    assert run is not None
    assert run.run_id == "run-2"


def _nodes(identifiers: list[oracle.Row]) -> list[oracle.Row]:
    """Returns what becomes part of the graph: a prompt that one account alone sent does not."""
    return [one for one in identifiers if one["kind"] != "prompt" or one["degree"] > 1]


def _read(graph: GraphTables) -> list[list[oracle.Row]]:
    parts = (
        (accounts_schema(), graph.accounts),
        (identifiers_schema(), graph.identifiers),
        (uses_schema(), graph.uses),
    )
    return [pa.concat_tables([schema.empty_table(), *batches]).to_pylist() for schema, batches in parts]


@pytest.mark.parametrize("seed", [3, 18, 40])
def test_the_graph_that_leaves_is_the_world_that_came(tmp_path: Path, seed: int) -> None:
    raw, uses = oracle.random_world(seed)
    raw = [one | {"starts": tables.sessions(one["starts"])} for one in raw]
    accounts, identifiers = oracle.weigh(raw, uses)
    with DuckDBStore(_working(tmp_path / "linkage.duckdb", seed)) as store:
        rows, things, used = _read(store.graph())
        counts = store.counts()
    assert [(one["id"], one["starts"], one["organization"], one["label"]) for one in rows] == [
        (one["id"], one["starts"], one["organization"], one["label"]) for one in accounts
    ]
    for row, one in zip(rows, accounts, strict=True):
        assert row["breadth"] == pytest.approx(one["breadth"], abs=1e-9)
    names = ("key", "kind", "facet", "degree", "peak", "bits", "windowed")
    nodes = _nodes(identifiers)
    assert [[row[name] for name in names] for row in things] == [[one[name] for name in names] for one in nodes]
    keys = {one["key"] for one in nodes}
    assert {(row["account_id"], row["key"]): row["days"] for row in used} == {
        (use["account_id"], use["key"]): use["days"] for use in uses if use["key"] in keys
    }
    assert (counts.accounts, counts.identifiers, counts.uses) == (len(rows), len(things), len(used))


@pytest.mark.parametrize("seed", range(4))
def test_what_a_later_load_adds_makes_the_graph_whole(tmp_path: Path, seed: int) -> None:
    raw, uses = oracle.random_world(seed)
    early = [use for number, use in enumerate(uses) if number % 3]
    late = [use for number, use in enumerate(uses) if number % 3 == 0]
    files = {}
    for name, later in (("first", []), ("both", late)):
        files[name] = WorkingFile(tmp_path / name, SETTINGS)
        with files[name].write() as con:
            tables.fill(con, raw, early, later)
            weigh(con)
    with DuckDBStore(files["first"]) as first, DuckDBStore(files["both"]) as both:
        held = {(row["account_id"], row["key"]): row for row in _read(first.graph())[2]}
        _, things, added = _read(both.graph(after=1))
        whole = _read(both.graph())
    held |= {(row["account_id"], row["key"]): row for row in added}
    assert held == {(row["account_id"], row["key"]): row for row in whole[2]}
    assert {key for _, key in held} <= {row["key"] for row in things}
    assert things == whole[1]


def test_uses_and_their_days_are_those_of_all_loads(store: DuckDBStore, tmp_path: Path) -> None:
    uses = store.uses("n01")
    assert [use.bits for use in uses] == sorted((use.bits for use in uses), reverse=True)
    with WorkingFile(tmp_path / "linkage.duckdb", SETTINGS).write() as con:
        for table in ("once", "often"):
            con.execute(f"INSERT INTO {table} SELECT * REPLACE (load + 1 AS load) FROM {table}")
    again = store.uses("n01")
    assert [(use.key, use.days, use.requests) for use in again] == [
        (use.key, use.days, 2 * use.requests) for use in uses
    ]
    accounts, given = oracle.random_world(SEED)
    keys = {one["key"] for one in _nodes(oracle.weigh(accounts, given)[1])}
    raw = {use["key"]: len(use["days"]) for use in given if use["account_id"] == "n01" and use["key"] in keys}
    assert {use.key: use.days for use in uses} == raw
    assert store.uses("n01", limit=2) == again[:2]


def test_links_and_users_are_those_of_the_tables(store: DuckDBStore) -> None:
    table = pa.concat_tables(list(store.link_table()))
    assert table.schema == links_schema()
    rows = table.to_pylist()
    assert [(row["account_a"], row["account_b"]) for row in rows] == sorted(
        (row["account_a"], row["account_b"]) for row in rows
    )
    assert rows
    one = rows[0]["account_a"]
    links = store.links(one)
    assert len(links) == sum(one in (row["account_a"], row["account_b"]) for row in rows)
    assert [found.bits for found in links] == sorted((found.bits for found in links), reverse=True)
    assert all(sum(found.facets.values()) == pytest.approx(found.bits) for found in links)
    key = store.uses(one)[0].key
    assert one in store.users(key)
    assert store.users("no key") == []


def test_components_are_those_of_links_of_behaviour(store: DuckDBStore) -> None:
    rows = pa.concat_tables(list(store.link_table())).to_pylist()
    linked = {row[end] for row in rows if row["grade"] == "behaviour" for end in ("account_a", "account_b")}
    found = {row["account_id"]: row["component"] for row in store.components().to_pylist()}
    assert found.keys() == linked
    for row in rows:
        if row["grade"] == "behaviour":
            assert found[row["account_a"]] == found[row["account_b"]]


def test_pair_tables_hold_what_two_of_them_used(store: DuckDBStore) -> None:
    ids = ["n01", "n02", "n05"]
    graph = store.pair_tables(ids)
    accounts, things, uses = (
        pa.concat_tables(list(part)).to_pylist() for part in (graph.accounts, graph.identifiers, graph.uses)
    )
    assert sorted(row["id"] for row in accounts) == ids
    users: dict[str, set[str]] = {}
    for use in oracle.random_world(SEED)[1]:
        if use["account_id"] in ids:
            users.setdefault(use["key"], set()).add(use["account_id"])
    common = {key for key, found in users.items() if len(found) > 1}
    assert {row["key"] for row in things} == common == {row["key"] for row in uses}


def test_a_store_without_a_file_is_not_there(tmp_path: Path) -> None:
    store = DuckDBStore(WorkingFile(tmp_path / "none.duckdb", SETTINGS))
    assert Capability.EMBEDDED in store.capabilities
    with pytest.raises(StoreUnavailable):
        store.ping()


def test_reads_go_on_after_the_file_was_replaced(store: DuckDBStore, tmp_path: Path) -> None:
    assert store.counts().accounts == 24
    with WorkingFile(tmp_path / "linkage.duckdb", SETTINGS).write() as con:
        assert isinstance(con, duckdb.DuckDBPyConnection)
        con.execute("DELETE FROM account WHERE id = 'n05'")
        assert store.counts().accounts == 24
    assert store.counts().accounts == 23

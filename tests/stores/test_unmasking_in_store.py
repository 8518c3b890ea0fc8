"""Clear values are kept only where an operator opts in, sealed, and the same in every store."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import neo4j
import pyarrow as pa
import pytest
from known_graph import CARD, IP, tables, wipe

from linkage.errors import NotFound, UnsupportedOperation
from linkage.jobs.load import load
from linkage.jobs.retention import remove_old
from linkage.jobs.site import Site
from linkage.jobs.unmask import unmask
from linkage.settings import Settings
from linkage.stores.base import Capability
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.neo4j.store import Neo4jStore

KEY = "0123456789abcdef" * 4
VALUES = {
    "ip": {"192.0.2.1", "2001:db8:1:2::/64"},
    "payment": {"card-fingerprint-1"},
    "bin": {"424242"},
    "device": {"Device «1»"},
    "email": {"Ann@Example.org"},
    "other": {"badge:B-17"},
}


def _facts(folder: Path) -> Path:
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id\na\nb\n")
    (folder / "requests.csv").write_text(
        "account_id,at,ip,prompt\n"
        "a,2026-03-01,192.0.2.1,write a very long poem about the sea and the wind\n"
        "b,2026-03-01,2001:db8:1:2:3:4:5:6,write a very long poem about the sea and the wind\n"
    )
    (folder / "payments.csv").write_text("account_id,payment_id,bin\na,card-fingerprint-1,424242\n")
    (folder / "identifiers.csv").write_text(
        "account_id,kind,value\na,device,Device «1»\nb,Badge,B-17\nb,email,Ann@Example.org\na,ip,2001:db8:1:2::9\n"
    )
    return folder


def _shown(site: Site) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with site.open() as store:
        for use in [use for uses in store.uses_of(["a", "b"], 100).values() for use in uses]:
            with contextlib.suppress(NotFound):
                value = unmask(site, store, use.key)
                found.setdefault(use.kind, set()).add(value)
    return found


@pytest.fixture
def sites(tmp_path: Path, neo4j_server: Any) -> list[Site]:
    """An embedded store and Neo4j, both empty, that keep values."""
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    embedded = Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY, keep_values=1)
    who = {"user": neo4j_server.user, "password": neo4j_server.password, "home": str(tmp_path)}
    return [Site(embedded), Site(dataclasses.replace(embedded, store=neo4j_server.bolt, **who))]


@pytest.mark.neo4j
def test_values_that_are_kept_are_shown_and_are_nowhere_in_the_clear(sites: list[Site], tmp_path: Path) -> None:
    facts = _facts(tmp_path / "facts")
    for site in sites:
        load(site, facts)
        load(site, facts)
        assert _shown(site) == VALUES
        raw = site.working.path.read_bytes()
        for value in (b"192.0.2.1", b"card-fingerprint-1", b"B-17", b"Ann@"):
            assert value not in raw
        closed = Site(dataclasses.replace(site.settings, keep_values=0))
        with closed.open() as store, pytest.raises(NotFound, match="LINKAGE_KEEP_VALUES"):
            unmask(closed, store, IP)


@pytest.mark.neo4j
def test_nothing_is_kept_unless_it_is_asked_for(sites: list[Site], tmp_path: Path) -> None:
    for site in sites:
        load(Site(dataclasses.replace(site.settings, keep_values=0)), _facts(tmp_path / f"f{site.local}"))
        with site.open() as store:
            assert len(store.uses_of(["a"], 100)["a"]) >= len(VALUES) - 2
        assert _shown(site) == {}
        with site.working.read() as con:
            assert con.execute("SELECT count(*) FROM sealed").fetchall() == [(0,)]


def test_a_value_goes_with_the_last_use_of_it(sites: list[Site], tmp_path: Path) -> None:
    site = Site(dataclasses.replace(sites[0].settings, keep_days=1))
    load(site, _facts(tmp_path / "facts"))
    later = tmp_path / "later"
    later.mkdir()
    (later / "accounts.csv").write_text("account_id\nc\n")
    (later / "requests.csv").write_text("account_id,at,ip\nc,2026-04-01,192.0.2.9\n")
    load(site, later)
    with site.working.lock(), site.open() as store:
        remove_old(site, store)
    with site.working.read() as con:
        kept = {f"{key:016x}" for (key,) in con.execute("SELECT key FROM sealed").fetchall()}
    with site.open() as store:
        shown = {unmask(site, store, key) for key in kept}
    assert "192.0.2.9" in shown
    assert "192.0.2.1" not in shown


@pytest.mark.neo4j
def test_a_store_keeps_seals_beside_identifiers_that_it_holds(neo4j_store: Neo4jStore) -> None:
    neo4j_store.load(tables())
    assert neo4j_store.sealed([IP, CARD]) == {}
    for value in (b"\x01one", b"\x01two"):
        neo4j_store.keep_sealed([pa.table({"key": [IP, "f" * 16], "value": [value, value]})])
        neo4j_store.load(tables())
        assert neo4j_store.sealed([IP, CARD, "f" * 16]) == {IP: value}


def test_a_store_that_keeps_none_says_so_before_facts_are_read(
    sites: list[Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DuckDBStore, "capabilities", DuckDBStore.capabilities - {Capability.SEALED_VALUES})
    with pytest.raises(UnsupportedOperation, match="keeps no values"):
        load(sites[0], _facts(tmp_path / "facts"))
    assert not sites[0].working.exists

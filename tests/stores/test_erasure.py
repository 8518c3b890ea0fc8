"""Erasure leaves no trace in any store, and what it leaves is the same in each."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from pathlib import Path

import duckdb
import neo4j
import pytest
from known_graph import BIN, CARD, IP, ODD, PROMPT, VPN, at, publication, wipe

from linkage.jobs.detect import detect
from linkage.jobs.erase import erase
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.model.rings import Role
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import Store
from linkage.stores.erasing import Traces
from linkage.stores.gremlin.store import GremlinStore
from linkage.stores.neo4j.local import ServerInfo

KEY = "0123456789abcdef" * 4


def test_nothing_is_left_of_accounts_and_identifiers(filled: Store) -> None:
    before = filled.counts()
    held = filled.traces(["a1", "nobody"], [VPN, "f" * 16])
    assert held.accounts == held.identifiers == held.memberships == held.stays == 1
    assert held.uses > 3
    assert held.links > 0
    for _ in range(2):
        filled.erase(["a1", "nobody"], [VPN, "f" * 16])
        assert filled.traces(["a1"], [VPN]) == Traces()
        assert not filled.traces(["a1"], [VPN])
        assert filled.accounts(["a1"]) == {}
        assert {one.account_id for one in filled.stays()}.isdisjoint({"a1"})
        assert filled.counts().accounts == before.accounts - 1
        assert {one.account_id for one in filled.members("r1")} == {"a2", "a3", "a4"}
        ring, past = filled.ring("r1"), filled.ring_as_of("r1", "run1")
        assert ring is not None
        assert past is not None
        assert ring.size == past.ring.size == 2
        other = filled.ring("r2")
        assert other is not None
        assert other.size == 2


def test_identifiers_of_nobody_go_too(filled: Store) -> None:
    """A prompt that one account is left with is no node, as when it is loaded."""
    filled.erase(["a1"], [])
    left = {use.key for uses in filled.uses_of(["a2", "a3", "a4", ODD], 100).values() for use in uses}
    assert {IP, CARD, BIN, VPN} <= left
    assert PROMPT not in left
    assert filled.traces([], [PROMPT]) == Traces()


def test_links_and_uses_are_counted_once(filled: Store) -> None:
    counts = filled.counts()
    everybody = ["a1", "a2", "a3", "a4", "c1", ODD]
    held = filled.traces(everybody, [IP, VPN, CARD, BIN])
    assert (held.accounts, held.uses, held.links) == (counts.accounts, counts.uses, counts.links)


def test_decisions_lose_the_account(known_accounts: Store) -> None:
    made = [
        Decision("d1", 1, Ruling.MUST_LINK, ("a1", "a2"), "", "ann", "one card", at(5)),
        Decision("d2", 1, Ruling.CANNOT_LINK, ("a1", "a2", "a3"), "", "ann", "a1 and a11 are apart", at(6)),
        Decision("d3", 1, Ruling.ABUSE, ("a1",), "", "ann", "seen", at(7)),
        Decision("d4", 1, Ruling.ALLOWED, ("a3",), "", "ann", "known", at(8)),
    ]
    for decision in made:
        known_accounts.keep_decision(decision)
    assert known_accounts.forget_accounts(["a1"]) == 3
    left = [replace(made[1], version=2, accounts=("a2", "a3"), reason="[erased] and a11 are apart"), made[3]]
    assert known_accounts.decisions() == left
    assert known_accounts.forget_accounts(["a1"]) == 0
    assert known_accounts.decisions() == left


def test_what_evidence_said_of_it_goes(filled: Store) -> None:
    said = [Conflict("run2", "d1", "evidence puts a1 into no ring"), Conflict("run2", "d2", "other")]
    filled.publish(replace(publication("run2", 4), conflicts=said))
    filled.drop_conflicts("d1")
    filled.drop_decision("d1")
    assert filled.conflicts("run2") == said[1:]


@pytest.mark.neo4j
def test_two_stores_forget_the_same(tmp_path: Path, neo4j_server: ServerInfo) -> None:
    """A night's work, and an erasure of a core member: the same counts and ring in both, and nobody is told of."""
    facts = _few(tmp_path)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
        embedded = Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY, keep_values=1)
        bolt = {"store": neo4j_server.bolt, "user": neo4j_server.user, "password": neo4j_server.password}
        sites = [Site(embedded), Site(dataclasses.replace(embedded, home=str(tmp_path), **bolt))]
        for site in sites:
            load(site, facts)
            detect(site)
        person, size = _core(sites[0])
        assert _named(driver, person) > 0
        found = []
        for site in sites:
            done = erase(site, [person], author="ann", reason="request 17")
            assert done.counts["accounts"] == done.counts["memberships"] == 1
            with site.open() as store:
                assert not store.traces([person], [])
                ring = store.ring(_ring(sites[0]))
                others = store.uses_of(_neighbours(sites[0]), 1000)
                found.append((done.counts["uses"], done.counts["links"], store.counts(), others))
                assert ring is not None
                assert ring.size == size - 1
        assert found[0] == found[1]
        assert _named(driver, person) == 0


def _named(driver: neo4j.Driver, text: str) -> int:
    """Returns how many nodes and relationships have a text in one of their properties, alone or in a list."""
    holds = """any(name IN keys({0}) WHERE CASE WHEN valueType({0}[name]) STARTS WITH 'LIST'
        THEN any(one IN {0}[name] WHERE toString(one) CONTAINS $text) ELSE toString({0}[name]) CONTAINS $text END)"""
    asked = (
        f"MATCH {what} WHERE {holds.format(name)} RETURN count(*)" for what, name in (("(n)", "n"), ("()-[r]->()", "r"))
    )
    return sum(driver.execute_query(one, text=text).records[0][0] for one in asked)


def _few(folder: Path) -> Path:
    """Returns a folder with the facts of a world's largest operator and of some honest accounts."""
    made = simulate(folder / "world", 2000, 11)
    (folder / "few").mkdir()
    truth = folder / "world" / made.truth / "truth.parquet"
    largest = f"SELECT mode(operator) FROM '{truth}' WHERE operator <> ''"
    chosen = f"SELECT account_id FROM '{truth}' WHERE operator = ({largest}) OR hash(account_id) % 16 = 0"
    for file in (folder / "world" / made.facts[0]).iterdir():
        rows = duckdb.sql(f"SELECT * FROM '{file}' WHERE account_id IN ({chosen})")
        rows.write_parquet(str(folder / "few" / file.name))
    return folder / "few"


def _ring(site: Site) -> str:
    with site.open() as store:
        return store.rings(1)[0].ring_id


def _neighbours(site: Site) -> list[str]:
    with site.open() as store:
        return sorted(one.account_id for one in store.members(_ring(site)))


def _core(site: Site) -> tuple[str, int]:
    """Returns a core member of the strongest ring, and the ring's size."""
    with site.open() as store:
        ring = store.rings(1)[0]
        return next(one.account_id for one in store.members(ring.ring_id) if one.role is Role.CORE), ring.size


@pytest.mark.gremlin
def test_a_gremlin_store_is_cleared_with_its_working_file(tmp_path: Path, tinkergraph_store: GremlinStore) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "accounts.csv").write_text("account_id,email_domain\na,example.org\nb,example.org\nc,\n")
    (facts / "requests.csv").write_text(
        "".join(["account_id,at,ip\n", *(f"{a},2026-03-01,192.0.2.1\n" for a in "abc")])
    )
    (facts / "identifiers.csv").write_text("account_id,kind,value\na,device,1\na,device,2\nb,device,2\n")
    site = Site(Settings(store=tinkergraph_store.url, key=KEY, home=str(tmp_path)))
    load(site, facts)
    before = tinkergraph_store.counts()
    assert erase(site, ["a"], [("ip", "192.0.2.1")], author="ann", reason="request 17").counts["uses"] == 6
    left = tinkergraph_store.counts()
    assert (before.accounts, left.accounts) == (3, 2)
    assert left.uses == 2  # the mail domain and the device of b
    with site.working.read() as con:
        degrees = {
            f"{key:016x}": degree for key, degree in con.execute("SELECT key, degree FROM identifier").fetchall()
        }
    assert {use.key: use.degree for use in tinkergraph_store.uses_of(["b"], 10)["b"]} == degrees

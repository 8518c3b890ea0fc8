"""Links by Cypher against links written out by hand and against the oracle of docs/model.md."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
from known_graph import account_rows, at, tables

from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

Row = dict[str, Any]
LIMITS = (
    oracle.Limits(margin=1.0),
    oracle.Limits(margin=4.0, cap=5.0, timing_cap=4.0, floor=2.0, behaviour_floor=2.5),
    oracle.Limits(margin=0.0, keep=2),
    oracle.Limits(margin=0.5, floor=1.0, behaviour_floor=1.0),
)
FACETS = ("network", "payment", "content", "timing", "device", "profile")


def _params(limits: oracle.Limits, accounts: int, *, traffic: bool) -> dict[str, Any]:
    return {
        "accounts": accounts,
        "margin": limits.margin,
        "cap": limits.cap,
        "timing_cap": limits.timing_cap,
        "floor": limits.floor,
        "behaviour_floor": limits.behaviour_floor,
        "traffic": traffic,
        "keep": limits.keep,
    }


def _link(a: str, b: str, grade: str, days: tuple[int, int] | None, **facets: float) -> dict[str, Any]:
    bits = dict.fromkeys(FACETS, 0.0) | facets
    first, last = (at(day) for day in days) if days else (None, None)
    ends = {"account_a": a, "account_b": b, "bits": round(sum(bits.values()), 3), "grade": grade}
    return ends | bits | {"first_seen": first, "last_seen": last}


@pytest.mark.query("link/linked_pairs")
def test_links_of_the_known_graph(known: Neo4jStore, cypher: Cypher) -> None:
    rows = cypher("link/linked_pairs", **_params(oracle.Limits(margin=2.0), 6, traffic=True))
    for row in rows:
        row |= {name: row[name] and row[name].to_native() for name in ("first_seen", "last_seen")}
    # timing of those who live alike: k = 3 windows of 10 minutes, mu = 3 hours / 6 windows = 0.5,
    # (3 ln 6 - 2.5) / ln 2 - 1; an address loses the breadth of a1, 0.5 bits, a prompt 0.25;
    # prompts shared by chance: E(0) = (2 / 6)^2 * 9 = 1, E(1) = 4 / 9 * 8, so that E(0.25) = 1.639, and they lose
    # another E + 2 (5 E)^0.5 = 7.364
    timing = 3.148
    assert rows == [
        _link("a1", "a2", "behaviour", (1, 2), network=7.625, payment=7.0, content=1.386, timing=timing),
        _link("a1", "c1", "infrastructure", None, payment=7.0),
        _link("a2", "c1", "infrastructure", None, payment=7.0),
    ]


def _load(store: Neo4jStore, accounts: list[Row], identifiers: list[Row], uses: list[Row]) -> None:
    never = {"first_seen": None, "last_seen": None}
    nobody = account_rows()[-1]
    things = [one | never for one in identifiers]
    store.load(tables([nobody | one for one in accounts], things, [use | never | {"requests": 1} for use in uses]))


def _links(cypher: Cypher, limits: oracle.Limits, accounts: list[Row]) -> list[Row]:
    traffic = any(one["starts"] for one in accounts)
    rows = cypher("link/linked_pairs", **_params(limits, len(accounts), traffic=traffic))
    return [{name: value for name, value in row.items() if not name.endswith("_seen")} for row in rows]


@pytest.mark.parametrize("seed", range(12))
def test_links_equal_the_oracle(blank: Neo4jStore, cypher: Cypher, seed: int) -> None:
    raw, uses = oracle.random_world(seed)
    if seed % 4 == 3:
        raw = [one | {"starts": []} for one in raw]
    accounts, identifiers = oracle.weigh(raw, uses)
    _load(blank, accounts, identifiers, uses)
    for limits in LIMITS:
        assert _links(cypher, limits, accounts) == oracle.links(accounts, identifiers, uses, limits)


def test_the_worlds_hold_links_of_all_sorts() -> None:
    found: list[Row] = []
    for seed in range(12):
        accounts, uses = oracle.random_world(seed)
        accounts, identifiers = oracle.weigh(accounts, uses)
        found += [link for limits in LIMITS for link in oracle.links(accounts, identifiers, uses, limits)]
    assert {link["grade"] for link in found} == {"behaviour", "infrastructure"}
    assert all(sum(link[facet] > 0 for link in found) > 5 for facet in FACETS)
    assert len(found) > 200

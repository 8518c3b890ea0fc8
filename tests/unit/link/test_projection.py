"""Links in columns against the oracle of docs/model.md, pair by pair."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import oracle
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive import weigh
from linkage.kernels.forest import components
from linkage.link import link
from linkage.link.meeting import meet
from linkage.link.outline import SPREAD
from linkage.link.project import given_of, pad_of, project, weigh_all
from linkage.link.rule import rule_of
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS
from linkage.model.weights import CANDIDATES, CROWD, LINKS_WEIGHED, MULTITUDE, NEIGHBOURS
from linkage.settings import Settings
from linkage.working.incidence import Incidence, build, read_incidence

Row = dict[str, Any]
FIRST = 20_000
LIMITS = (
    oracle.Limits(margin=1.0),
    oracle.Limits(margin=4.0, cap=5.0, timing_cap=4.0, floor=2.0, behaviour_floor=2.5),
    oracle.Limits(margin=0.5, cap=30.0, timing_cap=0.5, floor=0.5),
)


def long_world(seed: int) -> tuple[list[Row], list[Row]]:
    """Returns a world whose uses are spread over 200 days, so that many span several blocks of 64."""
    chance = random.Random(seed)
    accounts, uses = oracle.random_world(seed)
    spread = [use | {"days": sorted(day + 64 * chance.randrange(3) for day in use["days"])} for use in uses]
    return [one | {"starts": tables.sessions(one["starts"])} for one in accounts], spread


def _filled(accounts: list[Row], uses: list[Row]) -> Any:
    con = tables.connect()
    tables.fill(con, accounts, uses)
    weigh(con)
    return con


def _settings(limits: oracle.Limits, threads: int = 1) -> Settings:
    return Settings(
        threads=threads,
        link_margin=limits.margin,
        facet_cap=limits.cap,
        timing_cap=limits.timing_cap,
        facet_floor=limits.floor,
        behaviour_floor=limits.behaviour_floor,
    )


def _links(con: Any) -> list[Row]:
    names = ["account_a", "account_b", "bits", *(facet.value for facet in FACETS), "grade"]
    rows = con.execute(
        "SELECT least(a.id, b.id), greatest(a.id, b.id), l.bits, network, payment, content, timing, device, profile, "
        "grade FROM link l "
        "JOIN account a ON a.account = l.a JOIN account b ON b.account = l.b ORDER BY 1, 2"
    ).fetchall()
    return [
        dict(zip(names, (a, b, *(bits / 1000 for bits in row), ("behaviour", "infrastructure")[grade]), strict=True))
        for a, b, *row, grade in rows
    ]


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), limits=st.sampled_from(LIMITS), quiet=st.integers(0, 3), long=st.booleans())
def test_links_equal_the_oracle(seed: int, limits: oracle.Limits, quiet: int, long: bool) -> None:
    raw, uses = long_world(seed) if long else oracle.random_world(seed)
    raw = [one | {"starts": tables.sessions(one["starts"]) if quiet else []} for one in raw]
    con = _filled(raw, uses)
    link(con, read_incidence(con), _settings(limits))
    accounts, identifiers = oracle.weigh(raw, uses)
    assert _links(con) == oracle.links(accounts, identifiers, uses, limits)


def test_the_worlds_hold_links_of_all_sorts() -> None:
    found = []
    for seed in range(12):
        raw, uses = long_world(seed)
        accounts, identifiers = oracle.weigh(raw, uses)
        found += oracle.links(accounts, identifiers, uses, LIMITS[0])
    assert {row["grade"] for row in found} == {"behaviour", "infrastructure"}
    assert all(sum(row[facet] > 0 for row in found) > 3 for facet in oracle.FACETS)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_and_accounts_does_not_matter(seed: int) -> None:
    raw, uses = long_world(seed)
    one, two = _filled(raw, uses), tables.connect()
    chance = random.Random(seed)
    chance.shuffle(raw)
    chance.shuffle(uses)
    tables.fill(two, raw, uses)
    weigh(two)
    for con in (one, two):
        link(con, read_incidence(con), _settings(LIMITS[0]))
    assert _links(one) == _links(two)


def crowd(accounts: int = 9000, seed: int = 5, each: int = 12, skew: float = 3.0) -> tuple[dict[str, Any], Incidence]:
    """Returns uses, and their incidence, of more accounts than one task takes, with crowds on some things."""
    chance = np.random.default_rng(seed)
    size, things = each * accounts, accounts // 3
    shared = {
        "account": chance.integers(0, accounts, size).astype(np.int32),
        "identifier": (things * chance.random(size) ** skew).astype(np.int32),
        "block": chance.integers(0, 3, size).astype(np.int16),
    }
    columns = np.unique(np.stack([shared[name] for name in ("account", "identifier", "block")]), axis=1)
    shared = {
        "account": columns[0].astype(np.int32),
        "identifier": columns[1].astype(np.int32),
        "block": columns[2].astype(np.int16),
    }
    shared["days"] = np.uint64(1) << chance.integers(0, 6, columns.shape[1]).astype(np.uint64)
    degree = np.bincount(shared["identifier"], minlength=things)
    millibits = np.rint(1000 * np.log2(accounts / np.minimum(degree + 1, accounts // 3))).astype(np.int32)
    starts = np.sort(chance.integers(FIRST * 1440, (FIRST + 5) * 1440, (accounts, 6)), axis=1).astype(np.int32)
    bounds = np.arange(0, 6 * accounts + 1, 6, dtype=np.int64)
    breadth = chance.integers(0, 300, (accounts, len(FACETS))).astype(np.int32)
    kinds = chance.choice([0, 1, 3, 4, 6], things).astype(np.uint8)
    vectors = tables.by_thing(shared, kinds, np.zeros(things, np.uint8), millibits)
    return shared | {"kind": kinds, "millibits": millibits}, build(vectors, breadth, bounds, starts.ravel())


def _rows(found: LinkColumns) -> list[tuple[int, ...]]:
    columns = np.column_stack((found.a, found.b, found.bits, found.facets, found.grade))
    return sorted(map(tuple, columns.tolist()))


def test_threads_share_the_work_and_nothing_else() -> None:
    _, incidence = crowd()
    rule = replace(rule_of(Settings(), 9000, traffic=True, chance=(0.5, 2.0)), needed=12_000)
    one = _rows(project(incidence, rule, 1))
    assert len(one) > 100
    assert _rows(project(incidence, rule, 2)) == one
    assert _rows(project(incidence, rule, 7)) == one


def test_outlines_spare_work_and_lose_nothing() -> None:
    """Words of ones say that any two accounts may share anything."""
    _, incidence = crowd(accounts=3000, each=8, skew=2.0)
    chance = np.random.default_rng(6)
    breadth = np.where(chance.random(incidence.breadth.shape) < 0.1, 2 * SPREAD, incidence.breadth).astype(np.int32)
    incidence = replace(incidence, breadth=breadth)
    found = []
    for needed in (8_000, 10_000, 12_000):
        rule = replace(rule_of(Settings(), 3000, traffic=True, chance=(0.5, 2.0)), needed=needed)
        given = given_of(incidence, rule)
        blind = (*given[:4], np.full_like(given[4], np.uint64(2**64 - 1)), *given[5:])
        rows = []
        for told in (given, blind):
            pad, out, size = pad_of(incidence), np.empty((1024, 4 + len(FACETS)), np.int32), 0
            for a in range(incidence.accounts):
                candidates, telling = meet(a, told[5], told[0], told[1], told[2], told[4], pad)
                out, size = weigh_all(a, candidates, telling, told, pad, out, size)
            rows.append(out[:size].tolist())
        assert rows[0] == rows[1]
        found.append(len(rows[0]))
    assert found[0] > found[1] > found[2] > 100, found


def test_no_pair_is_lost() -> None:
    given, incidence = crowd(accounts=600, each=6, skew=1.2)
    few = len(given["kind"])  # no thing of infrastructure draws a crowd: whom an account does not meet there is lost
    crowds = np.bincount(given["identifier"], minlength=few) > CROWD
    assert not crowds[given["kind"] != 3].any()
    rule = replace(rule_of(Settings(), 600, traffic=True, chance=(0.0,)), needed=9_000, timing_cap=0)
    expected: dict[tuple[int, int], int] = {}
    users: dict[int, dict[int, dict[int, int]]] = {}
    for account, thing, block, days in zip(
        *(given[name].tolist() for name in ("account", "identifier", "block", "days")), strict=True
    ):
        users.setdefault(thing, {}).setdefault(account, {})[block] = days
    sums: dict[tuple[int, int], dict[int, int]] = {}
    based: dict[tuple[int, int], int] = {}
    kinds = {0: 0, 1: 1, 3: 2, 4: 4, 6: 5}  # the kinds of this crowd, each with its facet
    for thing, by_account in users.items():
        kind = int(given["kind"][thing])
        facet = kinds[kind]
        for a in by_account:
            for b in by_account:
                apart = kind == 0 and not any(
                    days & by_account[b].get(block, 0) for block, days in by_account[a].items()
                )
                if a >= b or apart:
                    continue
                worth = max(0, int(given["millibits"][thing] - incidence.breadth[[a, b], facet].sum()))
                sums.setdefault((a, b), {}).setdefault(facet, 0)
                sums[a, b][facet] += worth
                if facet != 2 and worth >= max(rule.floor, rule.needed // 5):
                    based[a, b] = based.get((a, b), 0) + worth
    for pair, facets in sums.items():
        total = sum(min(rule.cap, bits) for bits in facets.values())
        if based.get(pair, 0) >= max(rule.floor, rule.needed * 2 // 5) and total >= rule.needed:
            expected[pair] = total
    found = project(incidence, rule, 1)
    assert len(expected) > 50
    assert {(int(a), int(b)): int(bits) for a, b, bits in zip(found.a, found.b, found.bits, strict=True)} == expected


def test_a_ring_larger_than_a_crowd_hangs_together() -> None:
    size, strangers = 2 * MULTITUDE, 50_000
    both = np.repeat(np.arange(size, dtype=np.int32), 2)
    shared = {"account": both, "identifier": np.tile(np.array([0, 1], np.int32), size)}
    shared |= {"block": np.zeros(len(both), np.int16), "days": np.ones(len(both), np.uint64)}
    kinds = np.array([BY_NAME["payment"].code, BY_NAME["device"].code], np.uint8)
    worth = np.full(2, 20_000, np.int32)
    vectors = tables.by_thing(shared, kinds, np.zeros(2, np.uint8), worth)
    nobody = np.zeros(strangers + 1, np.int64)
    incidence = build(vectors, np.zeros((strangers, len(FACETS)), np.int32), nobody, np.empty(0, np.int32))
    found = project(incidence, rule_of(Settings(), strangers, traffic=False, chance=(0.0,)), 2)
    assert len(set(components(found.a, found.b, strangers)[:size].tolist())) == 1
    degree = np.bincount(np.concatenate((found.a, found.b)), minlength=strangers)
    assert degree[:size].min() >= NEIGHBOURS
    assert len(found) <= 2 * NEIGHBOURS * size


def test_equal_candidates_are_kept_up_to_the_bound() -> None:
    """One account shares a third thing with another, and as much as that one with more than are candidates."""
    cards, each, strangers = 2, MULTITUDE - 1, 50_000
    users = [np.append(0, np.arange(1 + card * each, 1 + (card + 1) * each)) for card in range(cards)]
    users = [users[0], users[0], users[1], users[1], np.array([0, 1])]
    thing = np.repeat(np.arange(len(users), dtype=np.int32), [len(one) for one in users])
    account = np.concatenate(users).astype(np.int32)
    shared = {"account": account, "identifier": thing, "block": np.zeros(len(account), np.int16)}
    shared |= {"days": np.ones(len(account), np.uint64)}
    kinds = np.array([BY_NAME[name].code for name in ("payment", "device", "payment", "device", "phone")], np.uint8)
    worth = np.full(len(kinds), 20_000, np.int32)
    vectors = tables.by_thing(shared, kinds, np.zeros(len(kinds), np.uint8), worth)
    nobody = np.zeros(strangers + 1, np.int64)
    incidence = build(vectors, np.zeros((strangers, len(FACETS)), np.int32), nobody, np.empty(0, np.int32))
    assert cards * each > CANDIDATES
    found = project(incidence, rule_of(Settings(), strangers, traffic=False, chance=(0.0,)), 1)
    assert np.count_nonzero(found.a == 0) == LINKS_WEIGHED


def test_an_empty_file_has_no_links() -> None:
    con = _filled([{"id": "a", "starts": []}], [])
    report = link(con, read_incidence(con), Settings())
    assert (report.rows_in, report.rows_out) == (0, 0)
    assert read_incidence(con).accounts == 1

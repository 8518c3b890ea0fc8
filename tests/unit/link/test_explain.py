"""One pair's explanation, many pairs' rows and a link's dates, against the links in columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import oracle
import pandas as pd
import pyarrow as pa
import pytest
import working_tables as tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage.derive import weigh
from linkage.link import Explainer, link, listing
from linkage.model.kinds import FACETS
from linkage.model.rings import SharedThing
from linkage.settings import Settings
from linkage.stores.duckdb import DuckDBStore
from linkage.working import WorkingFile
from linkage.working.incidence import read_incidence
from linkage.working.schema import read_chance

Row = dict[str, Any]
SETTINGS = Settings(link_margin=1.0, threads=1)
FACET_NAMES = [facet.value for facet in FACETS]


def _world(path: Path, seed: int) -> tuple[DuckDBStore, tuple[float, ...], list[Row], list[Row]]:
    raw, uses = oracle.random_world(seed)
    raw = [one | {"starts": tables.sessions(one["starts"])} for one in raw]
    working = WorkingFile(path, SETTINGS)
    with working.write() as con:
        for name in ("account", "label", "activity", "once", "often", "listed_place", "link"):
            con.execute(f"DELETE FROM {name}")
        tables.fill(con, raw, uses)
        weigh(con)
        link(con, read_incidence(con), SETTINGS)
        chance = read_chance(con)
    return DuckDBStore(working), chance, raw, uses


def _explainer(store: DuckDBStore, chance: tuple[float, ...], raw: list[Row], given: Settings = SETTINGS) -> Explainer:
    ids = [one["id"] for one in raw]
    traffic = any(one["starts"] for one in raw)
    return Explainer(store.pair_tables(ids), len(raw), given, traffic=traffic, chance=chance)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_every_pair_is_explained_as_the_oracle_links_it(tmp_path: Path, seed: int) -> None:
    store, chance, raw, uses = _world(tmp_path / "linkage.duckdb", seed)
    explain = _explainer(store, chance, raw)
    accounts, identifiers = oracle.weigh(raw, uses)
    linked = {
        (row["account_a"], row["account_b"]): row
        for row in oracle.links(accounts, identifiers, uses, oracle.Limits(margin=1.0, keep=10**6))
    }
    for a in accounts:
        for b in accounts:
            if a["id"] >= b["id"]:
                continue
            found = explain.evidence(b["id"], a["id"])
            row = linked.get((a["id"], b["id"]))
            assert found.grade == (row["grade"] if row else ""), found
            if row:
                counted = {one.facet.value: one.counted for one in found.facets}
                assert {name: counted.get(name, 0.0) for name in FACET_NAMES} == pytest.approx(
                    {name: row[name] for name in FACET_NAMES}
                )
                assert found.bits == pytest.approx(row["bits"])


def _counting(explain: Explainer, a: str, b: str, cap: float) -> list[SharedThing]:
    """Returns what the two share, of each kind as much as counts, the most telling first."""
    listed, sums = [], dict[str, float]()
    for thing in explain.things(a, b):
        enough = cap + (explain._charge(a, b) if thing.kind == "prompt" else 0.0)
        if round(1000 * sums.get(thing.kind, 0.0)) < round(1000 * enough):
            listed.append(thing)
        sums[thing.kind] = sums.get(thing.kind, 0.0) + thing.bits
    return listed


@pytest.mark.parametrize("cap", [20.0, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_the_things_of_each_pair_that_count(tmp_path: Path, seed: int, cap: float) -> None:
    store, chance, raw, _ = _world(tmp_path / "linkage.duckdb", seed)
    own = replace(SETTINGS, facet_cap=cap)
    explain = _explainer(store, chance, raw, own)
    ids = sorted(one["id"] for one in raw)
    pairs = [(a, b) for a in ids for b in ids if a < b]
    expected = {
        (a, b, thing.key, thing.kind): (thing.bits, thing.first_seen, thing.last_seen)
        for a, b in pairs
        for thing in _counting(explain, a, b, cap)
    }
    rows = explain.rows(pd.DataFrame(pairs, columns=["account_a", "account_b"]))
    found = {
        (row.account_a, row.account_b, row.identifier, row.kind): (row.bits, row.first_seen, row.last_seen)
        for row in rows.itertuples()
    }
    assert len(expected) > 20
    assert found.keys() == expected.keys()
    for key, (bits, first, last) in expected.items():
        assert found[key][0] == pytest.approx(bits)
        assert [None if pd.isna(at) else at for at in found[key][1:]] == [first, last]


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), cap=st.sampled_from([20.0, 5.0]), cut=st.integers(0, 12))
def test_the_working_file_lists_the_same_rows_of_links(tmp_path: Path, seed: int, cap: float, cut: int) -> None:
    store, chance, raw, _ = _world(tmp_path / "linkage.duckdb", seed)
    own = replace(SETTINGS, facet_cap=cap)
    explain = _explainer(store, chance, raw, own)
    ids = sorted((one["id"] for one in raw), key=lambda name: name[::-1])
    groups = [ids[:cut], ids[cut:]]
    links = sorted((row["account_a"], row["account_b"]) for part in store.link_table() for row in part.to_pylist())
    with WorkingFile(tmp_path / "linkage.duckdb", SETTINGS).read() as con:
        listed = list(listing(con, own, groups))
    for table, group in zip(listed, groups, strict=True):
        pairs = [pair for pair in links if set(pair) <= set(group)]
        rows = explain.rows(pd.DataFrame(pairs, columns=["account_a", "account_b"]))
        assert table.equals(pa.Table.from_pandas(rows, schema=table.schema, preserve_index=False))


@pytest.mark.parametrize("seed", range(6))
def test_links_are_dated_by_the_days_on_which_infrastructure_was_shared(tmp_path: Path, seed: int) -> None:
    store, _, raw, uses = _world(tmp_path / "linkage.duckdb", seed)
    _, identifiers = oracle.weigh(raw, uses)
    worth = {one["key"] for one in identifiers if one["bits"] > 0 and one["facet"] != "content"}
    windowed = {one["key"] for one in identifiers if one["windowed"]}
    used: dict[str, dict[str, set[int]]] = {one["id"]: {} for one in raw}
    for use in uses:
        used[use["account_id"]].setdefault(use["key"], set()).update(use["days"])
    for table in store.link_table():
        for row in table.to_pylist():
            spans = []
            mine, theirs = used[row["account_a"]], used[row["account_b"]]
            for key in mine.keys() & theirs.keys() & worth:
                days = mine[key] & theirs[key] if key in windowed else mine[key] | theirs[key]
                if not mine[key] or not theirs[key] or not days:
                    continue
                first = min(days) if key in windowed else max(min(mine[key]), min(theirs[key]))
                spans.append((first, max(days)))
            ends = (min(first for first, _ in spans), max(last for _, last in spans)) if spans else (None, None)
            assert (row["first_seen"], row["last_seen"]) == tuple(_day(day) for day in ends)


def _day(day: int | None) -> datetime | None:
    return None if day is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)

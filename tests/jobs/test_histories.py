"""However facts come in, night by night or at once, links and rings are the same in the end."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Role

from .conftest import World, site_at

TABLES = ("accounts", "requests", "payments", "identifiers", "labels")
Night = dict[str, pd.DataFrame]


def _history(seed: int) -> Night:
    """Returns the facts of a small random world: people at home, crowds at an exit and at a school, and rings."""
    rng = random.Random(seed)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    begins = pd.Timestamp("2026-03-01")

    def account(
        name: str, made: float, days: Sequence[int], ips: Sequence[str], asks: Sequence[str], many: int
    ) -> None:
        at = begins + pd.Timedelta(days=made)
        rows["accounts"].append({"account_id": name, "status": "active", "created_at": at, "plan": "api"})
        for day in days:
            for _ in range(many):
                moment = begins + pd.Timedelta(days=day, seconds=rng.randrange(86400))
                row = {"account_id": name, "at": moment, "ip": rng.choice(ips), "prompt_fingerprint": rng.choice(asks)}
                rows["requests"].append(row)

    for number in range(420):
        name = f"person-{rng.randrange(10**9):09d}"
        home = [f"10.{seed}.{number // 200}.{number % 200}"]
        crowd = rng.choice(("", "192.0.2.1", "192.0.2.2", "192.0.2.3"))
        asks = [f"own-{number}-{ask}" for ask in range(12)] + [f"popular-{rng.randrange(200)}" for _ in range(3)]
        account(name, rng.uniform(-90, 9), rng.sample(range(10), 3), home + [crowd] * bool(crowd), asks, 4)
        rows["payments"].append({"account_id": name, "payment_id": f"card-{number // rng.choice((1, 1, 1, 2))}"})
    for ring in range(rng.randint(2, 4)):
        start, size = rng.randrange(5), rng.randint(9, 14)
        exits = [f"203.0.113.{10 * ring + number}" for number in range(3)]
        asks = [f"question-{ring}-{ask}" for ask in range(40 * size)]
        for number in range(size):
            name = f"fake-{rng.randrange(10**9):09d}"
            account(name, start + rng.random(), range(start, 10), exits, asks, 30)
            rows["payments"].append({"account_id": name, "payment_id": f"ring-{ring}-card-{number // 5}"})
            if rng.random() < 0.3:
                rows["labels"].append({"account_id": name, "label": "abuse", "source": "tests"})
            if rng.random() < 0.3:
                rows["identifiers"].append({"account_id": name, "kind": "device", "value": f"{ring}-{number // 2}"})
    return {table: pd.DataFrame(found) for table, found in rows.items() if found}


def _split(
    facts: dict[str, pd.DataFrame], nights: int, rng: random.Random, *, in_time: bool
) -> list[dict[str, pd.DataFrame]]:
    """Returns the rows of each night: by their time, or dealt out at random, so that late facts are of early days."""
    dealt: list[Night] = [{} for _ in range(nights)]
    for table, rows in facts.items():
        column = {"accounts": "created_at", "requests": "at"}.get(table)
        if in_time and column:
            night = pd.qcut(rows[column].rank(method="first"), nights, labels=False).to_numpy()
        else:
            night = pd.Series([rng.randrange(nights) for _ in range(len(rows))]).to_numpy()
        for number in range(nights):
            some = rows[night == number]
            if len(some):
                dealt[number][table] = some.sample(frac=1, random_state=rng.randrange(10**6))
    return dealt


def _write(folder: Path, tables: Night) -> Path:
    folder.mkdir(parents=True)
    for table, rows in tables.items():
        rows.to_parquet(folder / f"{table}.parquet", index=False)
    return folder


def _links(site: Site) -> list[dict[str, Any]]:
    with site.open() as store:
        return pa.concat_tables(list(store.link_table())).to_pylist()


def _rings(site: Site) -> list[Any]:
    """Returns rings with all that is said of them but their names, which tell of their history."""
    with site.open() as store:
        found = []
        for ring in store.rings(1000):
            members = [(one.account_id, one.role, one.bits, one.weakest_facet) for one in store.members(ring.ring_id)]
            figures = (ring.size, ring.score, ring.facets, ring.context, ring.requests, ring.first_seen, ring.last_seen)
            found.append((sorted(members), figures))
        return sorted(found, key=str)


@pytest.mark.parametrize("seed", [1, 5, 7, 9, 10, 12])
def test_several_small_nights_end_in_what_one_full_load_finds(seed: int, tmp_path: Path) -> None:
    facts, rng = _history(seed), random.Random(seed)
    whole = site_at(tmp_path / "whole")
    load(whole, _write(tmp_path / "facts", facts))
    detect(whole)
    links, rings = _links(whole), _rings(whole)
    assert len(links) > 50
    assert len(rings) > 1, "the history has rings that are found"
    for in_time in (True, False):
        nightly = site_at(tmp_path / f"nightly-{in_time}")
        for number, night in enumerate(_split(facts, rng.randint(2, 5), rng, in_time=in_time)):
            load(nightly, _write(tmp_path / f"night-{in_time}-{number}", night))
            detect(nightly)
        assert _links(nightly) == links
        assert _rings(nightly) == rings


def test_the_nights_of_a_world_end_in_what_its_facts_at_once_give(world: World, tmp_path: Path) -> None:
    facts = {table: pd.read_parquet(world.facts / f"{table}.parquet") for table in TABLES}
    site = site_at(tmp_path / "nightly", world.lists)
    for number, night in enumerate(_split(facts, 4, random.Random(3), in_time=True)):
        folder = _write(tmp_path / f"night-{number}", night)
        load(site, folder)
        if number % 2:
            detect(site)
        shutil.rmtree(folder)
    assert _links(site) == _links(world.site)
    assert _rings(site) == _rings(world.site)
    with site.open() as store, world.site.open() as other:
        roles = (Role.CORE, Role.MEMBER)
        assert {one.account_id for one in store.all_members(roles)} == {
            one.account_id for one in other.all_members(roles)
        }

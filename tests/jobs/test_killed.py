"""A load that is killed at any moment, and run again, leaves what an undisturbed one leaves."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.stores.duckdb import DuckDBStore

from .conftest import KEY, World, site_at

KILLS = 8
TABLES = ("source", "account", "label", "use", "activity", "identifier", "incidence", "habit")
META = "(FROM meta WHERE name <> 'keyed')"  # but for the name of a file that is new each time


def _part(world: World, folder: Path, rest: int) -> Path:
    """Returns a folder with the facts of one account in sixteen."""
    folder.mkdir()
    for file in world.facts.iterdir():
        rows = duckdb.sql(f"SELECT * FROM '{file}' WHERE hash(account_id) % 16 = {rest}")
        rows.write_parquet(str(folder / file.name))
    return folder


def _content(site: Site) -> dict[str, list[Any]]:
    """Returns how many rows each table holds, and a sum over their hashes: equal for equal rows in any order."""
    with site.working.read() as con:
        count = "SELECT count(*), sum(hash(t)::HUGEINT) FROM"
        return {name: con.execute(f"{count} {name} t").fetchall() for name in (*TABLES, META)}


def _start(site: Site, facts: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "linkage", "--quiet", "--store", site.settings.store, "load", str(facts)],
        env=os.environ | {"LINKAGE_KEY": KEY},
    )


def _seconds(site: Site, facts: Path) -> float:
    began = time.perf_counter()
    with _start(site, facts) as running:
        assert running.wait() == 0
    return time.perf_counter() - began


@pytest.mark.parametrize("seed", [1])
def test_a_load_killed_at_any_moment_can_be_run_again(world: World, tmp_path: Path, seed: int) -> None:
    one, two = _part(world, tmp_path / "one", 0), _part(world, tmp_path / "two", 1)
    for name in ("undisturbed", "killed"):
        (tmp_path / name).mkdir()
    undisturbed, killed = site_at(tmp_path / "undisturbed"), site_at(tmp_path / "killed")
    load(undisturbed, one)
    shutil.copyfile(undisturbed.working.path, tmp_path / "before.duckdb")
    before = _content(undisturbed)
    lasts = _seconds(undisturbed, two)
    after = _content(undisturbed)
    chance = random.Random(seed)
    shutil.copyfile(tmp_path / "before.duckdb", killed.working.path)
    for turn in range(KILLS):
        with _start(killed, two) as running:
            if turn % 2:  # in the middle of the writing
                _wait_for(killed.working.beside(".next"), running)
                assert _content(killed) in (before, after)
                time.sleep(chance.random() * lasts / 8)
            else:
                time.sleep(chance.random() * lasts)
            running.kill()
        found = _content(killed)
        assert found in (before, after)
        if found == after:
            shutil.copyfile(tmp_path / "before.duckdb", killed.working.path)
    load(killed, two)
    assert _content(killed) == after
    left = {path.name for path in killed.working.path.parent.iterdir()} - {
        killed.working.beside(".rejects").name,
        killed.working.beside(".seen").name,
    }
    (keyed,) = killed.working.path.parent.glob("*.keyed-*")
    assert left == {killed.working.path.name, killed.working.beside(".lock").name, keyed.name}


def _wait_for(path: Path, running: subprocess.Popen[bytes]) -> None:
    while not path.exists() and running.poll() is None:
        time.sleep(0.002)


def test_a_second_writer_is_told_to_wait_and_readers_are_not(world: World) -> None:
    with world.site.working.lock():
        with _start(world.site, world.facts) as running:
            assert running.wait() == 4
        with DuckDBStore(world.site.working) as store:
            assert store.counts().accounts == 2200

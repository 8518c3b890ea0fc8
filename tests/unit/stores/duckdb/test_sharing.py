"""What shares some keys is the same from the file of uses by key and from a scan of the tables."""

from __future__ import annotations

import os
import random
from pathlib import Path

import oracle
import pyarrow as pa
import pytest
import working_tables as tables

from linkage.derive import weigh
from linkage.model.graph import identifiers_schema, uses_schema
from linkage.settings import Settings
from linkage.stores.base import GraphTables
from linkage.stores.duckdb import DuckDBStore
from linkage.working import WorkingFile
from linkage.working.keyed import Keyed

SETTINGS = Settings(threads=1)
NOBODYS = "0123456789abcdef"


def _world(path: Path, seed: int) -> tuple[WorkingFile, list[str]]:
    """Makes a working file whose loads share many blocks of days; returns it and its keys."""
    raw, uses = oracle.random_world(seed)
    chance = random.Random(seed)
    working = WorkingFile(path, SETTINGS)
    with working.write() as con:
        first, later, latest = (chance.sample(uses, chance.randrange(len(uses) // 2, len(uses))) for _ in range(3))
        tables.fill(con, raw, first, [*later, *latest])
        con.execute(
            "UPDATE often SET requests = 1 + hash(account, key) % 9, last_minute = last_minute + 3 WHERE key % 2"
        )
        weigh(con)
        keys = [row[0] for row in con.execute("SELECT DISTINCT printf('%016x', key) FROM use ORDER BY ALL").fetchall()]
    return working, keys


def _weigh_and_fail(working: WorkingFile) -> None:
    with working.write() as con:
        weigh(con)
        raise KeyError


def _rows(found: GraphTables) -> tuple[list[oracle.Row], list[oracle.Row]]:
    made = []
    for given, schema in ((found.identifiers, identifiers_schema()), (found.uses, uses_schema())):
        rows = pa.concat_tables([schema.empty_table(), *given]).to_pylist()
        made.append(sorted(rows, key=lambda row: (row["key"], row.get("account_id", ""))))
    return made[0], made[1]


def _scanned(store: DuckDBStore, keys: list[str], limit: int) -> GraphTables:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_keyed", lambda: None)
        return store.sharing_tables(keys, limit)


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_find_the_same(tmp_path: Path, seed: int) -> None:
    working, keys = _world(tmp_path / "linkage.duckdb", seed)
    chance = random.Random(seed)
    with DuckDBStore(working) as store:
        assert store._keyed() is not None
        for limit in (1, 2, 5, 1000):
            some = [*chance.sample(keys, min(len(keys), 40)), NOBODYS]
            things, uses = _rows(store.sharing_tables(some, limit))
            assert (things, uses) == _rows(_scanned(store, some, limit))
            assert {row["key"] for row in things} == set(some) - {NOBODYS}
        assert uses
        assert _rows(store.sharing_tables([], 9)) == _rows(store.sharing_tables([NOBODYS], 9)) == ([], [])


def test_the_file_is_made_anew_with_the_identifiers_and_the_old_one_goes(tmp_path: Path) -> None:
    working, keys = _world(tmp_path / "a[b].duckdb", 1)
    (before,) = tmp_path.glob("*keyed*")
    assert before.stat().st_mode & 0o777 == 0o600
    with DuckDBStore(working) as store:
        found = _rows(store.sharing_tables(keys, 1000))
        with working.write() as con:  # what weighs nothing keeps the file
            con.execute("DELETE FROM link")
        assert list(tmp_path.glob("*keyed*")) == [before]
        assert _rows(store.sharing_tables(keys, 1000)) == found
        with working.write() as con:
            con.execute("DELETE FROM once; DELETE FROM often WHERE account % 2 = 0")
            weigh(con)
        (after,) = tmp_path.glob("*keyed*")
        assert after != before
        fewer = _rows(store.sharing_tables(keys, 1000))
        assert fewer == _rows(_scanned(store, keys, 1000))
        assert len(fewer[1]) < len(found[1])


def test_a_write_that_fails_leaves_the_file_that_was(tmp_path: Path) -> None:
    working, _ = _world(tmp_path / "linkage.duckdb", 2)
    before = list(tmp_path.glob("*keyed*"))
    left = tmp_path / "linkage.duckdb.keyed-of-one-that-was-killed"
    left.touch()
    with pytest.raises(KeyError):
        _weigh_and_fail(working)
    assert sorted(tmp_path.glob("*keyed*")) == sorted([*before, left])
    with working.write() as con:
        weigh(con)
    (now,) = tmp_path.glob("*keyed*")
    assert now not in before


@pytest.mark.parametrize("left", [0, 20, 1000, None])
def test_a_working_file_without_its_companion_whole_is_scanned(tmp_path: Path, left: int | None) -> None:
    working, keys = _world(tmp_path / "linkage.duckdb", 3)
    with DuckDBStore(working) as store:
        found = _rows(store.sharing_tables(keys, 1000))
        names = store.account_tables(["n01", "n02"])
        assert [row["id"] for table in names for row in table.to_pylist()] == ["n01", "n02"]
    (path,) = tmp_path.glob("*keyed*")
    os.truncate(path, left) if left is not None else path.unlink()
    with DuckDBStore(working) as store:
        assert store._keyed() is None
        assert _rows(store.sharing_tables(keys, 1000)) == found
        names = store.account_tables(["n01", "n02", "nobody"])
        assert [row["id"] for table in names for row in table.to_pylist()] == ["n01", "n02"]


def test_beside_the_working_file_of_another_store_there_is_none(tmp_path: Path) -> None:
    with WorkingFile(tmp_path / "linkage.duckdb", Settings(threads=1, store="neo4j:local")).write() as con:
        tables.fill(con, *oracle.random_world(1))
        weigh(con)
    assert list(tmp_path.glob("*keyed*")) == []


def test_what_is_no_such_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "some"
    path.write_bytes(os.urandom(64))
    with pytest.raises(ValueError, match="is no file of keys"):
        Keyed(path)

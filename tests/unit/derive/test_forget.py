"""Which uses are forgotten, and that what is left weighs as if they had never been there."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from linkage.derive.forget import forget, mark_old, old_uses
from linkage.derive.weigh import weigh
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small world, loaded."""
    folder = tmp_path_factory.mktemp("forget")
    simulate(folder / "world", 2000, seed=4)
    site = Site(Settings(store=f"duckdb:{folder / 'linkage.duckdb'}"))
    load(site, folder / "world" / "facts")
    return site


@pytest.fixture
def con(site: Site, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A copy of it that may be changed."""
    (tmp_path / "copy.duckdb").write_bytes(site.working.path.read_bytes())
    return duckdb.connect(str(tmp_path / "copy.duckdb"))


def one(con: duckdb.DuckDBPyConnection, query: str, *values: object) -> int:
    return int(con.execute(query, list(values)).fetchall()[0][0] or 0)


def test_what_is_old_goes_and_nothing_else(con: duckdb.DuckDBPyConnection) -> None:
    before = one(con, "SELECT quantile_disc(last_minute, 0.5) FROM use WHERE last_minute >= 0")
    con.execute("UPDATE account SET status = 'terminated' WHERE account % 7 = 0")
    named = [row[0] for row in con.execute("SELECT id FROM account WHERE account % 11 = 0").fetchall()]
    con.execute("CREATE TEMP TABLE was AS SELECT * FROM use")
    removed = mark_old(con, before, named)
    rows = [row for table in old_uses(con) for row in table.to_pylist()]
    assert len(rows) == removed > 1000
    assert rows == sorted(rows, key=lambda row: (row["account_id"], row["key"]))
    forget(con, before)
    pairs = "SELECT count(*) FROM (SELECT account, key FROM {} GROUP BY ALL)"
    assert one(con, pairs.format("was")) - one(con, pairs.format("use")) == removed
    gone = "(SELECT account, key FROM was EXCEPT SELECT account, key FROM use)"
    abuse = "(SELECT account FROM label WHERE label = 'abuse')"
    spared = f"account % 7 = 0 OR account % 11 = 0 OR account IN {abuse}"
    assert one(con, f"SELECT count(*) FROM {gone} WHERE {spared}") == 0
    last = f"SELECT max(last_minute) FROM was SEMI JOIN {gone} USING (account, key)"
    assert one(con, last) < before
    left = f"(SELECT account, key FROM use WHERE NOT ({spared}) GROUP BY ALL HAVING max(last_minute) < ? "
    assert one(con, f"SELECT count(*) FROM {left} AND min(last_minute) >= 0)", before) == 0
    assert mark_old(con, before, named) == 0


def test_what_is_left_is_weighed_as_if_it_had_been_all(con: duckdb.DuckDBPyConnection) -> None:
    before = one(con, "SELECT quantile_disc(last_minute, 0.5) FROM use WHERE last_minute >= 0")
    mark_old(con, before, [])
    forget(con, before)
    content = "SELECT count(*), sum(hash(t)::HUGEINT) FROM {} t"
    found = [con.execute(content.format(name)).fetchall() for name in ("identifier", "incidence", "habit")]
    weigh(con)
    assert found == [con.execute(content.format(name)).fetchall() for name in ("identifier", "incidence", "habit")]
    assert one(con, "SELECT count(*) FROM identifier i WHERE NOT EXISTS (FROM use u WHERE u.key = i.key)") == 0

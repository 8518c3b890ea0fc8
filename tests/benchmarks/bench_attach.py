"""How long it takes to say what a sign-up would link to, in milliseconds, and how much of that reading takes.

    python tests/benchmarks/bench_attach.py [--accounts 20000] [--store URL --facts DIR] [--quick]

A sign-up is an account of the world under no name, with all that it used in its first days: half of them accounts of
rings, half any others. Each is asked for once, so that nothing of it is at hand but what the store keeps.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from linkage.jobs.attach import Attacher
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Role
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.stores.base import GraphTables, Store

SIGN_UPS, REQUESTS = 200, 20
TABLES = {"accounts": "", "payments": "", "identifiers": "", "requests": 'ORDER BY "at"'}


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="2,000 accounts")
    parser.add_argument("--store", default="", help="a store whose run is of the facts in --facts")
    parser.add_argument("--facts", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-attach-") as folder:
        if given.store:
            site, facts = Site(Settings.from_environment(store=given.store)), given.facts
        else:
            site = _filled(Path(folder), 2_000 if given.quick else given.accounts)
            facts = Path(folder) / "world" / "facts"
        with site.open() as opened, Attacher(site, store := _Timed(opened)) as attacher:  # type: ignore[arg-type]
            run = store.current_run()
            if run is None:
                raise SystemExit("nothing is published there")
            asked = _sign_ups(facts, [member.account_id for member in store.all_members([Role.CORE, Role.MEMBER])])
            attacher.attach(asked[0])  # what a service has done when it is started
            took, found = [], 0
            for one in asked:
                began = time.perf_counter()
                found += bool(attacher.attach(one).rings)
                took.append(1000 * (time.perf_counter() - began))
            print(f"{int(run.counts['accounts']):,} accounts, {len(asked)} sign-ups, {found} of them linked to a ring")
            _show("attach", took)
            _show("of it, keys looked up", store.took[1:])


def _filled(folder: Path, accounts: int) -> Site:
    site = Site(Settings(store=f"duckdb:{folder / 'bench.duckdb'}"))
    simulate(folder / "world", accounts, 1)
    load(site, folder / "world" / "facts")
    detect(site)
    return site


def _sign_ups(facts: Path, members: list[str]) -> list[dict[str, Any]]:
    """Returns the facts of accounts, of members and others by turns, rows by table and without names."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("CREATE TABLE member AS SELECT unnest($1::VARCHAR[]) AS account_id", [members])
        table = f"read_parquet('{facts}/accounts.parquet')"
        some = "SELECT account_id FROM {} ORDER BY hash(account_id) LIMIT {}"
        chosen = some.format("member", SIGN_UPS // 2)
        others = some.format(f"(FROM {table} ANTI JOIN member USING (account_id))", SIGN_UPS // 2)
        con.execute(f"CREATE TABLE chosen AS ({chosen}) UNION ALL ({others})")
        rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for name, order in TABLES.items():
            query = f"SELECT * FROM read_parquet('{facts}/{name}.parquet') SEMI JOIN chosen USING (account_id) {order}"
            found = con.sql(query).to_arrow_table()
            for row in found.to_pylist():
                mine = rows.setdefault(row.pop("account_id"), {}).setdefault(name, [])
                if len(mine) < REQUESTS:
                    mine.append({key: _plain(value) for key, value in row.items() if value is not None})
        return [rows[one] for (one,) in con.execute("SELECT account_id FROM chosen").fetchall()]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


class _Timed:
    """A store that notes how long each look-up of what shares a sign-up's keys took, in milliseconds."""

    def __init__(self, store: Store) -> None:
        self._store, self.took = store, list[float]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def sharing_tables(self, keys: Sequence[str], limit: int) -> GraphTables:
        began = time.perf_counter()
        found = self._store.sharing_tables(keys, limit)
        self.took.append(1000 * (time.perf_counter() - began))
        return found


def _show(name: str, took: list[float]) -> None:
    deciles = statistics.quantiles(took, n=20)
    print(f"{name:30} median {statistics.median(took):6.1f} ms, 95 of 100 {deciles[-1]:6.1f}, slowest {max(took):6.1f}")


if __name__ == "__main__":
    main()

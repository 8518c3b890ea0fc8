"""Detection on Spark beside detection on one machine, on the same facts, and what hubs and pools cost a task.

    python tests/benchmarks/bench_spark.py [--accounts 20000 100000] [--world DIR] [--memory 2g] [--json] [--quick]

Each detection is a process of its own, on a copy of one loaded store. Memory is that of the process and all of its
descendants (the Java runtime and Spark's Python workers) at its highest, and their CPU seconds as last seen, with ten
looks a second. Links and members are compared. The table of skew times the two loops of a Spark task on things that
many accounts share.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psutil

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.link.apart import meetings_at, telling_rows
from linkage.link.rule import rule_of
from linkage.model.kinds import BY_NAME, FACETS
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.working.incidence import build

_SAME = {
    "links": "SELECT * FROM link",
    "members": "SELECT ring_id, account_id, role, bits FROM member",
}


def measure(command: list[str], environ: dict[str, str]) -> dict[str, Any]:
    """Returns wall seconds, CPU seconds, the highest memory in GB and the steps of a detection."""
    began, highest = time.perf_counter(), 0
    spent: dict[tuple[int, float], float] = {}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environ
    )
    while process.poll() is None:
        highest = max(highest, _look(process.pid, spent))
        time.sleep(0.1)
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{' '.join(command[2:])} ended with {process.returncode}")
    steps = {step["step"]: step["seconds"] for step in json.loads(output.strip().splitlines()[-1])["steps"]}
    wall, cpu = time.perf_counter() - began, sum(spent.values())
    return {"wall": wall, "cpu": cpu, "gb": highest / 1e9, "steps": steps}


def _look(pid: int, spent: dict[tuple[int, float], float]) -> int:
    """Returns the bytes that a process and its descendants hold, shared pages counted in part, and notes what each
    of them has spent of the processor, by its number and when it began."""
    total = 0
    try:
        for one in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            try:
                total += one.memory_full_info().pss
                used = one.cpu_times()
                spent[one.pid, one.create_time()] = used.user + used.system
            except psutil.Error:
                continue
    except psutil.NoSuchProcess:
        return 0
    return total


def both(world: Path, folder: Path, memory: str) -> list[dict[str, Any]]:
    """Returns a row for each engine; SystemExit where they differ."""
    site = Site(Settings(store=f"duckdb:{folder / 'local.duckdb'}", lists=str(world / "lists")))
    load(site, world / "facts")
    for ending in ("", ".key"):
        shutil.copyfile(folder / f"local.duckdb{ending}", folder / f"spark.duckdb{ending}")
    rows = []
    for engine in ("local", "spark"):
        command = [sys.executable, "-m", "linkage", "--json", "--quiet", "--store", f"duckdb:{folder / engine}.duckdb"]
        environ = {"LINKAGE_SPARK_CONF": f"spark.driver.memory={memory} spark.driver.host=127.0.0.1"}
        rows.append({"engine": engine} | measure([*command, "detect", "--engine", engine], environ))
    _compare(folder)
    return rows


def _compare(folder: Path) -> None:
    with duckdb.connect() as con:
        for engine in ("local", "spark"):
            con.execute(f"ATTACH '{folder / engine}.duckdb' AS {engine} (READ_ONLY)")
        for name, query in _SAME.items():
            one, two = (query.replace("FROM ", f"FROM {engine}.") for engine in ("local", "spark"))
            for this, that in ((one, two), (two, one)):
                apart = con.execute(f"SELECT count(*) FROM ({this} EXCEPT ALL {that})").fetchall()[0][0]
                if apart:
                    raise SystemExit(f"{apart} {name} differ between the engines")


def skew(users: int, kind: str, things: int) -> dict[str, Any]:
    """Times who meets at `things` things of a kind that the same `users` accounts share on one day."""
    accounts = max(2 * users, 100_000)
    chance = np.random.default_rng(1)
    user = np.concatenate([np.sort(chance.choice(accounts, users, replace=False)) for _ in range(things)])
    vectors = {
        "size": np.full(things, users, np.int32),
        "kind": np.full(things, BY_NAME[kind].code, np.uint8),
        "place": np.zeros(things, np.uint8),
        "millibits": np.full(things, 12_000, np.int32),
        "account": user.astype(np.int32),
        "block": np.zeros(len(user), np.int16),
        "days": np.ones(len(user), np.uint64),
    }
    nobody = np.zeros(accounts + 1, np.int64)
    incidence = build(vectors, np.zeros((accounts, len(FACETS)), np.int32), nobody, np.empty(0, np.int32))
    rule = replace(rule_of(Settings(), accounts, traffic=True, chance=(0.0,)), needed=20_000)
    rows = telling_rows(incidence, rule, 0, things)
    began = time.perf_counter()
    pairs = len(meetings_at(rows, rule)[0])
    return {"kind": kind, "things": things, "users": users, "pairs": pairs, "seconds": time.perf_counter() - began}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--accounts", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--world", type=Path, help="use this simulated world instead of making one")
    parser.add_argument("--memory", default="2g", help="of Spark's Java runtime")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one small world")
    options = parser.parse_args()
    table = []
    for accounts in [5_000] if options.quick else options.accounts:
        with tempfile.TemporaryDirectory(prefix="linkage-bench-") as scratch:
            folder = Path(scratch)
            world = options.world or folder / "world"
            if not options.world:
                simulate(world, accounts, seed=0, prompts="fingerprint")
            table += [{"accounts": accounts} | row for row in both(world, folder, options.memory)]
    skew(100, "ip", 1)  # compiled by now
    most = 10_000 if options.quick else 1_000_000
    hubs = [skew(users, kind, 1) for kind in ("ip", "device") for users in (1_000, 10_000, 100_000, most)]
    hubs += [skew(users, "ip", 1_000) for users in (50, 500)]
    show(table, hubs, as_json=options.json)


def show(table: list[dict[str, Any]], hubs: list[dict[str, Any]], *, as_json: bool) -> None:
    """Prints both tables."""
    if as_json:
        print(json.dumps({"engines": table, "skew": hubs}))
        return
    print(
        f"{'accounts':>10}  {'engine':<8}{'wall s':>8}{'CPU s':>8}{'GB':>7}{'link s':>8}{'detect s':>10}{'rank s':>8}"
    )
    for row in table:
        steps = "".join(
            f"{row['steps'][name]:>{width}.1f}" for name, width in (("link", 8), ("detect", 10), ("rank", 8))
        )
        print(
            f"{row['accounts']:>10,}  {row['engine']:<8}{row['wall']:>8.1f}{row['cpu']:>8.1f}{row['gb']:>7.2f}{steps}"
        )
    print(f"\n{'kind':<8}{'things':>8}{'users of each':>15}{'pairs':>12}{'s':>8}")
    for row in hubs:
        print(f"{row['kind']:<8}{row['things']:>8,}{row['users']:>15,}{row['pairs']:>12,}{row['seconds']:>8.2f}")


if __name__ == "__main__":
    main()

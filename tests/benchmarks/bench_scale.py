"""The main job at scale, step by step, beside pandas + networkx on the same facts.

    python tests/benchmarks/bench_scale.py [--accounts 100000 1000000] [--peer-up-to 100000] [--world DIR] [--json]

Every figure is of a fresh process: CPU seconds (user and system) and the peak of its memory. The peer does what a
notebook would: aggregate with pandas, pair accounts by addresses used on one day and by cards, find communities
with networkx. It knows neither bits nor prompts, so the ratio flatters it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PEER = """
import sys, itertools, pandas as pd, networkx as nx
from pathlib import Path
facts = Path(sys.argv[1])
requests = pd.read_parquet(facts / "requests.parquet", columns=["account_id", "at", "ip"])
requests["day"] = requests.pop("at").dt.floor("D")
used = requests.dropna().drop_duplicates()
del requests
payments = pd.read_parquet(facts / "payments.parquet", columns=["account_id", "payment_id"]).drop_duplicates()
graph = nx.Graph()
for frame, keys in ((used, ["ip", "day"]), (payments, ["payment_id"])):
    size = frame.groupby(keys)["account_id"].transform("nunique")
    frame = frame[(size > 1) & (size <= 10)]
    pairs = frame.merge(frame, on=keys)
    pairs = pairs[pairs["account_id_x"] < pairs["account_id_y"]][["account_id_x", "account_id_y"]]
    graph.add_edges_from(pairs.drop_duplicates().itertuples(index=False))
rings = [part for whole in nx.connected_components(graph) if len(whole) > 4
         for part in nx.community.louvain_communities(graph.subgraph(whole), seed=1) if len(part) > 4]
print(len(rings))
"""


def measure(command: list[str]) -> dict[str, Any]:
    """Returns the CPU seconds, wall seconds, peak memory in GB and last line of output of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:6])} ended with {process.returncode}")
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.perf_counter() - began,
        "gb": usage.ru_maxrss / 1e6,
        "last": output.strip().splitlines()[-1] if output.strip() else "",
    }


def job(world: Path, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Measures load and detect on the embedded store, with the wall seconds of each step."""
    command = [sys.executable, "-m", "linkage", "--json", "--quiet", "--store", f"duckdb:{folder / 'bench.duckdb'}"]
    rows = []
    for name, arguments in (("load", ["load", str(world / "facts")]), ("detect", ["detect"])):
        found = measure([*command, *arguments])
        rows.append((name, found))
        steps = json.loads(found["last"])["steps"]
        rows += [(f"  {step['step']}", {"wall": step["seconds"], "rows": step["out"]}) for step in steps]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--accounts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--peer-up-to", type=int, default=1_000_000, help="largest world that the peer is given")
    parser.add_argument("--world", type=Path, help="use this simulated world instead of making one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    table: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="linkage-bench-") as scratch:
        for accounts in options.accounts:
            folder = Path(scratch) / str(accounts)
            folder.mkdir()
            world = options.world or folder / "world"
            if not options.world:
                simulate = [sys.executable, "-m", "linkage", "--quiet", "simulate", str(world)]
                measure([*simulate, "--accounts", str(accounts), "--seed", "0", "--prompts", "fingerprint"])
            rows = job(world, folder)
            if accounts <= options.peer_up_to:
                rows.append(("pandas + networkx", measure([sys.executable, "-c", PEER, str(world / "facts")])))
            table += [{"accounts": accounts, "step": name} | found for name, found in rows]
    show(table, as_json=options.json)


def show(table: list[dict[str, Any]], *, as_json: bool) -> None:
    """Prints the table, and how the job's CPU grows from the smallest world to the largest."""
    if as_json:
        print(json.dumps([{key: value for key, value in row.items() if key != "last"} for row in table]))
        return
    print(f"{'accounts':>10}  {'step':<20}{'CPU s':>9}{'wall s':>9}{'GB':>7}")
    for row in table:
        figures = "".join(f"{row[key]:>{width}.1f}" if key in row else " " * width for key, width in _WIDTHS)
        print(f"{row['accounts']:>10,}  {row['step']:<20}{figures}")
    sizes = sorted({row["accounts"] for row in table})
    total = {
        size: sum(row["cpu"] for row in table if row["accounts"] == size and row["step"] in ("load", "detect"))
        for size in sizes
    }
    if len(sizes) > 1:
        growth = total[sizes[-1]] / total[sizes[0]]
        print(f"CPU of the job grows {growth:.1f} times for {sizes[-1] / sizes[0]:.0f} times the accounts")


_WIDTHS = (("cpu", 9), ("wall", 9), ("gb", 7))

if __name__ == "__main__":
    main()

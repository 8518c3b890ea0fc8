"""What detection finds in simulated worlds, by evader and by context, beside ablations and simpler methods.

    python tests/benchmarks/bench_detection.py [--accounts 20000 100000] [--seeds 1000 1001 1002 1003 1004]
        [--cache DIR] [--workers N] [--without shared baselines splink ablations] [--ablate 20000]
        [--quick] [--write] [--json]

Worlds are made and loaded once and kept in --cache; detection runs anew each time, in this process. --write puts the
tables into docs/detection.md. Seeds 0 to 99 are for tuning, 1000 and up for figures that are reported; Splink's
match weight is chosen on seeds 1 and 2, and it runs at the smallest size alone, in an environment of its own under
the cache.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from detection import page
from detection.runs import Run, Task, run_all, say, splink_weight
from detection.worlds import Spec

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"
TUNING = (1, 2)
PARTS = ("shared", "baselines", "splink", "ablations")
QUICK = {"accounts": [5_000], "seeds": [1000, 1001], "without": ["splink", "ablations"]}


def main() -> None:
    """Measures, prints, and writes where asked."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="linkage-bench-") as scratch:
        runs = run_all(_tasks(options, options.cache or Path(scratch)), options.workers)
    print(json.dumps([_row(run) for run in runs]) if options.json else page.text(runs))
    if options.write:
        page.write(PAGE, runs)
        say(f"{PAGE} written")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1000, 1005)))
    parser.add_argument("--cache", type=Path, help="folder in which worlds and loaded files are kept")
    parser.add_argument("--workers", type=int, default=1, help="processes, one world each")
    parser.add_argument("--without", choices=PARTS, nargs="*", default=[])
    parser.add_argument("--ablate", type=int, nargs="*", help="sizes at which things are left out; default: smallest")
    parser.add_argument("--quick", action="store_true", help="small worlds, no Splink, nothing left out")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/detection.md")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(**QUICK)
        options = parser.parse_args()
    if options.write and min(options.seeds) < 1000:
        parser.error("seeds below 1000 are for tuning: their figures are not written to the page")
    return options


def _tasks(options: argparse.Namespace, cache: Path) -> list[Task]:
    cache.mkdir(parents=True, exist_ok=True)
    on = {part: part not in options.without for part in PARTS}
    sizes = sorted(options.accounts)
    ablate = [] if not on["ablations"] else sizes[:1] if options.ablate is None else options.ablate
    weight = splink_weight(cache, [Spec(sizes[0], seed) for seed in TUNING]) if on["splink"] else None
    tasks = []
    for accounts in sizes:
        for seed in options.seeds:
            linker = weight if accounts == sizes[0] else None  # Splink takes minutes at 100,000 accounts
            tasks.append(Task(Spec(accounts, seed), cache.resolve(), on["baselines"], accounts in ablate, linker))
            if on["shared"]:
                pooled = Spec(accounts, seed, shared=True)
                tasks.append(Task(pooled, cache.resolve(), ablations=accounts in ablate))
    return tasks


def _row(run: Run) -> dict[str, object]:
    return asdict(run.spec) | {"method": run.method, "group": run.group, "seconds": run.seconds, "scores": run.scores}


if __name__ == "__main__":
    main()

"""How well rings keep their identity over nights, and whether what is told of them is what was planted.

    python tests/benchmarks/bench_nights.py [--accounts 5000] [--seeds 1000 1001] [--nights 30] [--crews 4]
        [--quick] [--json]

Two stories: the last nights of a simulated world, in which some rings sleep for a week (all that the world plants),
and crews that merge, sleep, and are replaced, on top of the facts of another. Seeds as in bench_detection.py.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from nights import PATIENCE, TOLD, Story, of_crews, of_world

from linkage.evaluate.nights import identity, told_right
from linkage.simulate import simulate

CREWS_WORLD = (2000, 7)


def main() -> None:
    """Measures and prints."""
    options = _options()
    rows = []
    with tempfile.TemporaryDirectory(prefix="linkage-bench-") as scratch:
        for seed in options.seeds:
            name = f"world of {options.accounts:,}, seed {seed}"
            rows.append(_row(name, of_world(Path(scratch) / str(seed), options.accounts, seed, options.nights)))
        base = Path(scratch) / "crews"
        simulate(base / "world", *CREWS_WORLD)
        story = of_crews(base, base / "world" / "facts", base / "world" / "lists", options.crews)
        rows.append(_row(f"{options.crews} crews of each sort", story))
    print(json.dumps(rows) if options.json else _text(rows))


def _row(name: str, story: Story) -> dict[str, Any]:
    kept = identity(story.nights)
    row: dict[str, Any] = {
        "story": name,
        "ring-nights": kept.ring_nights,
        "switches": kept.switches,
        "switch rate": kept.switch_rate,
        "IDF1": kept.idf1,
        "IDF1 of all": kept.idf1_of_all,
    }
    for event in TOLD:
        agreed = told_right(story.planted, story.told, event, PATIENCE)
        planted, told = (sum(one.event is event for one in some) for some in (story.planted, story.told))
        row[event.value] = {"planted": planted, "told": told, "precision": agreed.precision, "recall": agreed.recall}
    return row


def _text(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        lines.append(row["story"])
        for name, value in list(row.items())[1:]:
            shown = ", ".join(f"{key} {_figure(one)}" for key, one in value.items()) if isinstance(value, dict) else ""
            lines.append(f"  {name:12} {shown or _figure(value)}")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=5000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1000, 1001])
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--crews", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="one small world, two crews of each sort")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.accounts, options.seeds, options.nights, options.crews = 2000, [1000], 20, 2
    return options


if __name__ == "__main__":
    main()

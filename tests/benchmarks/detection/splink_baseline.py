"""Splink on the same facts, in a virtual environment of its own: it does not work with the DuckDB that linkage needs.

The match weight at which its clusters are cut is chosen on worlds for tuning alone: the one with the best F1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from detection.baselines import flagged
from detection.worlds import World
from linkage.evaluate.scoring import score

if TYPE_CHECKING:
    import pandas as pd

NAME = "Splink"
REQUIREMENTS = ("splink>=5.0,<6", "duckdb>=1.5,<1.6", "pyarrow")
WEIGHTS = (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
PEER = Path(__file__).with_name("splink_peer.py")


def interpreter(cache: Path) -> Path:
    """Returns the Python of the environment that has Splink, made where it is not there yet."""
    folder = cache / "splink"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS]
        subprocess.run(install, check=True)
        done.touch()
    return python


def clusters(python: Path, facts: Path, weights: Sequence[float]) -> dict[float, pd.DataFrame]:
    """Returns the members that Splink's clusters make at each match weight."""
    import pandas as pd

    with tempfile.TemporaryDirectory(prefix="splink-") as scratch:
        out = Path(scratch) / "clusters.parquet"
        command = [str(python), str(PEER), str(facts), str(out), *(repr(one) for one in weights)]
        found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if found.returncode:
            sys.stderr.write(found.stdout)
            raise SystemExit(f"Splink ended with {found.returncode} on {facts}")
        rows = pd.read_parquet(out).rename(columns={"cluster_id": "cluster"})
    return {float(at): flagged(some[["account_id", "cluster"]]) for at, some in rows.groupby("weight")}


def best_weight(python: Path, tuning: Sequence[World]) -> float:
    """Returns the match weight with the best mean F1 over the worlds for tuning."""
    total = dict.fromkeys(WEIGHTS, 0.0)
    for world in tuning:
        truth = world.truth()
        for at, members in clusters(python, world.facts, WEIGHTS).items():
            total[at] += score(members, truth, 0.0).accounts.f1 or 0.0
    return max(WEIGHTS, key=lambda at: (total[at], at))

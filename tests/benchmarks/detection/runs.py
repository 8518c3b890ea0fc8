"""Runs every method on every world, one world a task; what does not depend on detection is kept beside the worlds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detection import splink_baseline
from detection.ablations import ablations
from detection.baselines import BASELINES
from detection.seam import AS_IT_IS, Variant, detected
from detection.worlds import Spec, World, prepare
from linkage.evaluate.scoring import score

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Task:
    """One world and what to run on it; `splink` is the match weight, None to leave it out."""

    spec: Spec
    cache: Path
    baselines: bool = False
    ablations: bool = False
    splink: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The scores of one method on one world; `group` is linkage, facet, rule or baseline."""

    spec: Spec
    method: str
    group: str
    scores: dict[str, Any]
    seconds: float


def run_all(tasks: Sequence[Task], workers: int) -> list[Run]:
    """Returns the runs of all tasks, in order."""
    if workers == 1:
        return [run for task in tasks for run in run_task(task)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return [run for runs in pool.map(run_task, tasks) for run in runs]


def run_task(task: Task) -> list[Run]:
    """Returns the runs of one world."""
    world = prepare(task.cache, task.spec)
    truth = world.truth()
    runs = [_variant(world, truth, variant) for variant in variants(task)]
    if task.baselines:
        runs += [_baseline(world, truth, name, _of_facts(world, find)) for name, find in BASELINES.items()]
    if task.splink is not None:
        python, at = splink_baseline.interpreter(task.cache), task.splink
        find = lambda: splink_baseline.clusters(python, world.facts, [at])[at]  # noqa: E731
        runs.append(_baseline(world, truth, splink_baseline.NAME, find, f"-{at}"))
    say(f"{task.spec.name}: {len(runs)} methods")
    return runs


def variants(task: Task) -> list[Variant]:
    """Returns detection as it is, and without each thing in turn where asked."""
    without = ablations() if task.ablations else []
    return [AS_IT_IS, *(one for one in without if one.pooled or not task.spec.shared)]


def splink_weight(cache: Path, specs: Sequence[Spec]) -> float:
    """Returns the match weight that suits these worlds for tuning best, chosen once."""
    worlds = [prepare(cache, spec) for spec in specs]
    kept = cache / f"splink-weight-{'-'.join(world.folder.name for world in worlds)}-{_digest('splink')}.json"
    if not kept.exists():
        kept.write_text(json.dumps(splink_baseline.best_weight(splink_baseline.interpreter(cache), worlds)))
    return float(json.loads(kept.read_text()))


def say(text: str) -> None:
    """Tells people how far it is, apart from the result."""
    print(text, file=sys.stderr, flush=True)


def _variant(world: World, truth: pd.DataFrame, variant: Variant) -> Run:
    began = time.perf_counter()
    members = detected(world.store, variant)
    seconds = time.perf_counter() - began
    return Run(world.spec, variant.name, variant.group, score(members, truth, began).as_dict(), seconds)


def _of_facts(world: World, find: Callable[[Path], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    return lambda: find(world.facts)


def _baseline(world: World, truth: pd.DataFrame, name: str, find: Callable[[], pd.DataFrame], detail: str = "") -> Run:
    """Returns a run of a baseline; its members are kept beside the world until its code changes."""
    import pandas as pd

    kept = (
        world.folder / "baselines" / f"{name}{detail}-{_digest('splink' if name == splink_baseline.NAME else 'base')}"
    )
    began = time.perf_counter()
    if not (kept / "members.parquet").exists():
        kept.mkdir(parents=True, exist_ok=True)
        members = find()
        (kept / "seconds.json").write_text(json.dumps(time.perf_counter() - began))
        members.to_parquet(kept / "members.parquet")
    seconds = float(json.loads((kept / "seconds.json").read_text()))
    members = pd.read_parquet(kept / "members.parquet")
    return Run(world.spec, name, "baseline", score(members, truth, began).as_dict(), seconds)


def _digest(beginning: str) -> str:
    """Returns a digest of the modules of the benchmark whose names begin so."""
    import hashlib

    made = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob(f"{beginning}*.py")):
        made.update(path.read_bytes())
    return made.hexdigest()[:10]

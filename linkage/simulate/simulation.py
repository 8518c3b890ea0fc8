"""Makes a world and writes it: the whole of `linkage simulate`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from linkage.errors import InputError, SettingsError
from linkage.simulate.ground import DAYS
from linkage.simulate.vocabulary import Context, Evader
from linkage.simulate.world import World, build
from linkage.simulate.writer import FactsWriter, write_lists, write_truth

FEWEST, MOST = 2_000, 2_000_000
TEXT_UP_TO = 50_000
"""Above this many accounts prompts come as a gateway's fingerprints unless text is asked for."""
PROMPTS = ("auto", "text", "fingerprint")

Advance = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was made: rows by table, accounts by context and by evader, and how long it took."""

    folder: str
    facts: tuple[str, ...]
    truth: str
    seed: int
    accounts: int
    fakes: int
    operators: int
    requests: int
    payments: int
    identifiers: int
    labels: int
    prompts: str
    contexts: dict[str, int]
    evaders: dict[str, int]
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Returns the figures as one JSON object."""
        return asdict(self) | {"facts": list(self.facts), "seconds": round(self.seconds, 3)}


def simulate(
    folder: Path,
    accounts: int,
    seed: int,
    nights: int = 0,
    prompts: str = "auto",
    progress: Advance | None = None,
    *,
    shared_questions: bool = False,
) -> SimulationReport:
    """Returns the report of a world of `accounts` honest accounts, with fakes on top, written to `folder`.

    `FOLDER/facts` is a folder of facts; with `nights` it is `FOLDER/nights/001`, … instead, the first with
    everything up to its end, each further one with one day more. `FOLDER/truth/truth.parquet` is the truth,
    `FOLDER/lists` public lists of datacenter, VPN and relay addresses (most, not all), `FOLDER/world.json`
    this report. Equal arguments give equal bytes. `prompts` is `text`, `fingerprint` or
    `auto` (text up to 50,000 accounts); `shared_questions` makes all campaigns draw from one pool;
    `progress` is called with parts done and parts in all. The folder must be empty or not exist
    (InputError); a size or a number of nights that cannot be is a SettingsError.
    """
    _check(folder, accounts, seed, nights, prompts)
    started = time.perf_counter()
    text = prompts == "text" or (prompts == "auto" and accounts <= TEXT_UP_TO)
    world = build(accounts, seed, shared_questions=shared_questions)
    writer = FactsWriter(world, folder, nights)
    counts = writer.write_attributes()
    counts["requests"] = writer.write_requests(text=text, advance=progress or _silent)
    write_truth(world, folder)
    write_lists(world, folder)
    report = SimulationReport(
        folder=str(folder),
        facts=tuple(str(night.relative_to(folder)) for night in writer.folders),
        truth="truth",
        seed=seed,
        fakes=world.fakes,
        operators=int(world.accounts.operator.max(initial=-1)) + 1,
        prompts="text" if text else "fingerprint",
        contexts=_tally(world, "context", Context.names()),
        evaders=_tally(world, "evader", Evader.names()),
        seconds=time.perf_counter() - started,
        **counts,
    )
    _write_report(folder, report)
    return report


def _check(folder: Path, accounts: int, seed: int, nights: int, prompts: str) -> None:
    if not FEWEST <= accounts <= MOST:
        raise SettingsError(f"--accounts is {accounts}; a world has {FEWEST:,} to {MOST:,} honest accounts")
    if seed < 0:
        raise SettingsError(f"--seed is {seed}; it must be 0 or more")
    if not 0 <= nights <= DAYS:
        raise SettingsError(f"--nights is {nights}; a world lasts {DAYS} days, so 0 to {DAYS} nights")
    if prompts not in PROMPTS:
        raise SettingsError(f"--prompts is «{prompts}»; it must be one of {', '.join(PROMPTS)}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not an empty folder; give a new one, so that no old facts stay in it")


def _tally(world: World, column: str, names: list[str]) -> dict[str, int]:
    counts = np.bincount(getattr(world.accounts, column), minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def _write_report(folder: Path, report: SimulationReport) -> None:
    """Writes `world.json` without the seconds and the folder, which are not the world's."""
    lasting = {key: value for key, value in report.as_dict().items() if key not in ("seconds", "folder")}
    (folder / "world.json").write_text(json.dumps(lasting, indent=2) + "\n", encoding="utf-8")


def _silent(done: float, total: float) -> None:  # noqa: ARG001 - same face as a bar's
    return None

"""A small world, taken through the main job once; what every test of the jobs may look at, and none may change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from linkage.jobs.detect import detect
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.model.reports import StepReport
from linkage.settings import Settings
from linkage.simulate import simulate

NIGHTS = 7
KEY = "a secret of the tests alone, not of any store"


@dataclass(frozen=True)
class World:
    """A simulated world and a store in which its rings were found."""

    facts: Path
    truth: Path
    lists: Path
    site: Site
    export: Path
    reports: dict[str, StepReport]


def site_at(folder: Path, lists: Path | None = None, **settings: int) -> Site:
    """Returns the site of an embedded store in the folder."""
    store = f"duckdb:{folder / 'linkage.duckdb'}"
    return Site(Settings(store=store, key=KEY, lists=str(lists or ""), **settings))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Returns a world of 2,000 honest accounts, loaded, detected and exported as Parquet."""
    folder = tmp_path_factory.mktemp("world")
    made = simulate(folder / "world", 2000, seed=7)
    facts, lists = folder / "world" / made.facts[0], folder / "world" / "lists"
    site = site_at(folder, lists)
    reports = [*load(site, facts), *detect(site)]
    export(site, folder / "export")
    return World(
        facts, folder / "world" / made.truth, lists, site, folder / "export", {one.step: one for one in reports}
    )


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world with some nights of facts."""
    folder = tmp_path_factory.mktemp("nights")
    simulate(folder, 2000, seed=5, nights=NIGHTS)
    return folder


@pytest.fixture(scope="session")
def lived(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store that all nights but the last were published into. Copy it, do not change it."""
    site = site_at(tmp_path_factory.mktemp("lived"), nights / "lists")
    for night in range(1, NIGHTS):
        nightly(site, nights / "nights" / f"{night:03}")
    return site

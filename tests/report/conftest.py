"""A store that some nights were published into, and a real browser for the page of its last run."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.cli.report import write
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

NIGHTS = 4


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated world with nights of facts."""
    folder = tmp_path_factory.mktemp("report")
    simulate(folder, 2000, seed=5, nights=NIGHTS)
    return folder


@pytest.fixture(scope="session")
def site(folder: Path) -> Site:
    """A site that the nights were published into, the last one with its page."""
    site = Site(Settings(store=f"duckdb:{folder / 'linkage.duckdb'}", lists=str(folder / "lists")))
    for night in range(1, NIGHTS + 1):
        nightly(site, folder / "nights" / f"{night:03}", write if night == NIGHTS else None)
    return site

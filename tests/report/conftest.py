"""A store that some nights were published into, and a real browser for the page of its last run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from linkage.cli.report import write
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium: the one of the system, or the one that playwright installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            if "CI" in os.environ:
                pytest.fail("the build machine lacks Chromium")
            pytest.skip("no Chromium: install it, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()

"""Nights of facts and stores that they were published into, for the tests of the nightly job."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from linkage.jobs.site import Site

from .conftest import NIGHTS, site_at


def copy(lived: Site, folder: Path, **settings: Any) -> Site:
    """Returns a site of its own with a copy of the store."""
    site = site_at(folder, Path(lived.settings.lists), **settings)
    shutil.copyfile(lived.working.path, site.working.path)
    shutil.copytree(lived.working.beside(".nights"), site.working.beside(".nights"))
    return site


def last(nights: Path) -> Path:
    return nights / "nights" / f"{NIGHTS:03}"


def some(facts: Path, folder: Path, where: str) -> Path:
    """Returns a folder with a part of the requests, and the rest whole."""
    shutil.copytree(facts, folder)
    file = folder / "requests.parquet"
    rows = duckdb.sql(f"SELECT * FROM '{facts / 'requests.parquet'}' WHERE {where}")
    file.unlink()
    rows.write_parquet(str(file))
    return folder


def state(site: Site) -> dict[str, Any]:
    """Returns all that is published, but for the times at which it was."""
    with site.open() as store:
        return {
            "runs": [(run.run_id, run.counts, run.settings) for run in store.runs()],
            "rings": store.rings(10_000),
            "members": store.all_members(),
            "events": store.events(limit=100_000),
            "stays": store.stays(),
            "counts": store.counts(),
        }

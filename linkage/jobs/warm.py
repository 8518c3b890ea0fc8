"""Compiles the kernels, so that the first load does not wait for it: python -m linkage.jobs.warm

numba compiles a kernel when it first meets its arguments' types, and keeps the result beside the module (or in
NUMBA_CACHE_DIR). A small world goes through load and detect in a temporary folder, and so meets them all.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

_ACCOUNTS = 2_000
"""The smallest world."""


def warm() -> None:
    """Compiles every kernel that load, detect and attach use, and leaves nothing else behind."""
    with tempfile.TemporaryDirectory(prefix="linkage-warm-") as name:
        folder = Path(name)
        simulate(folder / "world", _ACCOUNTS, seed=0)
        settings = Settings(store=f"duckdb:{folder / 'warm.duckdb'}", lists=str(folder / "world" / "lists"))
        site = Site(settings)
        load(site, folder / "world" / "facts")
        detect(site)
        with site.open() as store:
            member = store.all_members()[0].account_id
            store.sharing_tables([use.key for use in store.uses(member)])


if __name__ == "__main__":
    warm()

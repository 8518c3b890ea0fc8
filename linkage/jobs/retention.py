"""Retention: uses older than so many days before the last moment of the facts are removed, from both stores.

Accounts, rings, runs, events and decisions stay: ids must never be used twice, and a ring may return after months.
"""

from __future__ import annotations

import time

from linkage.derive.forget import forget, mark_old, old_uses
from linkage.jobs.site import Site
from linkage.model.reports import StepReport
from linkage.model.rings import Role
from linkage.stores.base import Capability, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.working.schema import get_meta, set_meta

_MINUTES = 1440
_SELDOM = 10
"""Once in a tenth of the days that are kept: all uses are looked at and weighed again."""
_DONE = "forgotten"


def due(site: Site) -> bool:
    """Returns whether there may be something to remove."""
    days = site.settings.keep_days
    if not days or not site.working.exists:
        return False
    with site.working.read() as con:
        done = int(get_meta(con, _DONE) or -1)
    before = _before(site)
    return before is not None and before - done >= max(1, days // _SELDOM) * _MINUTES


def remove_old(site: Site, store: Store) -> StepReport:
    """Removes what is too old from the store, then from the working file; the caller holds the lock.

    Killed in between, it can be run again. What is left is worth something else now: see `refresh`.
    """
    began = time.perf_counter()
    before = _before(site)
    if before is None:
        return StepReport("forget")
    spared = sorted({stay.account_id for stay in store.stays() if stay.role is not Role.BYSTANDER})
    if Capability.EMBEDDED not in store.capabilities:
        with site.working.read() as con:
            if mark_old(con, before, spared):
                store.remove_uses(old_uses(con))
    with site.working.write() as con:
        removed = mark_old(con, before, spared)
        if removed:
            forget(con, before)
        set_meta(con, _DONE, str(before))
    return StepReport("forget", rows_out=removed, seconds=time.perf_counter() - began, counts={"forgotten": removed})


def refresh(site: Site, store: Store) -> StepReport:
    """Brings what accounts and identifiers are worth to a store that is not the working file itself."""
    began = time.perf_counter()
    with DuckDBStore(site.working) as working:
        store.load(working.graph(after=working.loaded_through()))
    return StepReport("refresh", seconds=time.perf_counter() - began)


def _before(site: Site) -> int | None:
    """Returns the first minute that is kept, None where no time is known."""
    with site.working.read() as con:
        last = con.execute("SELECT max(last_minute) FROM habit").fetchall()[0][0]
    return None if last is None or last < 0 else int(last) - site.settings.keep_days * _MINUTES

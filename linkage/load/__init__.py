"""The working file's graph to a store: all of it where the store is empty, else what later loads added."""

from __future__ import annotations

import time

from linkage.model.reports import StepReport
from linkage.stores.base import Capability, Store
from linkage.stores.duckdb import DuckDBStore

__all__ = ["fill", "send_sealed"]


def fill(store: Store, working: DuckDBStore) -> StepReport:
    """Brings the store up to the working file; a fill that was cut short is taken up by the next."""
    began = time.perf_counter()
    last, through = working.loaded_through(), store.loaded_through()
    if through < last:
        _send(store, working, through)
        send_sealed(store, working, through)
        store.mark_loaded(last)
    counts = store.counts()
    return StepReport(
        "store",
        rows_out=counts.accounts + counts.identifiers + counts.uses,
        seconds=time.perf_counter() - began,
        counts={"accounts": counts.accounts, "identifiers": counts.identifiers, "uses": counts.uses},
    )


def send_sealed(store: Store, working: DuckDBStore, through: int) -> None:
    """Sends the values that loads after `through` sealed, if any did; the identifiers are there already."""
    if Capability.SEALED_VALUES in store.capabilities:
        store.keep_sealed(working.sealed_table(through))


def _send(store: Store, working: DuckDBStore, through: int) -> None:
    if Capability.BULK_IMPORT in store.capabilities and store.counts().accounts == 0:
        store.bulk_import(working.numbered_graph())
    else:
        store.prepare()
        store.load(working.graph(after=through))

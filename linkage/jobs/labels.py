"""Labels that analysts gave: for as long as such a decision holds, it stands over what the facts say."""

from __future__ import annotations

from datetime import datetime

from linkage.jobs.decisions import holding
from linkage.jobs.site import Site
from linkage.stores.base import Capability, GraphTables, Store
from linkage.stores.duckdb import DuckDBStore

NO_LOAD = 0
"""Marks the rows of the table of labels that come from decisions: loads are counted from 1."""

_ADD = f"""
INSERT INTO label
SELECT account, $label, TIMESTAMP 'infinity', 'decision', {NO_LOAD} FROM account WHERE list_contains($ids, id)
"""  # the last label counts, and no fact is later than this


def honour_labels(site: Site, store: Store, now: datetime) -> None:
    """Gives accounts the labels of the decisions that hold, in the working file and then in the store.

    Killed in between, the next call brings the store up to the file. The caller holds the lock.
    """
    said = {account: one.label for one in holding(store, now) if one.label for account in one.accounts}
    with site.working.read() as con:
        held = dict(
            con.execute(
                f"SELECT id, label FROM label JOIN account USING (account) WHERE label.load = {NO_LOAD}"
            ).fetchall()
        )
        known = con.execute("SELECT id FROM account WHERE list_contains(?, id)", [sorted(said)]).fetchall()
    wanted = {account: said[account] for (account,) in known}
    if held != wanted:
        with site.working.write() as con:
            con.execute(f"DELETE FROM label WHERE load = {NO_LOAD}")
            for label in sorted(set(wanted.values())):
                con.execute(_ADD, {"label": label, "ids": [one for one in wanted if wanted[one] == label]})
    if Capability.EMBEDDED not in store.capabilities:
        _send(site, store)


def _send(site: Site, store: Store) -> None:
    """Sends the accounts that were ever labelled by a decision, where the store has another label than the file."""
    named = sorted({account for one in store.decisions() if one.label for account in one.accounts})
    if not named:
        return
    with DuckDBStore(site.working) as working:
        inside, outside = working.accounts(named), store.accounts(named)
        stale = [one for one in named if one in inside and one in outside and inside[one].label != outside[one].label]
        if stale:
            store.load(GraphTables(working.pair_tables(stale).accounts, (), ()))

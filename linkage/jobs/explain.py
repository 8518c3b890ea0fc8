"""Explaining a pair, from what any store holds."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.errors import NotFound
from linkage.link import Explainer
from linkage.model.rings import Evidence
from linkage.settings import Settings
from linkage.stores.base import Store


def explainer(store: Store, accounts: Sequence[str], settings: Settings) -> Explainer:
    """Returns what explains any pair of the accounts, with the figures of the current run if there is one."""
    run = store.current_run()
    if run is not None:
        return Explainer(
            store.pair_tables(accounts),
            int(run.counts["accounts"]),
            settings,
            traffic=bool(run.counts["traffic"]),
            chance=float(run.counts["chance"]),
        )
    return Explainer(store.pair_tables(accounts), store.counts().accounts, settings, traffic=True, chance=0.0)


def why(store: Store, a: str, b: str, settings: Settings) -> Evidence:
    """Returns why two accounts are linked, or what they lack; NotFound names an unknown account."""
    known = store.accounts([a, b])
    for account in (a, b):
        if account not in known:
            raise NotFound(f"there is no account «{account}» in {store.url}")
    if a == b:
        raise NotFound(f"«{a}» was given twice: a link has two accounts")
    return explainer(store, [a, b], settings).evidence(a, b)

"""Explaining a pair, from what any store holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.errors import NotFound
from linkage.link import Explainer
from linkage.link.rule import Rule, rule_of
from linkage.model.rings import Evidence, Run
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.working.schema import chance_of

CHANCE = "chance"
"""The name under which a run's settings hold E of docs/model.md."""


def explainer(store: Store, accounts: Sequence[str], settings: Settings) -> Explainer:
    """Returns what explains any pair of the accounts, with the figures of the current run if there is one."""
    figures = _figures(store)
    return Explainer(
        store.pair_tables(accounts), figures.accounts, settings, traffic=figures.traffic, chance=figures.chance
    )


def rule(store: Store, settings: Settings) -> Rule:
    """Returns what makes a link in the store, with the figures of the current run if there is one."""
    figures = _figures(store)
    return rule_of(settings, figures.accounts, traffic=figures.traffic, chance=figures.chance)


@dataclass(frozen=True, slots=True)
class _Figures:
    accounts: int
    traffic: bool
    chance: tuple[float, ...]


def _figures(store: Store) -> _Figures:
    run = store.current_run()
    if run is None:
        return _Figures(store.counts().accounts, traffic=True, chance=(0.0,))
    return _Figures(int(run.counts["accounts"]), bool(run.counts["traffic"]), run_chance(run))


def run_chance(run: Run) -> tuple[float, ...]:
    """Returns E of docs/model.md of a run, by whole bits of breadth."""
    return chance_of(str(run.settings.get(CHANCE, run.counts["chance"])))


def why(store: Store, a: str, b: str, settings: Settings) -> Evidence:
    """Returns why two accounts are linked, or what they lack; NotFound names an unknown account."""
    known = store.accounts([a, b])
    for account in (a, b):
        if account not in known:
            raise NotFound(f"there is no account «{account}» in {store.url}")
    if a == b:
        raise NotFound(f"«{a}» was given twice: a link has two accounts")
    return explainer(store, [a, b], settings).evidence(a, b)

"""Nights on end: a simulated world's, and crews that merge, sleep and are replaced; and what was told of them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from linkage.evaluate.nights import Happening, Night
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Event, Role
from linkage.settings import Settings
from linkage.simulate import simulate
from linkage.simulate.ground import DAYS
from linkage.simulate.world import build
from linkage.stores.base import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))
from hydra import Head, names, write

TOLD = (Event.MERGED, Event.SPLIT, Event.REVIVED)
PATIENCE = 8
"""Nights within which something must be told: a merger shows when the two have shared for some days."""


@dataclass
class Story:
    """What was found night by night, what was planted, and what was told."""

    nights: list[Night] = field(default_factory=list)
    planted: list[Happening] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)


def site_at(folder: Path, lists: Path) -> Site:
    """Returns the site of an embedded store in the folder."""
    settings = Settings.from_environment(store=f"duckdb:{folder / 'nights.duckdb'}", key="of benchmarks alone" * 2)
    return Site(replace(settings, lists=str(lists)))


def of_world(folder: Path, accounts: int, seed: int, nights: int) -> Story:
    """Returns the story of a simulated world, its last `nights` days one by one; rings that sleep are to be revived."""
    simulate(folder / "world", accounts, seed, nights)
    truth = pd.read_parquet(folder / "world" / "truth" / "truth.parquet")
    fakes = truth[truth["operator"] != ""]
    identity = dict(zip(fakes["account_id"], fakes["operator"] + " " + fakes["campaign"], strict=True))
    site, story = site_at(folder, folder / "world" / "lists"), Story()
    for number, night in enumerate(sorted((folder / "world" / "nights").iterdir())):
        _live(site, night, identity, number, story)
    story.planted = list(_woken(accounts, seed, truth["account_id"].to_numpy(), identity, nights))
    return story


def _woken(accounts: int, seed: int, ids: np.ndarray, identity: dict[str, str], nights: int) -> Iterator[Happening]:
    a = build(accounts, seed).accounts
    for true in sorted(set(identity.values())):
        mine = np.array([identity.get(one) == true for one in ids])
        wakes = a.gap_to[mine & np.isfinite(a.gap_to)]
        if len(wakes):
            night = int(np.floor(wakes.min())) - (DAYS - nights)
            yield Happening(Event.REVIVED, night, (frozenset(ids[mine].tolist()),))


@dataclass(frozen=True)
class Crew:
    """A crew with addresses, cards and questions of its own."""

    name: str
    size: int

    @property
    def accounts(self) -> list[str]:
        """Returns its accounts."""
        return names(self.name, self.size)

    def head(self, day: int, accounts: Sequence[str] = (), each: int = 40) -> Head:
        """Returns its work of a day."""
        number = sum(ord(sign) * 31**place for place, sign in enumerate(self.name)) % 250
        addresses = [f"198.18.{number}.{one}" for one in range(5)]
        questions = [f"{self.name}-question-{one:03d}" for one in range(200 * self.size)]
        cards = names(f"{self.name}-card", max(2, self.size // 3))
        return Head(tuple(accounts) or self.accounts, day, 1, cards, addresses, questions, each)


def _both(one: Head, other: Head) -> Head:
    """Returns the work of two crews that have become one: everything of either is used by all."""
    return replace(
        one,
        accounts=(*one.accounts, *other.accounts),
        cards=(*one.cards, *other.cards),
        addresses=(*one.addresses, *other.addresses),
        questions=(*one.questions, *other.questions),
    )


MERGES, SLEEPS = 6, 14
"""The nights from which two crews work as one, and in which those that slept come back."""


def _heads(day: int, each: int) -> list[Head]:
    """Returns what all crews do on a day."""
    heads: list[Head] = []
    for number in range(each):
        left, right = Crew(f"left{number}", 10), Crew(f"right{number}", 7)
        pair = [left.head(day), right.head(day)]
        heads += pair if day < MERGES else [_both(*pair)]
        sleeper, heirs = Crew(f"sleeper{number}", 9), Crew(f"dead{number}", 9)
        if day < 4 or day >= SLEEPS:
            heads.append(sleeper.head(day))
        if day < 4:
            heads.append(heirs.head(day))
        elif day >= SLEEPS:
            fresh = names(f"heir{number}", 8)
            heads.append(replace(heirs.head(day, fresh), cards=names(f"new{number}-card", 3)))
    return heads


def of_crews(folder: Path, facts: Path, lists: Path, each: int, nights: int = 18) -> Story:
    """Returns the story of crews of each sort, `each` of them, on top of the facts of a world."""
    site, story = site_at(folder, lists), Story()
    load(site, facts)
    detect(site)
    with site.open() as store:
        beside = frozenset(one.account_id for one in store.all_members())
    identity: dict[str, str] = {}
    for day in range(nights):
        for head in _heads(day, each):
            identity |= {one: one.rpartition("-")[0] for one in head.accounts}
        banned = [one for number in range(each) for one in Crew(f"dead{number}", 9).accounts] if day == 4 else []
        night = write(folder / f"night-{day:02d}", _heads(day, each), banned)
        _live(site, night, _true(identity, day), day, story, beside)
        shutil.rmtree(folder / f"night-{day:02d}")
    for number in range(each):
        left, right = Crew(f"left{number}", 10), Crew(f"right{number}", 7)
        sides = frozenset(left.accounts), frozenset(right.accounts)
        awake = [frozenset(Crew(f"sleeper{number}", 9).accounts)]
        awake.append(frozenset([*Crew(f"dead{number}", 9).accounts, *names(f"heir{number}", 8)]))
        story.planted.append(Happening(Event.MERGED, MERGES, sides))
        story.planted += [Happening(Event.REVIVED, SLEEPS, (one,)) for one in awake]
    return story


def _true(identity: dict[str, str], day: int) -> dict[str, str]:
    """Returns the ring of each account in truth: heirs are of the dead, and two that merge are one from then on."""
    true = {}
    for account, crew in identity.items():
        name = crew.replace("heir", "dead")
        true[account] = name.replace("right", "left") if day >= MERGES else name
    return true


def _live(
    site: Site, folder: Path, identity: dict[str, str], number: int, story: Story, beside: frozenset[str] = frozenset()
) -> None:
    """Takes a night in, and notes what was found and told; accounts `beside` are not of the story."""
    load(site, folder)
    detect(site)
    with site.open() as store:
        run = store.current_run()
        assert run is not None
        found = {one.account_id: one.ring_id for one in store.all_members([Role.CORE, Role.MEMBER])}
        truth = {one: identity[one] for one in store.accounts(list(identity))}
        story.nights.append(Night(truth, {one: ring for one, ring in found.items() if one not in beside}))
        story.told += _told(store, run.run_id, number)


def _told(store: Store, run_id: str, number: int) -> Iterator[Happening]:
    before = f"run-{int(run_id.removeprefix('run-')) - 1:06d}"
    for event in store.events(run_id=run_id):
        if event.event in TOLD:
            when = before if event.event is Event.MERGED else run_id
            rings = [event.ring_id, *([event.other_ring_id] if event.other_ring_id else [])]
            yield Happening(event.event, number, tuple(_accounts(store, ring, when) for ring in rings))


def _accounts(store: Store, ring_id: str, run_id: str) -> frozenset[str]:
    ring = store.ring_as_of(ring_id, run_id)
    return frozenset(one.account_id for one in ring.stays if one.role is not Role.BYSTANDER) if ring else frozenset()

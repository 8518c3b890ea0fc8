"""A ring outlives its accounts: the banned stay as ghosts, and who comes after them comes to the same ring."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Event, RingStatus
from linkage.stores.base import Store

from .conftest import World, site_at
from .hydra import ADDRESSES, ELSEWHERE, OTHERS, Head, names, write

FIRST = Head(names("head", 10), day=0, days=4, cards=names("card", 3))


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site with the world and a ring, which worked for four days."""
    site = site_at(tmp_path, world.lists)
    shutil.copyfile(world.site.working.path, site.working.path)
    load(site, write(tmp_path / "1", [FIRST]))
    detect(site)
    return site


def _night(site: Site, name: str, *heads: Head, banned: tuple[str, ...] = ()) -> None:
    load(site, write(site.working.path.parent / name, heads, banned))
    detect(site)


def _ring_of(store: Store, account: str) -> str:
    found = store.account(account)
    assert found is not None
    assert found.ring_id is not None, f"{account} is in no ring"
    return found.ring_id


def _story(store: Store, ring_id: str) -> list[str]:
    return [event.event.value for event in reversed(store.events(ring_id))]


@pytest.mark.parametrize("addresses", [ADDRESSES, ELSEWHERE], ids=["at the same addresses", "with its questions alone"])
def test_a_crew_that_replaced_all_its_accounts_overnight_is_the_same_ring(site: Site, addresses: list[str]) -> None:
    with site.open() as store:
        ring = _ring_of(store, "head-00")
        assert {member.account_id for member in store.members(ring)} == set(FIRST.accounts)
    _night(site, "2", banned=tuple(FIRST.accounts))
    with site.open() as store:
        found = store.ring(ring)
        assert found is not None
        assert (found.status, found.size) == (RingStatus.DORMANT, 10), "the dead are still there"
        assert _story(store, ring) == ["formed", "dormant"]
    heirs = Head(names("heir", 8), day=5, days=1, cards=names("new-card", 2), addresses=addresses)
    _night(site, "3", heirs)
    with site.open() as store:
        assert {_ring_of(store, account) for account in (*FIRST.accounts, *heirs.accounts)} == {ring}
        found = store.ring(ring)
        assert found is not None
        assert (found.status, found.size) == (RingStatus.ACTIVE, 18)
        assert _story(store, ring) == ["formed", "dormant", "revived"]
    _night(site, "4", replace(heirs, day=6))
    with site.open() as store:
        assert {_ring_of(store, account) for account in (*FIRST.accounts, *heirs.accounts)} == {ring}
        assert _story(store, ring) == ["formed", "dormant", "revived"], "nothing has happened since"


def test_a_lone_replacement_with_a_card_of_the_dead_is_in_their_ring_on_its_first_night(site: Site) -> None:
    with site.open() as store:
        ring = _ring_of(store, "head-00")
    _night(site, "2", banned=tuple(FIRST.accounts))
    _night(site, "3", Head(["heir"], day=5, days=1, cards=["card-01"]))
    with site.open() as store:
        assert _ring_of(store, "heir") == ring
        assert Event.REVIVED in [event.event for event in store.events(ring)]


def test_a_ring_that_comes_back_after_weeks_has_its_id(site: Site) -> None:
    with site.open() as store:
        ring = _ring_of(store, "head-00")
    busy = Head(names("busy", 2), day=20, days=1, cards=names("busy-card", 2), addresses=ELSEWHERE, questions=OTHERS)
    _night(site, "2", busy)
    with site.open() as store:
        assert _story(store, ring) == ["formed", "dormant"]
    _night(site, "3", Head(FIRST.accounts, day=30, days=1, cards=FIRST.cards))
    with site.open() as store:
        assert {_ring_of(store, account) for account in FIRST.accounts} == {ring}
        assert _story(store, ring) == ["formed", "dormant", "revived"]


def test_another_crew_at_other_addresses_with_other_questions_is_another_ring(site: Site) -> None:
    with site.open() as store:
        ring = _ring_of(store, "head-00")
    _night(site, "2", banned=tuple(FIRST.accounts))
    others = Head(names("other", 8), day=5, days=2, cards=names("other-card", 3), addresses=ELSEWHERE, questions=OTHERS)
    _night(site, "3", others)
    with site.open() as store:
        found = {_ring_of(store, account) for account in others.accounts}
        assert len(found) == 1
        assert ring not in found
        assert _story(store, ring) == ["formed", "dormant"]

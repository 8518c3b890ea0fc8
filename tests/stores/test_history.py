"""Earlier runs, as every store keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from known_graph import ODD, at, publication, ring

from linkage.model.history import PastRing, RoleChange, Stay
from linkage.model.rings import Event, Member, RingEvent, RingStatus, Role
from linkage.stores.base import Publication, Store

FIRST = publication("run1")


def _second() -> Publication:
    """Returns a run in which r1 lost a3, a4 became a member, c1 joined it, r2 merged into it, and r3 was formed."""
    given = publication("run2", day=4)
    a1, a2, _, a4, c1, odd = given.members
    return replace(
        given,
        rings=[ring("r1", size=4, score=50.0), replace(given.rings[1], status=RingStatus.MERGED), ring("r3", size=1)],
        members=[
            a1,
            a2,
            replace(a4, role=Role.MEMBER),
            replace(c1, ring_id="r1"),
            replace(odd, ring_id="r3"),
        ],
        events=[
            RingEvent(at(4), "run2", "r1", Event.GREW),
            RingEvent(at(4), "run2", "r2", Event.MERGED, "r1"),
            RingEvent(at(4), "run2", "r3", Event.SPLIT, "r2"),
        ],
    )


@pytest.fixture
def store(known_accounts: Store) -> Store:
    """A store of each kind with two runs."""
    known_accounts.publish(FIRST)
    known_accounts.publish(_second())
    return known_accounts


def test_an_empty_store_has_no_history(known_accounts: Store) -> None:
    assert known_accounts.runs() == known_accounts.known_rings() == known_accounts.stays() == []
    assert known_accounts.ring_as_of("r1", "run1") is None


def test_every_ring_there_ever_was_is_known_as_it_was_last(store: Store) -> None:
    assert store.known_rings() == list(_second().rings)
    assert [one.ring_id for one in store.rings()] == ["r1", "r3"]


def test_stays_tell_who_was_where_from_which_run_until_which(store: Store) -> None:
    assert store.stays() == [
        Stay("r1", "a1", Role.CORE, "run1"),
        Stay("r1", "a2", Role.CORE, "run1"),
        Stay("r1", "a3", Role.MEMBER, "run1", "run2"),
        Stay("r1", "a4", Role.BYSTANDER, "run1", "run2"),
        Stay("r1", "a4", Role.MEMBER, "run2"),
        Stay("r1", "c1", Role.CORE, "run2"),
        Stay("r2", ODD, Role.MEMBER, "run1", "run2"),
        Stay("r2", "c1", Role.CORE, "run1", "run2"),
        Stay("r3", ODD, Role.MEMBER, "run2"),
    ]


def test_a_ring_is_read_as_a_run_left_it(store: Store) -> None:
    assert store.ring_as_of("r1", "run1") == PastRing(
        "run1",
        FIRST.rings[0],
        (
            Stay("r1", "a1", Role.CORE, "run1"),
            Stay("r1", "a2", Role.CORE, "run1"),
            Stay("r1", "a3", Role.MEMBER, "run1", "run2"),
            Stay("r1", "a4", Role.BYSTANDER, "run1", "run2"),
        ),
    )
    now = store.ring_as_of("r1", "run2")
    assert now is not None
    assert now.ring == _second().rings[0]
    assert [stay.account_id for stay in now.stays] == ["a1", "a2", "c1", "a4"]
    ended = store.ring_as_of("r2", "run2")
    assert ended is not None
    assert (ended.ring.status, ended.stays) == (RingStatus.MERGED, ())
    assert store.ring_as_of("r3", "run1") is None
    assert store.ring_as_of("never was", "run2") is None


def test_two_runs_are_compared(store: Store) -> None:
    found = store.ring_diff("r1", "run1", "run2")
    assert (found.before, found.after) == (FIRST.rings[0], _second().rings[0])
    assert [stay.account_id for stay in found.joined] == ["c1"]
    assert [stay.account_id for stay in found.left] == ["a3"]
    assert found.changed == (RoleChange("a4", Role.BYSTANDER, Role.MEMBER),)
    assert [event.event for event in found.events] == [Event.GREW]
    fresh = store.ring_diff("r3", "run1", "run2")
    assert (fresh.before, [stay.account_id for stay in fresh.joined]) == (None, [ODD])
    assert store.ring_diff("r1", "run2", "run2").events == ()
    with pytest.raises(ValueError, match="earlier run first"):
        store.ring_diff("r1", "run2", "run1")


def test_events_of_one_run(store: Store) -> None:
    assert store.events(run_id="run1") == list(FIRST.events)
    assert [event.ring_id for event in store.events(run_id="run2")] == ["r1", "r2", "r3"]
    assert store.events("r2", run_id="run2") == [RingEvent(at(4), "run2", "r2", Event.MERGED, "r1")]
    assert store.events(run_id="run3") == []


def test_publishing_a_run_again_leaves_the_same_history(store: Store) -> None:
    before = (store.runs(), store.known_rings(), store.stays(), store.ring_as_of("r1", "run1"))
    store.publish(_second())
    assert (store.runs(), store.known_rings(), store.stays(), store.ring_as_of("r1", "run1")) == before
    changed = _second()
    others = [*changed.members[:2], Member("r1", "a3", Role.MEMBER, 14.0, None, None)]
    store.publish(replace(changed, members=others))
    assert Stay("r1", "a3", Role.MEMBER, "run1") in store.stays()
    assert [stay.account_id for stay in store.stays() if stay.from_run == "run2"] == []


def test_a_ring_that_sleeps_is_still_a_ring_of_the_run(store: Store) -> None:
    third = publication("run3", day=5)
    asleep = [replace(one, status=RingStatus.DORMANT) for one in third.rings]
    store.publish(replace(third, rings=asleep, events=[]))
    assert [(one.ring_id, one.status.value) for one in store.rings()][::2] == [("r1", "dormant"), ("r2", "dormant")]
    assert store.counts().rings == len(store.rings())
    past = store.ring_as_of("r1", "run2")
    assert past is not None
    assert past.ring.status is RingStatus.ACTIVE

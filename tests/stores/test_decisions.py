"""Decisions of analysts, as every store keeps them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from known_graph import ODD, at, publication

from linkage.errors import VersionConflict
from linkage.model.decisions import Conflict, Decision, Ruling
from linkage.stores.base import Store

FIRST = Decision("d2", 1, Ruling.MUST_LINK, ("a1", ODD), "", "ann", "one card, «two» names", at(5))
SECOND = Decision("d1", 1, Ruling.REJECTED, (), "r1", "bob", "an office", at(6), expires=at(90))


@pytest.fixture
def store(known_accounts: Store) -> Store:
    """A store of each kind with a run and two decisions."""
    known_accounts.publish(publication())
    for decision in (SECOND, FIRST):
        known_accounts.keep_decision(decision)
    return known_accounts


def test_a_store_has_none_at_first(known_accounts: Store) -> None:
    assert known_accounts.decisions() == known_accounts.conflicts("run1") == []


def test_decisions_are_read_back_by_time(store: Store) -> None:
    assert store.decisions() == [FIRST, SECOND]


def test_keeping_one_again_changes_nothing(store: Store) -> None:
    store.keep_decision(FIRST)
    assert store.decisions() == [FIRST, SECOND]


def test_a_change_follows_the_version_that_is_kept(store: Store) -> None:
    revoked = replace(FIRST, version=2, revoked=at(7), revoked_by="bob")
    store.keep_decision(revoked)
    assert store.decisions() == [revoked, SECOND]
    for stale in (replace(FIRST, reason="another"), replace(FIRST, version=2), replace(FIRST, version=4)):
        with pytest.raises(VersionConflict, match="d2 is at version 2"):
            store.keep_decision(stale)
    with pytest.raises(VersionConflict, match="d3 is at version 0"):
        store.keep_decision(replace(FIRST, decision_id="d3", version=2))
    assert store.decisions() == [revoked, SECOND]


def test_of_several_who_change_one_at_once_one_does(store: Store) -> None:
    changes = [replace(FIRST, version=2, revoked=at(7), revoked_by=f"analyst {number}") for number in range(6)]

    def keep(change: Decision) -> str:
        try:
            store.keep_decision(change)
        except VersionConflict:
            return ""
        return change.revoked_by

    with ThreadPoolExecutor(6) as pool:
        (winner,) = filter(None, pool.map(keep, changes))
    assert store.decisions()[0].revoked_by == winner


def test_runs_leave_decisions_alone_and_tell_what_spoke_against_them(store: Store) -> None:
    given = publication("run2", day=4)
    told = [Conflict("run2", "d1", "evidence makes r1 a ring of 3 accounts"), Conflict("run2", "d2", "no card")]
    for _ in range(2):
        store.publish(replace(given, conflicts=told))
    assert store.conflicts("run2") == told
    assert store.conflicts("run1") == []
    assert store.decisions() == [FIRST, SECOND]
    store.publish(given)
    assert store.conflicts("run2") == []

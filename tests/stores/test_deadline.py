"""A deadline ends a call in the store itself, and leaves the store as good as before."""

from __future__ import annotations

import time

import pytest
from known_graph import account_rows, tables

from linkage.errors import DeadlinePassed
from linkage.stores.base import Store
from linkage.stores.deadline import deadline, seconds_left


def test_without_a_deadline_there_is_none() -> None:
    assert seconds_left() is None


def test_a_deadline_that_has_passed_starts_nothing(filled: Store) -> None:
    with deadline(time.monotonic() - 1), pytest.raises(DeadlinePassed):
        filled.rings()
    assert len(filled.rings()) == 2


def test_what_takes_too_long_is_ended_by_the_store(store: Store) -> None:
    """Tens of thousands of accounts by id take longer than two milliseconds, and what comes late is not kept."""
    nobody = account_rows()[-1]
    names = [f"n{number:05}" for number in range(30_000)]
    store.load(tables([nobody | {"id": name} for name in names], [], []))
    with deadline(time.monotonic() + 0.002), pytest.raises(DeadlinePassed):
        store.accounts(names)
    with deadline(time.monotonic() + 60):
        assert len(store.accounts(names)) == 30_000

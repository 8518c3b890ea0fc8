"""The sequence lock of what runs publish, against every moment at which a publication can fall into a read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linkage.queries import load, names
from linkage.stores.neo4j import seqlock as locks
from linkage.stores.neo4j.seqlock import Seqlock, is_of_runs


def _answers(*states: int, age: int = 0) -> tuple[Seqlock, list[int], list[int]]:
    """Returns a lock that is found in these states one after another, in the last for ever, and what it was asked."""
    asked: list[int] = []
    left: Iterator[int] = iter(states)

    def look() -> tuple[int, int]:
        asked.append(next(left, states[-1]))
        return asked[-1], age

    reads: list[int] = []
    return Seqlock(look), asked, reads


@pytest.mark.parametrize(
    ("states", "reads"),
    [
        ((0, 0), 1),  # nothing is published
        ((4, 6), 2),  # a publication began and ended while it read
        ((4, 5, 5, 6), 2),  # it is waited for
        ((5, 6, 6), 1),  # before the first read, too
        ((4, 5, 6, 7, 8), 3),  # one follows another
        ((4, 5, 7, 8), 2),  # the first was rolled back, and the next began before that was said
    ],
)
def test_a_read_counts_if_the_lock_was_free_and_the_same_before_and_after(states: tuple[int, ...], reads: int) -> None:
    lock, asked, seen = _answers(*states)
    assert lock.whole(lambda: seen.append(asked[-1]) or len(seen)) == reads
    assert len(seen) == reads
    assert asked[-1] == states[-1]


def test_the_next_read_asks_once() -> None:
    lock, asked, _ = _answers(2)
    assert [lock.whole(lambda: 7), lock.whole(lambda: 8)] == [7, 8]
    assert len(asked) == 3


def test_who_died_with_the_lock_held_is_not_waited_for() -> None:
    lock, asked, _ = _answers(3, age=locks.ABANDONED_SECONDS)
    assert [lock.whole(lambda: 7), lock.whole(lambda: 8)] == [7, 8]
    assert len(asked) == 3


def test_reads_of_runs_are_locked_and_others_do_not() -> None:
    through = {name for name in names() if name.startswith("serve/") and is_of_runs(name)}
    assert {"serve/list_rings", "serve/list_all_members", "serve/list_new_events", "serve/list_stays"} <= through
    assert {"serve/find_current_run", "serve/find_ring_version", "serve/list_accounts"} <= through
    assert through.isdisjoint({"serve/find_seqlock", "serve/list_uses", "serve/list_identifiers", "serve/stream_links"})
    assert all(load(name).mode.value == "read" for name in through)

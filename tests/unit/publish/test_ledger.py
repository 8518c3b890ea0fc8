"""The ring ledger: ids that last, and what is said to have happened."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from linkage.model.rings import Event
from linkage.publish import match

A, B, C = (frozenset(f"{letter}{number}" for number in range(10)) for letter in "abc")


def _first(text: frozenset[str], count: int) -> frozenset[str]:
    return frozenset(sorted(text)[:count])


def test_a_new_ring_is_formed_under_an_id_of_its_founders() -> None:
    (one,) = match([A], {}, []).found
    assert one.events == ((Event.FORMED, ""),)
    assert one.ring_id.startswith("ring-")
    assert match([A], {}, []).found == (one,)
    assert match([B], {}, []).found[0].ring_id != one.ring_id


def test_an_unchanged_ring_has_nothing_to_tell() -> None:
    ledger = match([A, B], {"r1": B, "r2": A}, ["r1", "r2"])
    assert [(entry.ring_id, entry.events) for entry in ledger.found] == [("r2", ()), ("r1", ())]
    assert ledger.ended == ()


def test_a_ring_grows_and_shrinks_under_its_id() -> None:
    grown = match([A | _first(B, 4)], {"r1": A}, ["r1"])
    assert [(entry.ring_id, entry.events) for entry in grown.found] == [("r1", ((Event.GREW, ""),))]
    shrunk = match([_first(A, 5)], {"r1": A}, ["r1"])
    assert [(entry.ring_id, entry.events) for entry in shrunk.found] == [("r1", ((Event.SHRANK, ""),))]


def test_a_small_ring_that_was_found_to_be_a_part_of_a_large_one_goes_on() -> None:
    whole = A | B | C
    assert match([whole], {"r1": _first(A, 6)}, ["r1"]).found[0].ring_id == "r1"


def test_two_rings_that_merge_leave_one_id_and_say_so() -> None:
    ledger = match([A | _first(B, 8)], {"r1": A, "r2": B}, ["r1", "r2"])
    assert [(entry.ring_id, entry.events) for entry in ledger.found] == [("r1", ((Event.GREW, ""),))]
    assert [(entry.ring_id, entry.events) for entry in ledger.ended] == [("r2", ((Event.MERGED, "r1"),))]


def test_a_ring_that_splits_keeps_its_id_in_the_larger_part() -> None:
    large, small = _first(A, 6), A - _first(A, 6)
    ledger = match([small, large], {"r1": A}, ["r1"])
    assert ledger.found[1].ring_id == "r1"
    assert ledger.found[1].events == ((Event.SHRANK, ""),)
    assert ledger.found[0].ring_id != "r1"
    assert ledger.found[0].events == ((Event.SPLIT, "r1"),)


def test_a_ring_of_which_little_is_left_dissolves() -> None:
    ledger = match([B], {"r1": A}, ["r1"])
    assert [(entry.ring_id, entry.events) for entry in ledger.ended] == [("r1", ((Event.DISSOLVED, ""),))]


def test_an_id_is_never_used_again() -> None:
    (first,) = match([A], {}, []).found
    (second,) = match([A], {}, [first.ring_id]).found
    (third,) = match([A], {}, [first.ring_id, second.ring_id]).found
    assert len({first.ring_id, second.ring_id, third.ring_id}) == 3


# rings before and after as two partitions of the same accounts; 0 is in no ring
PARTITIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@given(pairs=PARTITIONS, order=st.integers(0, 10**6))
def test_every_ring_has_one_line_whatever_the_order(pairs: list[tuple[int, int]], order: int) -> None:
    before = {
        f"r{number}": frozenset(f"x{at}" for at, (old, _) in enumerate(pairs) if old == number)
        for number in {old for old, _ in pairs} - {0}
    }
    found = [
        frozenset(f"x{at}" for at, (_, new) in enumerate(pairs) if new == number)
        for number in sorted({new for _, new in pairs} - {0})
    ]
    ledger = match(found, before, before)
    ids = [entry.ring_id for entry in ledger.found]
    ended = [entry.ring_id for entry in ledger.ended]
    assert len(ids) == len(set(ids)) == len(found)
    assert set(ended) == set(before) - set(ids)
    for members, entry in zip(found, ledger.found, strict=True):
        if entry.ring_id in before:
            old = before[entry.ring_id]
            assert 2 * len(members & old) >= min(len(members), len(old))
        else:
            assert entry.events[0][0] in (Event.FORMED, Event.SPLIT)
        assert len(entry.events) <= 1
    for entry in ledger.ended:
        ((event, other),) = entry.events
        assert event in (Event.MERGED, Event.DISSOLVED)
        assert (other in ids) == (event is Event.MERGED)
    shuffled = list(range(len(found)))
    random.Random(order).shuffle(shuffled)
    again = match([found[at] for at in shuffled], dict(reversed(before.items())), list(before))
    assert {found[at]: entry for at, entry in zip(shuffled, again.found, strict=True)} == dict(
        zip(found, ledger.found, strict=True)
    )
    assert again.ended == ledger.ended

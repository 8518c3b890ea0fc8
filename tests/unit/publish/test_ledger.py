"""The ring ledger: ids that last, and what is said to have happened."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from linkage.model.rings import Event, RingStatus
from linkage.publish.ledger import Kinship, Ledger, Past, match, no_kin

Accounts = frozenset[str]
A, B, C = (frozenset(f"{letter}{number}" for number in range(10)) for letter in "abc")
ACTIVE, DORMANT, MERGED, DISSOLVED = RingStatus


def _first(accounts: Accounts, count: int) -> Accounts:
    return frozenset(sorted(accounts)[:count])


def _past(
    members: Accounts, status: RingStatus = ACTIVE, ever: Accounts | None = None, told: int | None = None
) -> Past:
    return Past(status, members, len(members) if told is None else told, members if ever is None else ever)


def _match(
    found: Sequence[Accounts],
    before: Mapping[str, Past],
    asleep: Iterable[int] = (),
    kinship: Kinship = no_kin,
) -> Ledger:
    sleeping = set(asleep)
    return match(found, [number in sleeping for number in range(len(found))], before, kinship)


def _told(ledger: Ledger) -> dict[str, list[tuple[Event, str]]]:
    return {entry.ring_id: list(entry.events) for entry in (*ledger.found, *ledger.ended)}


def test_a_new_ring_is_formed_under_an_id_of_its_founders() -> None:
    (one,) = _match([A], {}).found
    assert one.events == ((Event.FORMED, ""),)
    assert one.ring_id.startswith("ring-")
    assert _match([A], {}).found == (one,)
    assert _match([B], {}).found[0].ring_id != one.ring_id


def test_an_unchanged_ring_has_nothing_to_tell() -> None:
    ledger = _match([A, B], {"r1": _past(B), "r2": _past(A)})
    assert [(entry.ring_id, entry.status, entry.events) for entry in ledger.found] == [
        ("r2", ACTIVE, ()),
        ("r1", ACTIVE, ()),
    ]
    assert ledger.ended == ()


def test_a_ring_grows_and_shrinks_under_its_id() -> None:
    assert _told(_match([A | _first(B, 4)], {"r1": _past(A)})) == {"r1": [(Event.GREW, "")]}
    assert _told(_match([_first(A, 5)], {"r1": _past(A)})) == {"r1": [(Event.SHRANK, "")]}


def test_accounts_that_come_and_go_are_told_once() -> None:
    without = _first(A, 9)
    assert _told(_match([A], {"r1": _past(without, ever=A)})) == {"r1": []}
    assert _told(_match([without], {"r1": _past(A, told=9)})) == {"r1": []}


def test_one_account_more_in_a_large_ring_is_not_told_until_a_twentieth_has_come() -> None:
    large = frozenset(f"x{number}" for number in range(100))
    extra = frozenset(f"y{number}" for number in range(5))
    four, five = large | _first(extra, 4), large | extra
    assert _told(_match([four], {"r1": _past(large | _first(extra, 3), ever=large, told=100)})) == {"r1": []}
    assert _told(_match([five], {"r1": _past(four, ever=large, told=100)})) == {"r1": [(Event.GREW, "")]}
    assert _told(_match([five], {"r1": _past(large)})) == {"r1": [(Event.GREW, "")]}
    assert _told(_match([five], {"r1": _past(large, ever=five, told=100)})) == {"r1": []}


def test_a_small_ring_that_was_found_to_be_a_part_of_a_large_one_goes_on() -> None:
    assert _match([A | B | C], {"r1": _past(_first(A, 6))}).found[0].ring_id == "r1"


def test_two_rings_that_merge_leave_one_id_and_say_so() -> None:
    ledger = _match([A | _first(B, 8)], {"r1": _past(A), "r2": _past(B)})
    assert _told(ledger) == {"r1": [(Event.GREW, "")], "r2": [(Event.MERGED, "r1")]}
    assert [entry.status for entry in (*ledger.found, *ledger.ended)] == [ACTIVE, MERGED]


def test_a_ring_that_splits_keeps_its_id_in_the_larger_part() -> None:
    large, small = _first(A, 6), A - _first(A, 6)
    ledger = _match([small, large], {"r1": _past(A)})
    assert ledger.found[1].ring_id == "r1"
    assert ledger.found[1].events == ((Event.SHRANK, ""),)
    assert ledger.found[0].ring_id != "r1"
    assert ledger.found[0].events == ((Event.SPLIT, "r1"),)


def test_rings_that_merged_and_part_again_have_the_ids_that_they_had() -> None:
    ledger = _match([A, B], {"r1": _past(A | B), "r2": _past(B, MERGED)})
    assert _told(ledger) == {"r1": [(Event.SHRANK, "")], "r2": [(Event.SPLIT, "r1")]}


def test_a_ring_of_which_little_is_left_dissolves() -> None:
    ledger = _match([B], {"r1": _past(A)})
    assert [(entry.ring_id, entry.status, entry.events) for entry in ledger.ended] == [
        ("r1", DISSOLVED, ((Event.DISSOLVED, ""),))
    ]


def test_a_ring_falls_asleep_once_and_wakes_under_its_id() -> None:
    asleep = _match([A], {"r1": _past(A)}, asleep=[0])
    assert _told(asleep) == {"r1": [(Event.DORMANT, "")]}
    assert asleep.found[0].status is DORMANT
    still = _match([A], {"r1": _past(A, DORMANT)}, asleep=[0])
    assert _told(still) == {"r1": []}
    awake = _match([A | _first(B, 2)], {"r1": _past(A, DORMANT)})
    assert _told(awake) == {"r1": [(Event.REVIVED, "")]}
    assert awake.found[0].status is ACTIVE


def test_a_ring_that_had_ended_comes_back_under_its_id() -> None:
    ledger = _match([_first(A, 7) | _first(B, 3)], {"r1": _past(A, DISSOLVED)})
    assert _told(ledger) == {"r1": [(Event.REVIVED, "")]}


def test_two_rings_that_had_ended_and_come_back_as_one_are_both_named() -> None:
    before = {"r1": _past(A, DISSOLVED), "r2": _past(_first(B, 6), DISSOLVED), "r3": _past(_first(B, 5), MERGED)}
    assert _told(_match([A | B], before)) == {"r1": [(Event.REVIVED, ""), (Event.REVIVED, "r2")]}


def test_a_ring_that_lives_comes_before_one_that_had_ended() -> None:
    ledger = _match([A], {"old": _past(A, DISSOLVED), "r2": _past(_first(A, 6), ever=A, told=10)})
    assert _told(ledger) == {"r2": []}


def test_a_ring_whose_accounts_are_all_others_is_known_by_what_it_uses() -> None:
    def kinship(found: Sequence[int], before: Sequence[str]) -> Iterable[tuple[int, str]]:
        assert (list(found), list(before)) == ([1], ["gone", "overnight"])
        return [(1, "overnight"), (1, "gone")]

    before = {
        "overnight": _past(B),
        "gone": _past(_first(A, 3), DISSOLVED),
        "stays": _past(A),
        "swallowed": _past(_first(A, 2)),
    }
    ledger = _match([A, C], before | {"gone": _past(frozenset({"x"}), DISSOLVED)}, kinship=kinship)
    assert _told(ledger) == {"stays": [], "overnight": [], "swallowed": [(Event.MERGED, "stays")]}
    dead = {"overnight": _past(B, DISSOLVED), "stays": _past(A), "gone": _past(frozenset({"x"}), DISSOLVED)}
    assert _told(_match([A, C], dead, kinship=kinship)) == {
        "stays": [],
        "overnight": [(Event.REVIVED, ""), (Event.REVIVED, "gone")],
    }


def test_an_id_is_never_used_again() -> None:
    (first,) = _match([A], {}).found
    gone = Past(MERGED, frozenset(), 0, frozenset())
    (second,) = _match([A], {first.ring_id: gone}).found
    (third,) = _match([A], {first.ring_id: gone, second.ring_id: gone}).found
    assert len({first.ring_id, second.ring_id, third.ring_id}) == 3


# rings before and after as two partitions of the same accounts; 0 is in no ring
PARTITIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)
STATUSES = st.lists(st.sampled_from(RingStatus), min_size=5, max_size=5)


@given(pairs=PARTITIONS, statuses=STATUSES, order=st.integers(0, 10**6))
def test_every_ring_has_one_line_whatever_the_order(
    pairs: list[tuple[int, int]], statuses: list[RingStatus], order: int
) -> None:
    before = {
        f"r{number}": _past(frozenset(f"x{at}" for at, (old, _) in enumerate(pairs) if old == number), statuses[number])
        for number in {old for old, _ in pairs} - {0}
    }
    found = [
        frozenset(f"x{at}" for at, (_, new) in enumerate(pairs) if new == number)
        for number in sorted({new for _, new in pairs} - {0})
    ]
    stood = {ring_id for ring_id, past in before.items() if past.stands}
    ledger = _match(found, before)
    ids = [entry.ring_id for entry in ledger.found]
    ended = [entry.ring_id for entry in ledger.ended]
    assert len(ids) == len(set(ids)) == len(found)
    assert set(ended) == stood - set(ids)
    for members, entry in zip(found, ledger.found, strict=True):
        if entry.ring_id in before:
            old = before[entry.ring_id].members
            assert 2 * len(members & old) >= min(len(members), len(old))
        if entry.ring_id not in stood:
            assert entry.events[0][0] in (Event.FORMED, Event.SPLIT, Event.REVIVED)
            assert (entry.events[0][0] is Event.FORMED) <= (entry.ring_id not in before)
    for entry in ledger.ended:
        ((event, other),) = entry.events
        assert event in (Event.MERGED, Event.DISSOLVED)
        assert (other in ids) == (event is Event.MERGED)
    shuffled = list(range(len(found)))
    random.Random(order).shuffle(shuffled)
    again = _match([found[at] for at in shuffled], dict(reversed(before.items())))
    assert {found[at]: entry for at, entry in zip(shuffled, again.found, strict=True)} == dict(
        zip(found, ledger.found, strict=True)
    )
    assert again.ended == ledger.ended

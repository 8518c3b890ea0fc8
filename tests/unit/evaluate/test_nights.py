"""Identity over nights and what is told of rings, by cases that are worked out by hand."""

from __future__ import annotations

import pytest

from linkage.evaluate.nights import Happening, Identity, Night, identity, told_right
from linkage.model.rings import Event


def _night(**found: str) -> Night:
    """Returns a night with fakes a1 to a4 of A and b1, b2 of B, found as given."""
    truth = {name: name[0].upper() for name in ("a1", "a2", "a3", "a4", "b1", "b2")}
    return Night(truth, found)


def test_ids_that_last_are_perfect() -> None:
    night = _night(a1="r1", a2="r1", a3="r1", a4="r1", b1="r2", b2="r2")
    assert identity([night] * 3) == Identity(6, 0, 1.0, 1.0)


def test_an_id_that_changes_is_a_switch_and_costs_its_nights() -> None:
    nights = [_night(a1="r1", a2="r1"), _night(a1="r1", a2="r1"), _night(a1="r9", a2="r9")]
    found = identity(nights)
    assert (found.ring_nights, found.switches, found.switch_rate) == (3, 1, 1 / 3)
    assert found.idf1 == pytest.approx(2 * 4 / (6 + 6))
    assert found.idf1_of_all == pytest.approx(2 * 4 / (18 + 6))


def test_a_ring_that_was_not_found_for_a_night_is_no_switch_if_it_has_its_id_again() -> None:
    nights = [_night(a1="r1"), _night(), _night(a1="r1")]
    assert identity(nights) == Identity(2, 0, 1.0, 2 * 2 / (18 + 2))


def test_two_rings_under_one_id_are_one_identity() -> None:
    found = identity([_night(a1="r1", a2="r1", a3="r1", a4="r1", b1="r1", b2="r1")])
    assert found.switches == 0
    assert found.idf1 == pytest.approx(2 * 4 / (6 + 6))


def test_pieces_of_one_ring_are_no_switch_while_the_larger_one_keeps_its_id() -> None:
    nights = [_night(a1="r1", a2="r1", a3="r2", a4="r2"), _night(a1="r1", a2="r1", a3="r2", a4="r2")]
    assert identity(nights).switches == 0
    assert identity(nights).idf1 == pytest.approx(2 * 4 / (8 + 8))


def test_innocents_in_a_ring_count_against_it() -> None:
    found = identity([_night(a1="r1", a2="r1", x="r1", y="r1")])
    assert found.idf1 == pytest.approx(2 * 2 / (2 + 4))


def test_nothing_found_is_no_identity() -> None:
    assert identity([]) == Identity(0, 0, None, None)
    assert identity([_night()]) == Identity(0, 0, None, 0.0)


A, B, C = (frozenset(f"{letter}{number}" for number in range(4)) for letter in "abc")
MERGE = Happening(Event.MERGED, 3, (A, B))


@pytest.mark.parametrize(
    ("told", "right"),
    [
        (Happening(Event.MERGED, 3, (A, B)), True),
        (Happening(Event.MERGED, 5, (B, A)), True),
        (Happening(Event.MERGED, 3, (A | {"x", "y"}, frozenset({"b0", "x"}))), True),
        (Happening(Event.MERGED, 2, (A, B)), False),
        (Happening(Event.MERGED, 6, (A, B)), False),
        (Happening(Event.MERGED, 3, (A, C)), False),
        (Happening(Event.MERGED, 3, (A, A)), False),
        (Happening(Event.SPLIT, 3, (A, B)), None),
        (Happening(Event.MERGED, 3, (A,)), False),
        (Happening(Event.MERGED, 3, (A, frozenset())), False),
    ],
)
def test_what_is_told_is_right_in_time_and_of_the_same_accounts(told: Happening, right: bool | None) -> None:
    found = told_right([MERGE], [told], Event.MERGED, patience=2)
    assert found.recall == float(bool(right))
    assert found.precision == (None if right is None else float(right))


def test_each_is_matched_once() -> None:
    found = told_right([MERGE], [MERGE, MERGE], Event.MERGED, patience=2)
    assert (found.precision, found.recall) == (0.5, 1.0)
    assert told_right([], [], Event.MERGED, patience=2).precision is None

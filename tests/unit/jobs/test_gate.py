"""The sanity gate: what is usual, on the first nights and later."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.jobs.night.gate import CHURN, ENOUGH, MEMBERS, REJECTS, RINGS, ROWS, Count, Gate

GATE = Gate(6.0)
THINGS = Count("things", 0)


def test_the_first_run_is_usual() -> None:
    assert GATE.count(RINGS, 10_000, []) is None
    assert GATE.share(CHURN, 0.4, 1000, []) is None


def test_nights_without_any_tell_nothing() -> None:
    assert GATE.count(MEMBERS, 5000, [0.0] * 20) is None
    assert GATE.count(MEMBERS, 0, [0.0] * 20) is None


@pytest.mark.parametrize("value", [3, 60, 100, 380])
def test_early_counts_may_grow_and_shrink_a_lot(value: int) -> None:
    assert GATE.count(RINGS, value, [90, 100, 10]) is None
    assert GATE.count(RINGS, 381, [90]) is not None
    assert GATE.count(RINGS, 100, [1000]) is not None


def test_a_count_far_from_the_median_is_refused_with_figures() -> None:
    before = [1000, 1010, 990, 1005, 995, 1000]
    assert GATE.count(THINGS, 1500, before) is None
    assert GATE.count(THINGS, 1700, before) == (
        "things: 1,700, usual are 400 to 1,600 (median 1,000 of the last 6 runs)"
    )
    assert GATE.count(THINGS, 300, before) is not None


def test_what_varied_before_may_vary_more_but_not_vanish() -> None:
    before = [500, 1500, 700, 1300, 1000]
    assert GATE.count(THINGS, 2700, before) is None
    assert GATE.count(THINGS, 50, before) is None
    assert GATE.count(THINGS, 49, before) is not None


def test_few_of_anything_are_never_odd() -> None:
    assert GATE.count(RINGS, 0, [15] * 9) is None
    assert GATE.count(RINGS, 35, [15] * 9) is None
    assert GATE.count(RINGS, 39, [15] * 9) is not None
    assert GATE.count(ROWS, 0, [20_000] * 9) is not None


def test_single_bad_nights_do_not_move_the_range() -> None:
    usual = [1000.0 + number for number in range(20)]
    for bad in ([10.0] * 4, [1e9] * 4):
        assert GATE.count(THINGS, 1010, usual + bad) is None
        assert GATE.count(THINGS, 5000, usual + bad) is not None


def test_after_a_night_that_was_forced_both_its_level_and_the_old_one_are_usual() -> None:
    before = [10_000.0, *[1000.0] * 20]
    assert GATE.count(THINGS, 9000, before) is None
    assert GATE.count(THINGS, 1000, before) is None
    assert GATE.count(THINGS, 50_000, before) is not None


@pytest.mark.parametrize("rate", [1.05, 1.3])
def test_steady_growth_passes_every_night(rate: float) -> None:
    counts = [round(100 * rate**night) for night in range(60)]
    for night in range(1, 60):
        assert GATE.count(THINGS, counts[night], counts[max(0, night - 28) : night][::-1]) is None


def test_independent_counts_pass() -> None:
    chance = random.Random(1)
    for mean in (5, 50):
        values = [sum(chance.random() < mean / 1000 for _ in range(1000)) for _ in range(200)]
        refused = [night for night in range(28, 200) if GATE.count(RINGS, values[night], values[night - 28 : night])]
        assert refused == []


def test_shares_have_an_upper_end_alone() -> None:
    assert GATE.share(REJECTS, 0.19, 1000, [0.0]) is None
    assert GATE.share(REJECTS, 0.21, 1000, []) == "rejected rows, as a share of all: 21.0%, usual is up to 20.0%"
    settled = [0.001] * ENOUGH
    assert GATE.share(REJECTS, 0.0, 10_000, [0.1] * ENOUGH) is None
    assert GATE.share(REJECTS, 0.03, 10_000, settled) is None
    assert GATE.share(REJECTS, 0.04, 10_000, settled) is not None
    assert GATE.share(REJECTS, 0.9, 100, settled) is None


def test_a_gate_without_width_is_open() -> None:
    assert Gate(0).count(RINGS, 0, [1000] * 9) is None
    assert Gate(0).share(REJECTS, 1.0, 1e6, [0.0] * 9) is None


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40), st.floats(0.1, 20))
def test_the_last_value_always_passes(before: list[int], width: float) -> None:
    assert Gate(width).count(THINGS, before[0], before) is None


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=ENOUGH, max_size=40))
def test_a_wider_gate_refuses_less(value: int, before: list[int]) -> None:
    refused = [Gate(width).count(ROWS, value, before) is not None for width in (1.0, 3.0, 9.0)]
    assert refused == sorted(refused, reverse=True)

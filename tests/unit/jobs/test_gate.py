"""The sanity gate: what is usual, on the first nights and later."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.jobs.night.gate import CHURN, ENOUGH, REJECTS, Gate

GATE = Gate(6.0)


def test_the_first_run_is_usual() -> None:
    assert GATE.count("rings", 10_000, []) is None
    assert GATE.share(CHURN, 0.4, []) is None


@pytest.mark.parametrize("value", [3, 60, 100, 380])
def test_early_counts_may_grow_and_shrink_a_lot(value: int) -> None:
    assert GATE.count("rings", value, [10, 100, 90]) is None
    assert GATE.count("rings", 381, [90]) is not None
    assert GATE.count("rings", 100, [1000]) is not None


def test_a_count_far_from_the_median_is_refused_with_figures() -> None:
    before = [1000, 1010, 990, 1005, 995, 1000]
    assert GATE.count("rows", 1500, before) is None
    assert GATE.count("rows", 1700, before) == ("rows: 1,700, usual are 400 to 1,600 (median 1,000 of the last 6 runs)")
    assert GATE.count("rows", 300, before) is not None


def test_what_varied_before_may_vary_more() -> None:
    before = [500, 1500, 700, 1300, 1000]
    assert GATE.count("rows", 2700, before) is None
    assert GATE.count("rows", 100, before) is None
    assert GATE.count("rows", 99, before) is not None
    assert GATE.count("rows", 0, [5, 15, 7, 13, 10]) is None


def test_single_bad_nights_do_not_move_the_range() -> None:
    usual = [1000.0 + number for number in range(20)]
    for bad in ([0.0] * 4, [1e9] * 4):
        assert GATE.count("rows", 1010, usual + bad) is None
        assert GATE.count("rows", 5000, usual + bad) is not None


def test_steady_growth_passes_every_night() -> None:
    counts = [round(100 * 1.05**night) for night in range(60)]
    for night in range(1, 60):
        assert GATE.count("rings", counts[night], counts[max(0, night - 28) : night]) is None


def test_independent_counts_pass() -> None:
    chance = random.Random(1)
    for mean in (0.5, 5, 50):
        values = [sum(chance.random() < mean / 1000 for _ in range(1000)) for _ in range(200)]
        refused = [night for night in range(28, 200) if GATE.count("rings", values[night], values[night - 28 : night])]
        assert refused == []


def test_shares_have_an_upper_end_alone() -> None:
    assert GATE.share(REJECTS, 0.19, [0.0]) is None
    assert GATE.share(REJECTS, 0.21, []) == "rejected rows, as a share of all: 21.0%, usual is up to 20.0%"
    settled = [0.001] * ENOUGH
    assert GATE.share(REJECTS, 0.0, [0.1] * ENOUGH) is None
    assert GATE.share(REJECTS, 0.03, settled) is None
    assert GATE.share(REJECTS, 0.04, settled) is not None


def test_a_gate_without_width_is_open() -> None:
    assert Gate(0).count("rows", 0, [1000] * 9) is None
    assert Gate(0).share(REJECTS, 1.0, [0.0] * 9) is None


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.floats(0.1, 20))
def test_the_median_itself_always_passes(before: list[int], width: float) -> None:
    middle = sorted(before)[len(before) // 2]
    if len(before) % 2:
        assert Gate(width).count("rows", middle, before) is None


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=ENOUGH, max_size=40))
def test_a_wider_gate_refuses_less(value: int, before: list[int]) -> None:
    refused = [Gate(width).count("rows", value, before) is not None for width in (1.0, 3.0, 9.0)]
    assert refused == sorted(refused, reverse=True)

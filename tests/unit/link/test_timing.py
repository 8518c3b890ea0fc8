"""Timing against docs/model.md written out slowly."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.link.timing import coincidences, timing_millibits
from linkage.model.weights import TIMING_SCALES, timing_bits

DAY = 1440
LIVES = st.builds(
    lambda first, minutes: sorted({first * DAY + minute for minute in minutes}),
    st.integers(0, 3),
    st.lists(st.integers(0, 4 * DAY), max_size=25),
)


def _minutes(values: list[int]) -> np.ndarray:
    return np.array(values, np.int32)


@settings(deadline=None, max_examples=150)
@given(one=LIVES, two=LIVES, common=LIVES)
def test_bits_equal_the_slow_version(one: list[int], two: list[int], common: list[int]) -> None:
    a, b = sorted({*one, *common}), sorted({*two, *(minute + 1 for minute in common)})
    found = timing_millibits(_minutes(a), _minutes(b))
    assert found / 1000 == pytest.approx(oracle.timing_bits(a, b), abs=0.0011)
    assert found == timing_millibits(_minutes(b), _minutes(a))
    if len(a) >= 3 and len(b) >= 3:
        best = max(timing_bits(*coincidences(_minutes(a), _minutes(b), scale)) for scale in TIMING_SCALES)
        assert found / 1000 == pytest.approx(best, abs=0.0011)


def test_a_common_script_is_evidence_and_a_common_rhythm_is_not() -> None:
    rhythm = [day * DAY + 9 * 60 + 7 * day % 60 for day in range(30)]
    other = [day * DAY + 9 * 60 + 23 * day % 60 for day in range(30)]
    assert timing_millibits(_minutes(rhythm), _minutes(other)) < 3000
    script = sorted(day * DAY + day * 211 % DAY for day in range(30))
    late = [minute + 1 for minute in script]
    assert timing_millibits(_minutes(script), _minutes(late)) > 30_000


def test_lives_that_do_not_meet_are_no_evidence() -> None:
    early, late = list(range(0, DAY, 60)), list(range(2 * DAY, 3 * DAY, 60))
    assert coincidences(_minutes(early), _minutes(late), 10) == (0, 0.0)
    assert timing_millibits(_minutes(early), _minutes([])) == 0

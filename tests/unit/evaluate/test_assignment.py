"""The one-to-one assignment against scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from linkage.evaluate.assignment import best_assignment


@settings(deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_total_is_the_largest(rows, columns, seed):
    gains = np.random.default_rng(seed).integers(0, 20, (rows, columns)).astype(float)
    pairs = best_assignment(gains)
    theirs = gains[linear_sum_assignment(gains, maximize=True)].sum()
    assert sum(gains[r, c] for r, c in pairs) == pytest.approx(theirs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs) == min(rows, columns)


def test_nothing_to_assign():
    assert best_assignment(np.zeros((0, 3))) == []

"""The set of keys against Python's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.kernels.keyset import KeySet

batches = st.lists(st.lists(st.integers(1, 40) | st.integers(1, (1 << 64) - 1), max_size=30), max_size=6)


@settings(deadline=None)  # the first call compiles
@given(batches)
def test_same_as_a_set(rows: list[list[int]]) -> None:
    keys, seen = KeySet(), set[int]()
    for batch in rows:
        fresh = []
        for value in batch:
            fresh.append(value not in seen)
            seen.add(value)
        assert keys.add(np.array(batch, np.uint64)).tolist() == fresh
        assert len(keys) == len(seen)


def test_it_grows_over_many_batches() -> None:
    keys = KeySet()
    values = np.random.default_rng(1).integers(1, 1 << 63, 50_000, np.uint64)
    for batch in np.array_split(values, 7):
        assert keys.add(batch).all()
    assert not keys.add(values).any()
    assert len(keys) == 50_000


def test_the_hash_zero_is_a_key() -> None:
    keys = KeySet()
    assert keys.add(np.zeros(2, np.uint64)).tolist() == [True, False]

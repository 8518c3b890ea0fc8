"""Hashes spread evenly, and groups add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.simulate.randomness import below, crews, fraction, mix, stream, zipf


def splitmix64(state):
    """The generator's published step, on Python's whole numbers."""
    word = (1 << 64) - 1
    z = (state + 0x9E3779B97F4A7C15) & word
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & word
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & word
    return z ^ (z >> 31)


@given(st.integers(0, 2**64 - 1))
def test_one_part_is_splitmix64(number):
    assert int(mix(np.array([number], dtype=np.uint64))[0]) == splitmix64(number)


def test_the_generator_gives_its_published_first_number():
    assert splitmix64(1234567) == 6457827717110365317


def test_hashes_are_even_and_depend_on_every_part():
    hashes = mix(1, np.arange(200_000), "salt")
    assert len(np.unique(hashes)) == 200_000
    assert np.bincount(below(hashes, 10)) == pytest.approx(20_000, rel=0.03)
    assert fraction(hashes).mean() == pytest.approx(0.5, abs=0.005)
    assert not np.intersect1d(hashes, mix(2, np.arange(200_000), "salt")).size
    assert not np.intersect1d(hashes, mix(1, np.arange(200_000), "other")).size


def test_streams_are_repeatable_and_apart():
    assert stream(3, "a", 1).random() == stream(3, "a", 1).random()
    assert stream(3, "a", 1).random() != stream(3, "a", 2).random()


@given(st.integers(0, 5000), st.integers(0, 99), st.floats(3, 200), st.floats(0.1, 1.2))
def test_crews_add_up_and_keep_their_bounds(total, seed, middle, spread):
    sizes = crews(np.random.default_rng(seed), total, 5, 400, middle, spread)
    assert sizes.sum() == total
    if len(sizes) > 1:
        assert sizes.min() >= 5
        assert sizes.max() < 405


def test_zipf_falls_with_rank():
    counts = np.bincount(zipf(np.random.default_rng(0), 50, 100_000), minlength=50)
    assert counts[0] == pytest.approx(2 * counts[1], rel=0.1)
    assert counts[-1] > 0

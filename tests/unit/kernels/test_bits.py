"""Bits of words, and masks of a bit each."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from linkage.kernels.bits import count_bits, is_set, lowest_bit, packed


@numba.njit
def _told(words: Any) -> Any:
    out = np.empty((len(words), 2), np.int64)
    for at in range(len(words)):
        out[at, 0], out[at, 1] = count_bits(words[at]), lowest_bit(words[at])
    return out


@numba.njit
def _unpacked(bits: Any, size: int) -> Any:
    out = np.empty(size, np.bool_)
    for at in range(size):
        out[at] = is_set(bits, at)
    return out


def test_words_are_counted_and_their_lowest_bit_found() -> None:
    chance = np.random.default_rng(1)
    words = chance.integers(1, 1 << 63, 500, dtype=np.uint64) << chance.integers(0, 40, 500, dtype=np.uint64)
    words = np.append(words[words > 0], np.array([1, 1 << 63, (1 << 64) - 1], np.uint64))
    found = _told(words)
    assert found[:, 0].tolist() == [int(word).bit_count() for word in words]
    assert found[:, 1].tolist() == [(int(word) & -int(word)).bit_length() - 1 for word in words]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1000])
def test_a_packed_mask_holds_what_it_was_made_of(size: int) -> None:
    mask = np.random.default_rng(size).random(size) < 0.3
    assert np.array_equal(_unpacked(packed(mask), size), mask)

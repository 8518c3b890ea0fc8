"""Bits of a word."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

_SEQUENCE = np.uint64(0x022FDD63CC95386D)
_PLACES = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACES[((int(_SEQUENCE) << _bit) & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit


@numba.njit(inline="always")
def lowest_bit(word: Any) -> Any:
    """Returns the number of the lowest bit that is set, by a de Bruijn sequence; the word is not 0."""
    return _PLACES[((word & (~word + np.uint64(1))) * _SEQUENCE) >> np.uint64(58)]


_FIVES, _THREES = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_FS, _ONES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@numba.njit(inline="always")
def count_bits(word: Any) -> Any:
    """Returns how many bits are set (Warren 2012, Hacker's Delight, 5-1)."""
    pairs = word - ((word >> np.uint64(1)) & _FIVES)
    fours = (pairs & _THREES) + ((pairs >> np.uint64(2)) & _THREES)
    eights = (fours + (fours >> np.uint64(4))) & _FS
    return np.int64((eights * _ONES) >> np.uint64(56))


def packed(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Returns a mask as bits, eight to a byte: a million of them fit into a cache, as bytes or numbers do not."""
    return np.packbits(mask, bitorder="little")


@numba.njit(inline="always")
def is_set(bits: Any, at: int) -> Any:
    """Returns whether a bit of a packed mask is set."""
    return (bits[at >> 3] >> np.uint8(at & 7)) & np.uint8(1) != 0

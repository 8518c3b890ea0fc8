"""Bits of a word."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_SEQUENCE = np.uint64(0x022FDD63CC95386D)
_PLACES = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACES[((int(_SEQUENCE) << _bit) & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit


@numba.njit(inline="always")
def lowest_bit(word: Any) -> Any:
    """Returns the number of the lowest bit that is set, by a de Bruijn sequence; the word is not 0."""
    return _PLACES[((word & (~word + np.uint64(1))) * _SEQUENCE) >> np.uint64(58)]

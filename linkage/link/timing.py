"""Timing evidence of a pair: session starts that coincide, against a null of both accounts' own rhythms."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.model.weights import LEAST_COINCIDENCES, TIMING_SCALES

_DAY = 1440
_CHARGE = float(np.log2(len(TIMING_SCALES)))
_LN2 = float(np.log(2.0))
_FINE, _COARSE = TIMING_SCALES


@numba.njit(cache=True, nogil=True)
def coincidences(a: Any, b: Any, scale: int) -> Any:
    """Returns k, the windows of `scale` minutes in which both start a session, and the expected number μ.

    `a`, `b`: minutes of session starts, ascending. Only the days on which both live count.
    """
    if len(a) == 0 or len(b) == 0:
        return 0, 0.0
    first = max(a[0] // _DAY, b[0] // _DAY)
    last = min(a[-1] // _DAY, b[-1] // _DAY)
    if last < first:
        return 0, 0.0
    in_a, in_b = np.zeros(24, np.float64), np.zeros(24, np.float64)
    low, high = first * _DAY, (last + 1) * _DAY
    common = 0
    i, j = np.searchsorted(a, low), np.searchsorted(b, low)
    end_a, end_b = np.searchsorted(a, high), np.searchsorted(b, high)
    while i < end_a or j < end_b:
        next_a = a[i] // scale if i < end_a else high
        next_b = b[j] // scale if j < end_b else high
        window = min(next_a, next_b)
        hour = (window * scale // 60) % 24
        if next_a == window:
            in_a[hour] += 1
            while i < end_a and a[i] // scale == window:
                i += 1
        if next_b == window:
            in_b[hour] += 1
            while j < end_b and b[j] // scale == window:
                j += 1
        if next_a == next_b:
            common += 1
    expected = 0.0
    for hour in range(24):
        expected += in_a[hour] * in_b[hour]
    return common, expected / ((last - first + 1) * (60 // scale))


@numba.njit(cache=True, nogil=True)
def _rarely(a: Any, b: Any, scale: int) -> bool:
    """Whether two accounts start sessions in too few common windows to be evidence."""
    i, j, common, last = 0, 0, 0, -1
    while i < len(a) and j < len(b):
        one, two = a[i] // scale, b[j] // scale
        if one == two:
            if one != last:
                common += 1
                if common >= LEAST_COINCIDENCES:
                    return False
                last = one
            i += 1
            j += 1
        elif one < two:
            i += 1
        else:
            j += 1
    return True


@numba.njit(cache=True, nogil=True)
def _ratio(common: int, expected: float) -> float:
    if common < LEAST_COINCIDENCES or common <= expected or expected <= 0.0:
        return 0.0
    return float((common * np.log(common / expected) - (common - expected)) / _LN2 - _CHARGE)


@numba.njit(cache=True, nogil=True)
def timing_millibits(a: Any, b: Any) -> int:
    """Returns the millibits of timing before the cap: the best of the scales."""
    if len(a) < LEAST_COINCIDENCES or len(b) < LEAST_COINCIDENCES:
        return 0
    if _rarely(a, b, _COARSE) and _rarely(a, b, _FINE):  # as for nearly all pairs, and much cheaper to see
        return 0
    common, expected = coincidences(a, b, _COARSE)
    best = _ratio(common, expected)
    common, expected = coincidences(a, b, _FINE)
    best = max(best, _ratio(common, expected))
    return int(np.rint(1000.0 * max(best, 0.0)))

"""When two linked accounts first and last shared infrastructure, to the day: every link has some."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit
from linkage.model.columns import LinkColumns
from linkage.model.kinds import KINDS
from linkage.working.incidence import Incidence

_WINDOWED = np.array([kind.windowed for kind in KINDS])
_DAY = 1440


def shared_minutes(incidence: Incidence, pairs: LinkColumns) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Returns for each pair the first and last minute of the days on which they shared infrastructure or profile.

    A windowed thing is shared on the days on which both used it, any other from the day on which the
    second of them used it until the last use of either; -1 where the facts give no time.
    """
    first, last = _minutes(
        pairs.a,
        pairs.b,
        incidence.of_account,
        incidence.of_content,
        incidence.thing,
        incidence.block,
        incidence.days,
        incidence.kind,
    )
    return first, last


@numba.njit(cache=True, nogil=True)
def _highest(mask: Any) -> int:
    """Returns the place of the highest bit that is set, by halving."""
    place = 0
    for width in (32, 16, 8, 4, 2, 1):
        if mask >> np.uint64(width):
            mask >>= np.uint64(width)
            place += width
    return place


@numba.njit(cache=True, nogil=True)
def _widen(first: Any, last: Any, block: Any, mask: Any) -> Any:
    """Returns the first and last day with those of a block's mask taken in; last < first stands for none."""
    if block < 0 or not mask:
        return first, last
    base = np.int64(block) * 64
    low, high = base + lowest_bit(mask), base + _highest(mask)
    if last < first:
        return low, high
    return min(first, low), max(last, high)


@numba.njit(cache=True, nogil=True)
def _extent(block: Any, days: Any, begin: Any, end: Any) -> Any:
    """Returns the first and last day of use in rows of one thing; (0, -1) where none is known."""
    first, last = np.int64(0), np.int64(-1)
    for at in range(begin, end):
        first, last = _widen(first, last, block[at], days[at])
    return first, last


@numba.njit(cache=True, nogil=True)
def common_days(block: Any, days: Any, i: int, end_i: int, j: int, end_j: int) -> Any:
    first, last = np.int64(0), np.int64(-1)
    for one in range(i, end_i):
        for two in range(j, end_j):
            if block[one] == block[two]:
                first, last = _widen(first, last, block[one], days[one] & days[two])
    return first, last


@numba.njit(cache=True, nogil=True)
def _minutes(a: Any, b: Any, bounds: Any, ends: Any, thing: Any, block: Any, days: Any, kind: Any) -> Any:  # noqa: C901 - one merge of two lists
    firsts, lasts = np.full(len(a), -1, np.int32), np.full(len(a), -1, np.int32)
    for pair in range(len(a)):
        i, end_a = bounds[a[pair]], ends[a[pair]]
        j, end_b = bounds[b[pair]], ends[b[pair]]
        while i < end_a and j < end_b:
            if thing[i] != thing[j]:
                if thing[i] < thing[j]:
                    i += 1
                else:
                    j += 1
                continue
            end_i, end_j = i, j
            while end_i < end_a and thing[end_i] == thing[i]:
                end_i += 1
            while end_j < end_b and thing[end_j] == thing[j]:
                end_j += 1
            if _WINDOWED[kind[thing[i]]]:
                first, last = common_days(block, days, i, end_i, j, end_j)
            else:
                first_a, last_a = _extent(block, days, i, end_i)
                first_b, last_b = _extent(block, days, j, end_j)
                first, last = max(first_a, first_b), max(last_a, last_b)
                if last_a < first_a or last_b < first_b:
                    last = first - 1
            if last >= first:
                if firsts[pair] < 0 or first * _DAY < firsts[pair]:
                    firsts[pair] = first * _DAY
                lasts[pair] = max(lasts[pair], last * _DAY)
            i, j = end_i, end_j
    return firsts, lasts

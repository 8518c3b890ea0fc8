"""When two linked accounts first and last shared infrastructure, to the day: every link has some."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit
from linkage.link.shared import SIEVE, maybe, note
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


@numba.njit(inline="always")
def _shared_days(windowed: bool, block: Any, days: Any, i: int, end_i: int, j: int, end_j: int) -> Any:
    """Returns the first and last day on which rows of one thing were shared; last < first stands for none."""
    if windowed:
        return common_days(block, days, i, end_i, j, end_j)
    first_a, last_a = _extent(block, days, i, end_i)
    first_b, last_b = _extent(block, days, j, end_j)
    first = max(first_a, first_b)
    return first, first - 1 if last_a < first_a or last_b < first_b else max(last_a, last_b)


@numba.njit(inline="always")
def _end(thing: Any, begin: int, end: int) -> int:
    """Returns the row behind the last one of the thing in row `begin`."""
    at = begin + 1
    while at < end and thing[at] == thing[begin]:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _minutes(a: Any, b: Any, bounds: Any, ends: Any, thing: Any, block: Any, days: Any, kind: Any) -> Any:
    """Pairs come by `a`, whose things are marked with their rows once."""
    firsts, lasts = np.full(len(a), -1, np.int32), np.full(len(a), -1, np.int32)
    row_of, sieve, marked = np.full(len(kind), -1, np.int64), np.zeros(SIEVE >> 6, np.uint64), -1
    for pair in range(len(a)):
        begin, end = bounds[a[pair]], ends[a[pair]]
        if a[pair] != marked:
            marked = a[pair]
            sieve[:] = 0
            i = begin
            while i < end:
                row_of[thing[i]] = i
                note(thing[i], sieve)
                i = _end(thing, i, end)
        j, end_b = bounds[b[pair]], ends[b[pair]]
        while j < end_b:
            one, from_b = thing[j], j
            j = _end(thing, j, end_b)
            if not maybe(one, sieve) or not begin <= row_of[one] < end:
                continue
            i = row_of[one]
            first, last = _shared_days(_WINDOWED[kind[one]], block, days, i, _end(thing, i, end), from_b, j)
            if last >= first:
                if firsts[pair] < 0 or first * _DAY < firsts[pair]:
                    firsts[pair] = first * _DAY
                lasts[pair] = max(lasts[pair], last * _DAY)
    return firsts, lasts

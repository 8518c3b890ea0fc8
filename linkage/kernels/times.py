"""Parse of times in text, ISO 8601 as data are written with it, to microseconds since 1970, UTC.

`2026-11-24`, `2026-11-24T02:13`, `2026-11-24 02:13:00.123456789+01:00`, `2026-11-24 02:13:00 UTC`.
UTC where no zone is given; digits beyond the microsecond are cut off; a leap second is not taken.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers

NO_TIME = -(1 << 63)
"""Stands for a null and for text that is not a time."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse_times(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Returns microseconds since 1970-01-01 UTC for each row of text, `NO_TIME` where it is not a time."""
    return np.asarray(_parse(tuple(string_buffers(array))))


@numba.njit(inline="always")
def _digits(data: Any, at: Any, end: Any, count: int) -> Any:
    """The number made by this many digits, or -1."""
    if at + count > end:
        return -1
    value = 0
    for place in range(at, at + count):
        digit: Any = np.int64(data[place]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@numba.njit(inline="always")
def _days(year: Any, month: Any, day: Any) -> Any:
    """Days from 1970-01-01 in the Gregorian calendar (Hinnant, «chrono-compatible date algorithms»)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@numba.njit(cache=True, nogil=True)
def _date(data: Any, at: Any, end: Any) -> Any:
    """Days since 1970 of `YYYY-MM-DD`, or NO_TIME."""
    year, month, day = _digits(data, at, end, 4), _digits(data, at + 5, end, 2), _digits(data, at + 8, end, 2)
    if year < 0 or month < 1 or month > 12 or day < 1 or data[at + 4] != 45 or data[at + 7] != 45:
        return NO_TIME
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _LENGTHS[month - 1] + (leap and month == 2):
        return NO_TIME
    return _days(year, month, day)


@numba.njit(cache=True, nogil=True)
def _fraction(data: Any, at: Any, end: Any) -> Any:
    """Microseconds of the digits here, and where they end (-1: there is no digit)."""
    start, scale = at, 100_000
    value: Any = 0
    while at < end and 48 <= data[at] <= 57:
        value += (np.int64(data[at]) - 48) * scale
        scale //= 10
        at += 1
    return value, at if at > start else -1


@numba.njit(cache=True, nogil=True)
def _clock(data: Any, at: Any, end: Any) -> Any:
    """Microseconds of the day of `HH:MM[:SS[.fff]]`, and where it ends (-1: it is not a time of day)."""
    hour, minute = _digits(data, at, end, 2), _digits(data, at + 3, end, 2)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or data[at + 2] != 58:
        return 0, -1
    micros = (hour * 3600 + minute * 60) * _SECOND
    at += 5
    if at == end or data[at] != 58:
        return micros, at
    second = _digits(data, at + 1, end, 2)
    if second < 0 or second > 59:
        return 0, -1
    micros += second * _SECOND
    at += 3
    if at < end and (data[at] == 46 or data[at] == 44):
        fraction, at = _fraction(data, at + 1, end)
        micros += fraction
    return micros, at


@numba.njit(cache=True, nogil=True)
def _zone(data: Any, at: Any, end: Any) -> Any:
    """Microseconds east of UTC of `Z`, ` UTC`, `+HH`, `+HHMM` or `+HH:MM`, or NO_TIME."""
    if at < end and data[at] == 32:
        at += 1
    left = end - at
    if left == 1:
        return 0 if data[at] | 32 == 122 else NO_TIME
    if left == 3 and data[at] == 85 and data[at + 1] == 84 and data[at + 2] == 67:
        return 0
    colon = 1 if left == 6 and data[at + 3] == 58 else 0
    hour, minute = _digits(data, at + 1, end, 2), 0
    if left > 3:
        minute = _digits(data, at + 3 + colon, end, 2)
    if (left != 3 and left != 5 + colon) or hour < 0 or hour > 23 or minute < 0 or minute > 59:
        return NO_TIME
    offset = (hour * 3600 + minute * 60) * _SECOND
    if data[at] == 45:
        return -offset
    return offset if data[at] == 43 else NO_TIME


@numba.njit(cache=True, nogil=True)
def _time(data: Any, at: Any, end: Any) -> Any:
    days = _date(data, at, end) if end - at >= 10 else NO_TIME
    if days == NO_TIME or end - at == 10:
        return days if days == NO_TIME else days * _DAY
    if data[at + 10] | 32 != 116 and data[at + 10] != 32:
        return NO_TIME
    micros, after = _clock(data, at + 11, end)
    if after < 0:
        return NO_TIME
    offset = 0 if after == end else _zone(data, after, end)
    return NO_TIME if offset == NO_TIME else days * _DAY + micros - offset


@numba.njit(cache=True, nogil=True)
def _parse(text: Any) -> Any:
    data, offsets, valid, shift = text
    out = np.full(len(offsets) - 1, NO_TIME, np.int64)
    has_nulls = len(valid) > 0
    for row in range(len(out)):
        bit = row + shift
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            continue
        out[row] = _time(data, offsets[row], offsets[row + 1])
    return out

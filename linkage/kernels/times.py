"""Parse of times in text, ISO 8601, to microseconds since 1970, UTC.

`2026-11-24`, `2026-11-24T02:13`, `2026-11-24 02:13:00.123456789+01:00`, `2026-11-24 02:13:00 UTC`; and, on a second
look, what data are seldom written with: no marks (`20261124T021300Z`), hours alone (`2026-11-24T02`), the end of a
day (`24:00`), weeks (`2026-W48-2`) and days of the year (`2026-328`). UTC where no zone is given; digits beyond the
microsecond are cut off; a leap second, the last of a day in UTC, is the first moment after it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers
from linkage.kernels.dates import NO_TIME, any_date, date, digits, span

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def parse_times(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Returns microseconds since 1970-01-01 UTC for each row of text, `NO_TIME` where it is not a time."""
    return np.asarray(_parse(tuple(string_buffers(array))))


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
    hour, minute = digits(data, at, end, 2), digits(data, at + 3, end, 2)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or data[at + 2] != 58:
        return 0, -1
    micros = (hour * 3600 + minute * 60) * _SECOND
    at += 5
    if at == end or data[at] != 58:
        return micros, at
    second = digits(data, at + 1, end, 2)
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
    hour, minute = digits(data, at + 1, end, 2), 0
    if left > 3:
        minute = digits(data, at + 3 + colon, end, 2)
    if (left != 3 and left != 5 + colon) or hour < 0 or hour > 23 or minute < 0 or minute > 59:
        return NO_TIME
    offset = (hour * 3600 + minute * 60) * _SECOND
    if data[at] == 45:
        return -offset
    return offset if data[at] == 43 else NO_TIME


@numba.njit(cache=True, nogil=True)
def _time(data: Any, at: Any, end: Any) -> Any:
    days = date(data, at, end) if end - at >= 10 else NO_TIME
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
def _any_clock(data: Any, at: Any, end: Any) -> Any:
    """Microseconds of the day of hours alone, with minutes or seconds, where they end (-1: no), and if it is :60."""
    hour, minute, second = digits(data, at, end, 2), 0, 0
    fraction: Any = 0
    at += 2
    mark = 1 if at < end and data[at] == 58 else 0
    if mark or span(data, at, end) > 0:
        minute = digits(data, at + mark, end, 2)
        at += 2 + mark
        if (at < end and data[at] == 58) if mark else span(data, at, end) > 0:
            second = digits(data, at + mark, end, 2)
            at += 2 + mark
            if at < end and (data[at] == 46 or data[at] == 44):
                fraction, at = _fraction(data, at + 1, end)
    micros = (hour * 3600 + minute * 60 + second) * _SECOND + fraction
    wrong = hour < 0 or minute < 0 or second < 0 or minute > 59 or second > 60
    if wrong or hour > 24 or (hour == 24 and micros > _DAY):
        return 0, -1, False
    return micros, at, second == 60


@numba.njit(cache=True, nogil=True)
def _any_time(data: Any, at: Any, end: Any) -> Any:
    """The second look: what is written in another form than most."""
    days, at = any_date(data, at, end)
    if days == NO_TIME or at == end:
        return days if days == NO_TIME else days * _DAY
    if data[at] | 32 != 116 and data[at] != 32:
        return NO_TIME
    micros, after, leap = _any_clock(data, at + 1, end)
    if after < 0:
        return NO_TIME
    offset = 0 if after == end else _zone(data, after, end)
    if offset == NO_TIME:
        return NO_TIME
    micros = days * _DAY + micros - offset
    return NO_TIME if leap and micros % _DAY >= _SECOND else micros


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
        if out[row] == NO_TIME:
            out[row] = _any_time(data, offsets[row], offsets[row + 1])
    return out

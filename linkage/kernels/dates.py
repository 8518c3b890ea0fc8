"""Parse of dates in text, in every whole form of ISO 8601, to days since 1970."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

NO_TIME = -(1 << 63)
"""Stands for a null and for text that is not a time."""

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MARK, _W = 45, 87


@numba.njit(inline="always")
def digits(data: Any, at: Any, end: Any, count: int) -> Any:
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
def _of_month(year: Any, month: Any, day: Any) -> Any:
    """Days since 1970 of a day of a month, or NO_TIME."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month < 1 or month > 12 or day < 1 or day > _LENGTHS[month - 1] + (leap and month == 2):
        return NO_TIME
    return _days(year, month, day)


@numba.njit(cache=True, nogil=True)
def date(data: Any, at: Any, end: Any) -> Any:
    """Days since 1970 of `YYYY-MM-DD`, or NO_TIME."""
    year, month, day = digits(data, at, end, 4), digits(data, at + 5, end, 2), digits(data, at + 8, end, 2)
    if year < 0 or data[at + 4] != _MARK or data[at + 7] != _MARK:
        return NO_TIME
    return _of_month(year, month, day)


@numba.njit(inline="always")
def span(data: Any, at: Any, end: Any) -> Any:
    """How many digits stand here."""
    start = at
    while at < end and 48 <= data[at] <= 57:
        at += 1
    return at - start


@numba.njit(cache=True, nogil=True)
def _of_week(year: Any, week: Any, day: Any) -> Any:
    """Days since 1970 of a day of a week, the first of which has January 4th in it, or NO_TIME."""
    fourth = _days(year, 1, 4)
    monday = fourth - (fourth + 3) % 7  # 1970-01-01 was a Thursday
    following = _days(year + 1, 1, 4)
    weeks = (following - (following + 3) % 7 - monday) // 7
    if week < 1 or week > weeks or day < 1 or day > 7:
        return NO_TIME
    return monday + 7 * (week - 1) + day - 1


@numba.njit(cache=True, nogil=True)
def _of_year(year: Any, day: Any) -> Any:
    """Days since 1970 of a day of a year, or NO_TIME."""
    first = _days(year, 1, 1)
    return first + day - 1 if 1 <= day <= _days(year + 1, 1, 1) - first else NO_TIME


@numba.njit(cache=True, nogil=True)
def _marked(data: Any, year: Any, at: Any, end: Any) -> Any:
    """What follows a year with a mark: `-W48-2`, `-328` or `-11-24`, and where it ends."""
    length = span(data, at + 1, end)
    if length == 3:
        return _of_year(year, digits(data, at + 1, end, 3)), at + 4
    first, day = at + 1, at + 4
    if first < end and data[first] == _W:
        first, day = first + 1, day + 1
    if day >= end or data[day - 1] != _MARK or span(data, first, end) != 2:
        return NO_TIME, at
    number = digits(data, first, end, 2)
    if first == at + 2:
        return _of_week(year, number, digits(data, day, end, 1)), day + 1
    return _of_month(year, number, digits(data, day, end, 2)), day + 2


@numba.njit(cache=True, nogil=True)
def any_date(data: Any, at: Any, end: Any) -> Any:
    """Days since 1970 of a date in any whole form, and where it ends: the second look at a date."""
    year, length = digits(data, at, end, 4), span(data, at, end)
    if length == 8:
        return _of_month(year, digits(data, at + 4, end, 2), digits(data, at + 6, end, 2)), at + 8
    if length == 7:
        return _of_year(year, digits(data, at + 4, end, 3)), at + 7
    if length != 4:
        return NO_TIME, at
    at += 4
    if at < end and data[at] == _W:
        return _of_week(year, digits(data, at + 1, end, 2), digits(data, at + 3, end, 1)), at + 4
    return _marked(data, year, at, end) if at < end and data[at] == _MARK else (NO_TIME, at)

"""CSV in compiled loops: RFC 4180 with line feeds or CR LF, every field as a stretch of the block it stands in."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_QUOTE, _COMMA, _LF, _CR = 34, 44, 10, 13
MORE, END, OPEN, OPEN_QUOTE, JUNK = range(5)
"""What follows a field: another, the end of the row, the end of the block (in quotes), or text after quotes."""

RAGGED, QUOTES, LONG = 1, 2, 3
"""Faults of a row."""


@numba.njit(inline="always")
def _after_quote(data: Any, place: Any, size: Any, final: bool) -> Any:
    """Next place, what follows a closing quote, and line feeds met."""
    if place < size and data[place] == _CR:
        if place + 1 >= size and not final:
            return size, OPEN_QUOTE, 0
        if place + 1 >= size or data[place + 1] == _LF:
            place += 1
    if place >= size:
        return place, END, 0
    if data[place] == _COMMA:
        return place + 1, MORE, 0
    return (place + 1, END, 1) if data[place] == _LF else (place, JUNK, 0)


@numba.njit(cache=True, nogil=True)
def _quoted(data: Any, at: Any, size: Any, final: bool) -> Any:
    """Begin, stop, next place, what follows, whether quotes are doubled, line feeds met; `at` is on the quote."""
    doubled, feeds, place = 0, 0, at + 1
    while True:
        while place < size and data[place] != _QUOTE:
            feeds += data[place] == _LF
            place += 1
        if place >= size or (place + 1 >= size and not final):
            return at + 1, place, size, OPEN_QUOTE, doubled, feeds
        if place + 1 >= size or data[place + 1] != _QUOTE:
            break
        doubled = 1
        place += 2
    following, state, met = _after_quote(data, place + 1, size, final)
    return at + 1, place, following, state, doubled, feeds + met


@numba.njit(inline="always")
def _bare(data: Any, at: Any, size: Any, final: bool) -> Any:
    """The same for a field that does not begin with a quote."""
    place = at
    while place < size and data[place] != _COMMA and data[place] != _LF:
        place += 1
    if place < size and data[place] == _COMMA:
        return at, place, place + 1, MORE, 0, 0
    if place >= size and not final:
        return at, place, place, OPEN, 0, 0
    stop = place - 1 if place > at and data[place - 1] == _CR else place
    return at, stop, place + 1, END, 0, 1


@numba.njit(inline="always")
def _row(data: Any, at: Any, final: bool, want: Any, row: Any, out: Any) -> Any:
    """Fills the stretches of one row; returns its number of fields, the next place, what follows, line feeds."""
    begins, stops, doubles = out
    size, fields, feeds = len(data), 0, 0
    while True:
        if at < size and data[at] == _QUOTE:
            begin, stop, at, state, doubled, met = _quoted(data, at, size, final)
        else:
            begin, stop, at, state, doubled, met = _bare(data, at, size, final)
        if state >= OPEN:
            return fields, at, state, feeds
        feeds += met
        if fields < len(want) and want[fields] >= 0:
            column = want[fields]
            begins[column, row], stops[column, row], doubles[column, row] = begin, stop, doubled
        fields += 1
        if state == END:
            return fields, min(at, size), state, feeds


@numba.njit(inline="always")
def _blank(data: Any, at: Any, final: bool) -> Any:
    """Bytes of the empty line that stands here, 0 for none."""
    if data[at] == _LF:
        return 1
    if data[at] != _CR:
        return 0
    if at + 1 == len(data):
        return 1 if final else 0
    return 2 if data[at + 1] == _LF else 0


@numba.njit(cache=True, nogil=True)
def _feeds(data: Any) -> int:
    count = 0
    for byte in data:
        count += byte == _LF
    return count


@numba.njit(cache=True, nogil=True)
def _next_line(data: Any, at: Any) -> Any:
    while at < len(data) and data[at] != _LF:
        at += 1
    return at + 1


@numba.njit(inline="always")
def _fault(state: Any, long: bool) -> int:
    if state == END:
        return LONG if long else RAGGED
    return LONG if state == OPEN else QUOTES


@numba.njit(cache=True, nogil=True)
def scan(data: Any, final: bool, want: Any, columns: int, limit: int, line: int) -> Any:
    """Returns the rows of a block: stretches, lines, faults, and where the block's last, unfinished row begins.

    `want[i]` is the column that field i fills, -1 for none; a row has `len(want)` fields. After a row whose
    quotes do not match, or longer than `limit`, the scan goes on at the next line. The place returned lies
    beyond the block where even the line after a fault has not begun.
    """
    most = _feeds(data) + 1
    begins = np.empty((columns, most), np.int64)
    stops = np.empty((columns, most), np.int64)
    doubles = np.zeros((columns, most), np.uint8)
    lines, faults, fault_lines = np.empty(most, np.int64), np.empty(most, np.uint8), np.empty(most, np.int64)
    rows, bad, at = 0, 0, 0
    while at < len(data):
        blank = _blank(data, at, final)
        if blank > 0:
            at, line = at + blank, line + 1
            continue
        fields, after, state, feeds = _row(data, at, final, want, rows, (begins, stops, doubles))
        if not final and state in (OPEN, OPEN_QUOTE) and len(data) - at <= limit:
            break
        if state == END and fields == len(want) and after - at <= limit:
            lines[rows] = line
            rows += 1
        else:
            fault_lines[bad] = line
            faults[bad] = _fault(state, after - at > limit)
            bad += 1
        if state != END:
            after, feeds = _next_line(data, at), 1
        at, line = after, line + feeds
    stretches = (begins[:, :rows], stops[:, :rows], doubles[:, :rows])
    return stretches, lines[:rows], fault_lines[:bad], faults[:bad], at, line


@numba.njit(cache=True, nogil=True)
def gather(data: Any, begins: Any, stops: Any, doubles: Any) -> Any:
    """Returns the bytes of one column's stretches end to end, doubled quotes made single, and their offsets."""
    offsets = np.empty(len(begins) + 1, np.int64)
    total = 0
    for row in range(len(begins)):
        total += stops[row] - begins[row]
    out = np.empty(total, np.uint8)
    to = 0
    for row in range(len(begins)):
        offsets[row] = to
        at = begins[row]
        while at < stops[row]:
            out[to] = data[at]
            to += 1
            at += 2 if doubles[row] and data[at] == _QUOTE else 1
    offsets[len(begins)] = to
    return out[:to], offsets

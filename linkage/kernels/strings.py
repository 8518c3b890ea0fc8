"""Checks of text in Arrow buffers, eight bytes at a time: missing, long, not UTF-8, control characters."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers

FINE, MISSING, TOO_LONG, NOT_UTF8, CONTROL = range(5)
PADDED = 8
"""Added to `FINE` where white space stands around the text."""

Codes = npt.NDArray[np.uint8]

_U = np.uint64
_HIGH = _U(0x8080808080808080)
_ONES = _U(0x0101010101010101)
_SPACES = _U(0x2020202020202020)


def check_strings(array: pa.Array | pa.ChunkedArray, limit: int) -> Codes:
    """Returns a code for each row of one-line text of at most `limit` bytes.

    `MISSING`: null, empty or only white space; `TOO_LONG`; `NOT_UTF8`; `CONTROL`: a byte below 0x20 or 0x7f
    inside; else `FINE`, or `FINE + PADDED` where ASCII white space surrounds it.
    """
    return np.asarray(_check(tuple(string_buffers(array)), limit, True))


def check_prose(array: pa.Array | pa.ChunkedArray, limit: int) -> Codes:
    """Returns a code for each row of free text: `MISSING` (null, empty), `TOO_LONG`, `NOT_UTF8` or `FINE`."""
    return np.asarray(_check(tuple(string_buffers(array)), limit, False))


@numba.njit(inline="always")
def _word(data: Any, at: Any) -> Any:
    word = _U(data[at])
    for step in range(1, 8):
        word |= _U(data[at + _U(step)]) << _U(8 * step)
    return word


@numba.njit(inline="always")
def _plain(data: Any, begin: Any, end: Any, line: bool) -> bool:
    """Whether all bytes are ASCII, and for a line also printable (a false no is settled by `_inside`)."""
    at = begin
    while at + _U(8) <= end:
        word = _word(data, at)
        bad = word
        if line:  # a byte below 0x20 borrows, 0x7f carries into the high bit
            bad |= (word - _SPACES) | (word + _ONES)
        if bad & _HIGH:
            return False
        at += _U(8)
    while at < end:
        byte = data[at]
        if byte >= 0x80 or (line and (byte < 0x20 or byte == 0x7F)):
            return False
        at += _U(1)
    return True


@numba.njit(inline="always")
def _space(byte: Any) -> bool:
    return bool(byte == 0x20 or 0x09 <= byte <= 0x0D)


@numba.njit(inline="always")
def _least(lead: Any, size: int) -> Any:
    """Lowest second byte after a lead byte: rules out overlong forms (RFC 3629, section 4)."""
    if size == 3 and lead == 0xE0:
        return 0xA0
    return 0x90 if lead == 0xF0 else 0x80


@numba.njit(inline="always")
def _most(lead: Any) -> Any:
    """Highest second byte after a lead byte: rules out surrogates and what lies beyond U+10FFFF."""
    if lead == 0xED:
        return 0x9F
    return 0x8F if lead == 0xF4 else 0xBF


@numba.njit(cache=True, nogil=True)
def _character(data: Any, at: Any, end: Any) -> Any:
    """Bytes of the UTF-8 character of more than one byte that starts here, 0 where there is none."""
    lead = data[at]
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or at + size > end:
        return 0
    if data[at + 1] < _least(lead, size) or data[at + 1] > _most(lead):
        return 0
    for after in range(at + 2, at + size):
        if data[after] & 0xC0 != 0x80:
            return 0
    return size


@numba.njit(cache=True, nogil=True)
def _inside(data: Any, begin: Any, end: Any, line: bool) -> Any:
    code, at = 0, begin
    while at < end:
        if data[at] < 0x80:
            if line and (data[at] < 0x20 or data[at] == 0x7F):
                code = CONTROL
            at += 1
            continue
        size = _character(data, at, end)
        if size == 0:
            return NOT_UTF8
        at += size
    return code


@numba.njit(inline="always")
def _line(data: Any, begin: Any, end: Any, limit: Any) -> Any:
    first, last = begin, end
    while first < last and _space(data[first]):
        first += 1
    while first < last and _space(data[last - 1]):
        last -= 1
    if first == last:
        return MISSING
    if last - first > limit:
        return TOO_LONG
    if not _plain(data, _U(first), _U(last), True):
        code = _inside(data, first, last, True)
        if code != FINE:
            return code
    return FINE if last - first == end - begin else FINE + PADDED


@numba.njit(cache=True, nogil=True)
def _check(text: Any, limit: int, line: bool) -> Any:
    data, offsets, valid, shift = text
    out = np.empty(len(offsets) - 1, np.uint8)
    has_nulls = len(valid) > 0
    for row in range(len(out)):
        bit = row + shift
        begin, end = offsets[row], offsets[row + 1]
        if (has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1) or begin == end:
            out[row] = MISSING
        elif line:
            out[row] = _line(data, begin, end, limit)
        elif end - begin > limit:
            out[row] = TOO_LONG
        elif _plain(data, _U(begin), _U(end), False):
            out[row] = FINE
        else:
            out[row] = _inside(data, begin, end, False)
    return out

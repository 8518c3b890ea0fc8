"""Words of text, hashed where they lie: split at white space as Unicode has it, without copies of the words."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.bits import lowest_bit
from linkage.kernels.buffers import string_buffers
from linkage.kernels.siphash import Hashes, Key, hash_bytes, key_words, load

Bounds = npt.NDArray[np.int64]
_U = np.uint64
_ONE, _TWO, _EIGHT = _U(1), _U(2), _U(8)
_BLANKS, _HIGH = _U(0x2121212121212121), _U(0x8080808080808080)


def siphash_tokens(array: pa.Array | pa.ChunkedArray, key: Key) -> tuple[Bounds, Hashes]:
    """Returns bounds (rows + 1) and the hash of each word: those of row i are `hashes[bounds[i]:bounds[i + 1]]`.

    A word that a row has twice comes once; a null has no word.
    """
    text = string_buffers(array)
    bytes_in = int(text.offsets[-1] - text.offsets[0])
    hashes = np.empty(bytes_in // 2 + len(text.offsets), np.uint64)
    bounds = np.zeros(len(text.offsets), np.int64)
    found = int(_tokens(tuple(text), bounds, hashes, *key_words(key)))
    return bounds, hashes[:found]


@numba.njit(inline="always")
def _space(data: Any, at: Any, end: Any) -> Any:
    """Bytes of the white space that starts here, 0 where there is none."""
    byte = data[at]
    if byte < 0x80:
        return 1 if byte == 0x20 or 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x1F else 0
    if byte == 0xC2:
        return 2 if at + _ONE < end and (data[at + _ONE] == 0x85 or data[at + _ONE] == 0xA0) else 0
    if at + _TWO >= end or byte < 0xE1 or byte > 0xE3:
        return 0
    return 3 if _wide_space(byte, data[at + _ONE], data[at + _TWO]) else 0


@numba.njit(cache=True, nogil=True)
def _wide_space(one: Any, two: Any, three: Any) -> bool:
    """Whether three bytes are U+1680, U+2000 to 200A, 2028, 2029, 202F, 205F or U+3000."""
    if one == 0xE1:
        return bool(two == 0x9A and three == 0x80)
    if one == 0xE3:
        return bool(two == 0x80 and three == 0x80)
    if two == 0x81:
        return bool(three == 0x9F)
    return bool(two == 0x80 and (three <= 0x8A or 0xA8 <= three <= 0xA9 or three == 0xAF))


@numba.njit(inline="always")
def _next(data: Any, at: Any, end: Any) -> Any:
    """Where the next byte from here is that may be white space (a control, a blank or no ASCII), or the end.

    Eight bytes at a time, be they of the next row: a byte is marked whose high bit is set, or is so less 0x21. What
    is borrowed reaches only bytes behind the first mark.
    """
    while at < end:
        if at + _EIGHT > _U(len(data)):
            if data[at] <= 0x20 or data[at] >= 0x80:
                return at
            at += _ONE
            continue
        word = load(data, at)
        marks = ((word - _BLANKS) | word) & _HIGH
        if marks:
            return min(at + (_U(lowest_bit(marks)) >> _U(3)), end)
        at += _EIGHT
    return end


@numba.njit(inline="always")
def _fresh(hashes: Any, first: Any, last: Any) -> Any:
    """One where the last hash is none of those from the first on, else zero."""
    for before in range(first, last):
        if hashes[before] == hashes[last]:
            return _U(0)
    return _ONE


@numba.njit(cache=True, nogil=True)
def _tokens(text: Any, bounds: Any, hashes: Any, k0: Any, k1: Any) -> Any:
    data, offsets, valid, shift = text
    has_nulls = len(valid) > 0
    found = _U(0)
    for row in range(len(offsets) - 1):
        bit = row + shift
        at, end = _U(offsets[row]), _U(offsets[row + 1])
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            at = end
        begin = at
        while begin < end:
            at = _next(data, at, end)
            width = _U(0)
            if at < end:
                width = _U(_space(data, at, end))
                if width == 0:  # a letter beyond ASCII, or a control that is none
                    at += _ONE
                    if at < end:
                        continue
            if at > begin:
                hashes[found] = hash_bytes(data, begin, at, k0, k1)
                found += _fresh(hashes, _U(bounds[row]), found)
            at += width
            begin = at
        bounds[row + 1] = found
    return np.int64(found)

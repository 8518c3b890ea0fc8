"""Words of text, hashed where they lie: split at white space as Unicode has it, without copies of the words."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers
from linkage.kernels.siphash import Hashes, Key, hash_bytes, key_words

Bounds = npt.NDArray[np.int64]
_U = np.uint64


def siphash_tokens(array: pa.Array | pa.ChunkedArray, key: Key) -> tuple[Bounds, Hashes]:
    """Returns bounds (rows + 1) and the hash of each word: those of row i are `hashes[bounds[i]:bounds[i + 1]]`.

    A null has no word.
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
        return 2 if at + 1 < end and (data[at + 1] == 0x85 or data[at + 1] == 0xA0) else 0
    if at + 2 >= end or byte < 0xE1 or byte > 0xE3:
        return 0
    return 3 if _wide_space(byte, data[at + 1], data[at + 2]) else 0


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


@numba.njit(cache=True, nogil=True)
def _tokens(text: Any, bounds: Any, hashes: Any, k0: Any, k1: Any) -> Any:
    data, offsets, valid, shift = text
    has_nulls = len(valid) > 0
    found = 0
    for row in range(len(offsets) - 1):
        bit = row + shift
        at, end = offsets[row], offsets[row + 1]
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            at = end
        begin = at
        while at < end:
            width = _space(data, at, end)
            if width == 0:
                at += 1
                continue
            if at > begin:
                hashes[found] = hash_bytes(data, _U(begin), _U(at), k0, k1)
                found += 1
            at += width
            begin = at
        if at > begin:
            hashes[found] = hash_bytes(data, _U(begin), _U(at), k0, k1)
            found += 1
        bounds[row + 1] = found
    return found

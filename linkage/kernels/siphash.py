"""SipHash-2-4: a keyed 64-bit hash that cannot be inverted or forged without its 128-bit key.

Formula: Aumasson and Bernstein, «SipHash: a fast short-input PRF» (2012), with two rounds a word, four at
the end. A key is two 64-bit words k0, k1: the first and the last eight of its bytes, little-endian.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import frozen, string_buffers

Key = tuple[int, int]
Hashes = npt.NDArray[np.uint64]

_U = np.uint64
_MAPPED = _U(0xFFFF)  # the 96 bits before an IPv4 in ::ffff:a.b.c.d end in these
_WORD = _U(0xFFFFFFFF)
_LENGTH = tuple(_U(length << 56) for length in range(9))  # the last word of a message holds its length


def siphash_strings(array: pa.Array | pa.ChunkedArray, key: Key) -> Hashes:
    """Returns the hash of the bytes of each row of text, 0 where the row is null."""
    return np.asarray(_strings(tuple(string_buffers(array)), *key_words(key)))


def siphash_integers(values: Any, key: Key) -> Hashes:
    """Returns the hash of each 64-bit whole number, taken as its eight bytes, little-endian."""
    return np.asarray(_integers(frozen(values, np.uint64), *key_words(key)))


def siphash_pairs(first: Any, second: Any, key: Key) -> Hashes:
    """Returns the hash of each pair of 64-bit whole numbers, taken as sixteen bytes, little-endian."""
    return np.asarray(_pairs(frozen(first, np.uint64), frozen(second, np.uint64), *key_words(key)))


def siphash_ips(high: Any, low: Any, family: Any, key: Key) -> Hashes:
    """Returns the hash of each address, 0 where `family` is 0.

    `high`, `low`: the two big-endian words of the 16 bytes. An IPv4 (family 4, the last four bytes) is hashed
    as its four bytes in network order, `::ffff:a.b.c.d` as a.b.c.d, any other IPv6 as the eight bytes of its
    /64: a home has a /64, and privacy addresses rotate within it.
    """
    words = (frozen(high, np.uint64), frozen(low, np.uint64), frozen(family, np.uint8))
    return np.asarray(_ips(*words, *key_words(key)))


def key_words(key: Key) -> tuple[np.uint64, np.uint64]:
    """Returns the key as compiled loops take it."""
    return _U(key[0]), _U(key[1])


@numba.njit(inline="always")
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
    v0 += v1
    v2 += v3
    v1 = ((v1 << _U(13)) | (v1 >> _U(51))) ^ v0
    v3 = ((v3 << _U(16)) | (v3 >> _U(48))) ^ v2
    v0 = (v0 << _U(32)) | (v0 >> _U(32))
    v2 += v1
    v0 += v3
    v1 = ((v1 << _U(17)) | (v1 >> _U(47))) ^ v2
    v3 = ((v3 << _U(21)) | (v3 >> _U(43))) ^ v0
    v2 = (v2 << _U(32)) | (v2 >> _U(32))
    return v0, v1, v2, v3


@numba.njit(inline="always")
def _start(k0: Any, k1: Any) -> Any:
    return (
        k0 ^ _U(0x736F6D6570736575),  # «somepseudorandomlygeneratedbytes»
        k1 ^ _U(0x646F72616E646F6D),
        k0 ^ _U(0x6C7967656E657261),
        k1 ^ _U(0x7465646279746573),
    )


@numba.njit(inline="always")
def _absorb(v0: Any, v1: Any, v2: Any, v3: Any, word: Any) -> Any:
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@numba.njit(inline="always")
def _finish(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
    v2 ^= _U(0xFF)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@numba.njit(inline="always")
def load(data: Any, at: Any) -> Any:
    """Returns the eight bytes from here (a uint64) as a little-endian word; for compiled loops."""
    return (
        _U(data[at])
        | (_U(data[at + _U(1)]) << _U(8))
        | (_U(data[at + _U(2)]) << _U(16))
        | (_U(data[at + _U(3)]) << _U(24))
        | (_U(data[at + _U(4)]) << _U(32))
        | (_U(data[at + _U(5)]) << _U(40))
        | (_U(data[at + _U(6)]) << _U(48))
        | (_U(data[at + _U(7)]) << _U(56))
    )


@numba.njit(inline="always")
def hash_bytes(data: Any, begin: Any, end: Any, k0: Any, k1: Any) -> Any:
    """Returns the hash of `data[begin:end]`, bounds given as uint64; for compiled loops."""
    v0, v1, v2, v3 = _start(k0, k1)
    at = begin
    while at + _U(8) <= end:
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, load(data, at))
        at += _U(8)
    last = (end - begin) << _U(56)
    shift = _U(0)
    if at + _U(8) <= _U(len(data)):  # whatever follows the text is cut off
        last |= load(data, at) & ((_U(1) << ((end - at) << _U(3))) - _U(1))
        at = end
    while at < end:
        last |= _U(data[at]) << shift
        shift += _U(8)
        at += _U(1)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, last)
    return _finish(v0, v1, v2, v3)


@numba.njit(inline="always")
def _short(word: Any, length: int, k0: Any, k1: Any) -> Any:
    """Hash of a message of up to 7 bytes, or of 8 (`length` 8), given as a little-endian word."""
    v0, v1, v2, v3 = _start(k0, k1)
    if length == 8:
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, word)
        word = _U(0)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, word | _LENGTH[length])
    return _finish(v0, v1, v2, v3)


@numba.njit(cache=True, nogil=True)
def _strings(text: Any, k0: Any, k1: Any) -> Any:
    data, offsets, valid, shift = text
    out = np.zeros(len(offsets) - 1, np.uint64)
    has_nulls = len(valid) > 0
    for row in range(len(out)):
        bit = row + shift
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            continue
        out[row] = hash_bytes(data, _U(offsets[row]), _U(offsets[row + 1]), k0, k1)
    return out


@numba.njit(cache=True, nogil=True)
def _integers(values: Any, k0: Any, k1: Any) -> Any:
    out = np.empty(len(values), np.uint64)
    for row in range(len(out)):
        out[row] = _short(values[row], 8, k0, k1)
    return out


@numba.njit(cache=True, nogil=True)
def _pairs(first: Any, second: Any, k0: Any, k1: Any) -> Any:
    out = np.empty(len(first), np.uint64)
    for row in range(len(out)):
        v0, v1, v2, v3 = _start(k0, k1)
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, first[row])
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, second[row])
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, _U(16) << _U(56))
        out[row] = _finish(v0, v1, v2, v3)
    return out


@numba.njit(inline="always")
def _swap(word: Any, size: int) -> Any:
    out = _U(0)
    for _ in range(size):
        out = (out << _U(8)) | (word & _U(0xFF))
        word >>= _U(8)
    return out


@numba.njit(cache=True, nogil=True)
def _ips(high: Any, low: Any, family: Any, k0: Any, k1: Any) -> Any:
    out = np.zeros(len(family), np.uint64)
    for row in range(len(out)):
        mapped = high[row] == _U(0) and (low[row] >> _U(32)) == _MAPPED
        if family[row] == 4 or (family[row] == 6 and mapped):
            out[row] = _short(_swap(low[row] & _WORD, 4), 4, k0, k1)
        elif family[row] == 6:
            out[row] = _short(_swap(high[row], 8), 8, k0, k1)
    return out

"""Strict parse of IP addresses in text: IPv4 as four decimals, IPv6 as in RFC 4291, section 2.2.

It takes what Python's `ipaddress` takes, but for zones (`fe80::1%eth0`): those name a machine's own wire.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers

Words = npt.NDArray[np.uint64]
Families = npt.NDArray[np.uint8]

NO_ADDRESS = 0
"""Family of a null, an empty text and a text that is not an address."""

_U = np.uint64
_DOT, _COLON, _ZERO = 46, 58, 48
_MAPPED = _U(0xFFFF)


def parse_ips(array: pa.Array | pa.ChunkedArray) -> tuple[Words, Words, Families]:
    """Returns the two big-endian words of the 16 bytes of each address, and its family: 4, 6 or 0 for none.

    An IPv4 is held as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2), and that text is an IPv4: one host
    has one address. Both words are 0 where the family is 0.
    """
    high, low, family = _parse(*string_buffers(array))
    return np.asarray(high), np.asarray(low), np.asarray(family)


@numba.njit(inline="always")
def _hex(byte: Any) -> Any:
    if 48 <= byte <= 57:
        return byte - 48
    lower = byte | 32
    return lower - 87 if 97 <= lower <= 102 else -1


@numba.njit(inline="always")
def _ipv4(data: Any, begin: Any, end: Any) -> Any:
    """The 32 bits of a dotted quad, or -1: four decimals up to 255 without leading zeros."""
    if end - begin < 7 or end - begin > 15:
        return -1
    total, part, digits, dots = 0, 0, 0, 0
    for at in range(begin, end):
        byte: Any = np.int64(data[at])
        if byte == _DOT:
            if digits == 0 or dots == 3:
                return -1
            total = (total << 8) | part
            part, digits, dots = 0, 0, dots + 1
        else:
            digit: Any = byte - _ZERO
            if digit < 0 or digit > 9 or (digits > 0 and part == 0):
                return -1
            part = part * 10 + digit
            digits += 1
            if part > 255:
                return -1
    return -1 if dots != 3 or digits == 0 else (total << 8) | part


@numba.njit(inline="always")
def _group(data: Any, begin: Any, end: Any) -> Any:
    """Value of up to four hexadecimal digits, and where they end."""
    value, at = 0, begin
    while at < end and at < begin + 4:
        nibble = _hex(np.int64(data[at]))
        if nibble < 0:
            break
        value = value * 16 + nibble
        at += 1
    return value, at


@numba.njit(cache=True, nogil=True)
def _groups(data: Any, begin: Any, end: Any, groups: Any) -> Any:
    """Fills the 16-bit groups as written; returns how many and before which `::` stands (-1: none).

    The number is -1 where the text is not made of groups.
    """
    count, gap, at = 0, -1, begin
    if data[at] == _COLON and data[at + 1] == _COLON:
        gap, at = 0, at + 2
    while at < end:
        value, after = _group(data, at, end)
        if after < end and data[after] == _DOT:
            quad = _ipv4(data, at, end)
            if quad < 0 or count > 6:
                return -1, gap
            groups[count], groups[count + 1] = quad >> 16, quad & 0xFFFF
            return count + 2, gap
        if after == at or count > 7:
            return -1, gap
        groups[count] = value
        count += 1
        if after == end:
            break
        at = after + 1
        if data[after] != _COLON or at == end:
            return -1, gap
        if data[at] == _COLON:
            if gap >= 0:
                return -1, gap
            gap, at = count, at + 1
    return count, gap


@numba.njit(cache=True, nogil=True)
def _ipv6(data: Any, begin: Any, end: Any, groups: Any) -> bool:
    """Fills all eight 16-bit groups; False where the text is not an IPv6 address."""
    if end - begin < 2 or end - begin > 45:
        return False
    count, gap = _groups(data, begin, end, groups)
    return count >= 0 and _spread(groups, count, gap)


@numba.njit(inline="always")
def _spread(groups: Any, count: int, gap: int) -> bool:
    """Puts the zeros that `::` stands for into their place; it stands for one group at least."""
    if gap < 0:
        return count == 8
    if count > 7:
        return False
    tail = count - gap
    for step in range(1, tail + 1):
        groups[8 - step] = groups[count - step]
    for at in range(gap, 8 - tail):
        groups[at] = 0
    return True


@numba.njit(inline="always")
def _word(groups: Any, first: int) -> Any:
    word = _U(0)
    for at in range(first, first + 4):
        word = (word << _U(16)) | _U(groups[at])
    return word


@numba.njit(cache=True, nogil=True)
def _parse(data: Any, offsets: Any, valid: Any, shift: int) -> Any:
    size = len(offsets) - 1
    high, low, family = np.zeros(size, np.uint64), np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    groups = np.zeros(8, np.int64)
    has_nulls = len(valid) > 0
    for row in range(size):
        bit = row + shift
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            continue
        begin, end = offsets[row], offsets[row + 1]
        quad = _ipv4(data, begin, end)
        if quad >= 0:
            family[row] = 4
            low[row] = (_MAPPED << _U(32)) | _U(quad)
        elif _ipv6(data, begin, end, groups):
            high[row], low[row] = _word(groups, 0), _word(groups, 4)
            family[row] = 4 if high[row] == _U(0) and (low[row] >> _U(32)) == _MAPPED else 6
    return high, low, family

"""Parse of counts in text: whole numbers, also as engines without them write them (`3.0`)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import string_buffers

NO_COUNT = -(1 << 63)
"""Stands for a null and for text that is not a whole number."""

_MOST = 10**18
"""What stands for every number from there on: it fits in 64 bits, and so does what leads to it."""


def parse_counts(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Returns the whole number of each row of text (`7`, `+7`, `-7`, `7.00`), `NO_COUNT` where it is none.

    Beyond 10**18 it is cut to that: no count is as large, but it is a number.
    """
    return np.asarray(_parse(tuple(string_buffers(array))))


@numba.njit(inline="always")
def _zeros(data: Any, at: Any, end: Any) -> Any:
    while at < end and data[at] == 48:
        at += 1
    return at == end


@numba.njit(cache=True, nogil=True)
def _count(data: Any, at: Any, end: Any) -> Any:
    minus = at < end and data[at] == 45
    if at < end and (minus or data[at] == 43):
        at += 1
    value: Any = 0
    start = at
    while at < end and 48 <= data[at] <= 57:
        value = value * 10 + (np.int64(data[at]) - 48) if value < _MOST // 10 else _MOST
        at += 1
    whole = at == end or (data[at] == 46 and _zeros(data, at + 1, end))
    if at == start or not whole:
        return NO_COUNT
    return -value if minus else value


@numba.njit(cache=True, nogil=True)
def _parse(text: Any) -> Any:
    data, offsets, valid, shift = text
    out = np.full(len(offsets) - 1, NO_COUNT, np.int64)
    has_nulls = len(valid) > 0
    for row in range(len(out)):
        bit = row + shift
        if has_nulls and not (valid[bit >> 3] >> (bit & 7)) & 1:
            continue
        out[row] = _count(data, offsets[row], offsets[row + 1])
    return out

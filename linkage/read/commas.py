"""Lines of JSON with a comma before a closing bracket: no JSON, though the parser of columns lets them pass."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.buffers import frozen

_QUOTE, _BACKSLASH, _COMMA, _BRACE = 34, 92, 44, 125  # a bracket is a brace with a bit (32) less
_U = np.uint64


def dangling(data: npt.NDArray[np.uint8], begins: Any, ends: Any) -> npt.NDArray[np.bool_]:
    """Returns for each line `data[begin:end]` whether a comma stands before a closing bracket outside of text."""
    return np.asarray(_lines(frozen(data, np.uint8), frozen(begins, np.int64), frozen(ends, np.int64)))


@numba.njit(inline="always")
def _suspect(data: Any, begin: Any, end: Any) -> bool:
    """Whether a closing bracket stands after a comma or white space anywhere in a line, without a branch."""
    at, met = _U(begin) + _U(1), False
    while at < _U(end):
        before = data[at - _U(1)]
        met |= (data[at] | 32 == _BRACE) & ((before == _COMMA) | (before <= 32))
        at += _U(1)
    return met


@numba.njit(cache=True, nogil=True)
def _outside(data: Any, begin: Any, end: Any) -> bool:
    """Whether a comma before a closing bracket of a line is outside of text."""
    text, last, at = False, 0, begin
    while at < end:
        byte = data[at]
        if text:
            if byte == _BACKSLASH:
                at += 1
            text = byte != _QUOTE
        elif byte > 32:
            if last == _COMMA and byte | 32 == _BRACE:
                return True
            text, last = byte == _QUOTE, byte
        at += 1
    return False


@numba.njit(cache=True, nogil=True)
def _lines(data: Any, begins: Any, ends: Any) -> Any:
    """Looks where text begins and ends only in lines that may have such a comma: few do."""
    out = np.zeros(len(begins), np.bool_)
    for line in range(len(begins)):
        if _suspect(data, begins[line], ends[line]):
            out[line] = _outside(data, begins[line], ends[line])
    return out

"""Columns that hold each distinct value once, and a code per row: work is done once for each value."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.buffers import frozen

Codes = npt.NDArray[np.int64]


def without_nulls(array: pa.DictionaryArray) -> pa.DictionaryArray:
    """Returns the column with a code in every row: rows without a value have one whose value is null."""
    if array.indices.null_count == 0:
        return array
    values = pa.concat_arrays([array.dictionary, pa.nulls(1, array.dictionary.type)])
    codes = array.indices.cast(pa.int32()).fill_null(len(values) - 1)
    return pa.DictionaryArray.from_arrays(codes, values)


def codes_of(array: pa.DictionaryArray) -> npt.NDArray[Any]:
    """Returns the code of each row, of which none is null."""
    return np.asarray(array.indices.to_numpy())


def first_met(array: pa.DictionaryArray) -> tuple[Codes, npt.NDArray[np.int32]]:
    """Returns the codes that occur, in the order in which they are first met, and for each row its place in them."""
    used, rows = _first_met(frozen(codes_of(array), np.int32), len(array.dictionary))
    return used, rows


@numba.njit(cache=True, nogil=True)
def _first_met(codes: Any, values: int) -> Any:
    place = np.full(values, -1, np.int32)
    used = np.empty(values, np.int64)
    rows = np.empty(len(codes), np.int32)
    count = 0
    for row in range(len(codes)):
        code = codes[row]
        if place[code] < 0:
            place[code] = count
            used[count] = code
            count += 1
        rows[row] = place[code]
    return used[:count].copy(), rows

"""Arrow string arrays as numpy views that compiled loops can walk, without copies of the text."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class StringBuffers(NamedTuple):
    """Where the text of an array lies: row i is `data[offsets[i]:offsets[i + 1]]`.

    `valid` is Arrow's bitmap (least significant bit first, row i at bit `i + shift`), or empty where no
    row is null.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    valid: npt.NDArray[np.uint8]
    shift: int


def string_buffers(array: pa.Array | pa.ChunkedArray) -> StringBuffers:
    """Returns the buffers of text or bytes in any Arrow layout; TypeError for an array of anything else."""
    array = _plain(array)
    valid, offsets, data = array.buffers()
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    starts = _view(offsets, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    if len(starts) == 0:  # an empty array may come without offsets
        starts = np.zeros(1, np.int64)
    bitmap = _view(valid if array.null_count else None, np.uint8)
    return StringBuffers(_view(data, np.uint8), frozen(starts, np.int64), bitmap, array.offset)


def frozen(values: Any, dtype: Any) -> npt.NDArray[Any]:
    """Returns the values as a contiguous read-only view: compiled loops then exist in one version only."""
    view = np.ascontiguousarray(values, dtype).view()
    view.flags.writeable = False
    return view


def text_array(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> pa.Array:
    """Returns the text of which row i is `data[offsets[i]:offsets[i + 1]]`, less than 2 GiB in all, not checked."""
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def as_text(array: pa.Array) -> pa.Array:
    """Returns text or bytes of any layout as `string`, whose bytes are not checked to be UTF-8."""
    array = _plain(array)
    if pa.types.is_binary(array.type):
        return pa.Array.from_buffers(pa.string(), len(array), array.buffers(), offset=array.offset)
    if pa.types.is_large_binary(array.type):
        wide = pa.Array.from_buffers(pa.large_string(), len(array), array.buffers(), offset=array.offset)
        return wide.cast(pa.string())
    return array if array.type == pa.string() else array.cast(pa.string())


def _plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain(array.dictionary_decode())
    if kind in (pa.string(), pa.large_string(), pa.binary(), pa.large_binary()):
        return array
    if pa.types.is_null(kind) or kind == pa.string_view():
        return array.cast(pa.string())
    raise TypeError(f"an array of text is needed, not of {kind}")


def _view(buffer: pa.Buffer | None, dtype: Any) -> npt.NDArray[Any]:
    if buffer is None or buffer.size == 0:
        return frozen(np.empty(0, dtype), dtype)
    size = buffer.size // np.dtype(dtype).itemsize
    return frozen(np.frombuffer(buffer, dtype, count=size), dtype)

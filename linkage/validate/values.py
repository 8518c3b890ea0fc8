"""Checks of times and counts, from the types of Parquet or from text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from linkage.kernels.dates import NO_TIME
from linkage.kernels.numbers import NO_COUNT, parse_counts
from linkage.kernels.strings import FINE, MISSING
from linkage.kernels.times import parse_times
from linkage.model.batches import CODES, Reason
from linkage.model.facts import Column
from linkage.validate.text import Checked, Codes, trimmed

FIRST_TIME = 946_684_800_000_000
"""2000-01-01 in microseconds: no account of an API is older."""

MOST = 10**15
"""Largest count: sums over a batch stay exact in 64 bits."""

LEAST = {"n": 1}
"""Smallest counts, where it is not 0: a row stands for one request or more."""

LARGEST = {"n": 10**9}
"""Largest counts, where it is not `MOST`: requests are added up over nights and rows, and kept in few bits."""

DEFAULTS = {"n": 1}
"""What a missing count stands for."""

_LONGEST = 64  # bytes; no time and no count is written longer
_MICROS = pa.timestamp("us", "UTC")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400_000_000


def check_time(column: Column, array: pa.Array, latest: int) -> Checked:
    """Checks times from 2000 to `latest` (microseconds), whatever their unit and zone; UTC where there is none."""
    if pt.is_timestamp(array.type) or pt.is_date(array.type):
        micros, missing = _stamps(array)
        wrong = np.zeros(len(array), np.bool_)
    else:
        text, codes = trimmed(array, _LONGEST)
        micros, missing = parse_times(text), codes == MISSING
        wrong = ((micros == NO_TIME) & ~missing) | (codes & 7 != FINE) & ~missing
    impossible = ((micros < FIRST_TIME) | (micros > latest)) & ~missing & ~wrong
    found = _reasons(column, missing, ((wrong, Reason.NOT_TIME), (impossible, Reason.IMPOSSIBLE_TIME)))
    times = pa.array(micros, mask=missing if missing.any() else None).cast(_MICROS)
    return Checked({column.name: times}, found)


def check_count(column: Column, array: pa.Array) -> Checked:
    """Checks whole numbers up to `MOST` or the column's own, from whole, floating or decimal numbers or text."""
    default = DEFAULTS.get(column.name)
    if not column.required and array.null_count == len(array):
        absent = pa.nulls(len(array), pa.int64())
        return Checked({column.name: absent if default is None else absent.fill_null(default)}, None)
    if pt.is_integer(array.type):
        values, missing, wrong = _integers(array)
    elif pt.is_floating(array.type):
        values, missing, wrong = _floats(array)
    else:
        values, missing, wrong = _written(array.cast(pa.string()) if pt.is_decimal(array.type) else array)
    outside = ((values < LEAST.get(column.name, 0)) | (values > LARGEST.get(column.name, MOST))) & ~missing & ~wrong
    found = _reasons(column, missing, ((wrong, Reason.NOT_COUNT), (outside, Reason.COUNT_RANGE)))
    if missing.any() and default is not None:
        values, missing = np.where(missing, np.int64(default), values), np.zeros(len(values), np.bool_)
    return Checked({column.name: pa.array(values, mask=missing if missing.any() else None)}, found)


def _stamps(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Returns microseconds, cut to what they can hold, and where there is none."""
    missing = _nulls(array)
    if pt.is_date32(array.type):
        raw, times, per = _numbers(array.cast(pa.int32()), 0).astype(np.int64), _DAY, 1
    else:
        unit = "ms" if pt.is_date64(array.type) else array.type.unit
        raw = _numbers(array.cast(pa.int64()), 0)
        times, per = max(1, 1_000_000 // _PER_SECOND[unit]), max(1, _PER_SECOND[unit] // 1_000_000)
    if times > 1:
        most = np.iinfo(np.int64).max // times
        raw = np.clip(raw, -most, most) * times
    return (raw // per if per > 1 else raw), missing


def _integers(array: pa.Array) -> tuple[Any, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    values = _numbers(array, 0)
    if values.dtype == np.uint64:
        values = np.minimum(values, np.uint64(MOST + 1))
    return values.astype(np.int64, copy=False), _nulls(array), np.zeros(len(values), np.bool_)


def _floats(array: pa.Array) -> tuple[Any, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    values = _numbers(array, np.nan).astype(np.float64)
    missing = np.isnan(values)
    held = np.clip(np.where(missing, 0.0, values), -1.0, MOST + 1.0)
    return held.astype(np.int64), missing, ~missing & np.isfinite(values) & (values != np.floor(values))


def _written(array: pa.Array) -> tuple[Any, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    text, codes = trimmed(array, _LONGEST)
    values, missing = parse_counts(text), codes == MISSING
    return values, missing, (values == NO_COUNT) & ~missing


def _nulls(array: pa.Array) -> npt.NDArray[np.bool_]:
    if array.null_count == 0:
        return np.zeros(len(array), np.bool_)
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), np.bool_)


def _numbers(array: pa.Array, absent: float) -> npt.NDArray[Any]:
    filled = pc.fill_null(array, pa.scalar(absent, array.type)) if array.null_count else array
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _reasons(
    column: Column, missing: npt.NDArray[np.bool_], faults: tuple[tuple[npt.NDArray[np.bool_], Reason], ...]
) -> Codes | None:
    if column.required:
        faults = ((missing, Reason.MISSING), *faults)
    codes = None
    for rows, reason in faults:
        if rows.any():
            codes = np.zeros(len(rows), np.uint8) if codes is None else codes
            codes[rows] = CODES[reason]
    return codes

"""JSON lines to batches of text columns: one object a line, read in columns by DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import InputError
from linkage.kernels.buffers import text_array
from linkage.kernels.strings import MISSING, NOT_UTF8, TOO_LONG, check_prose, check_strings
from linkage.model.batches import REASONS, RawBatch, Reason
from linkage.model.facts import Column
from linkage.read.blocks import BLOCK_BYTES, ROW_BYTES, blocks
from linkage.read.columns import unknown
from linkage.read.commas import dangling
from linkage.read.extract import extract, misfits
from linkage.read.part import Part

if TYPE_CHECKING:
    import duckdb

_SAMPLE_BYTES = 256 << 10


def inspect_lines(part: Part) -> list[str]:
    """Returns notes on keys that the first 100 lines have and the table does not; later ones are not looked for."""
    keys: dict[str, None] = {}
    for block, _ in blocks(part, _SAMPLE_BYTES):
        _refuse_array(part, block)
        for line in block.split(b"\n")[:100]:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):  # of one nested too deep for this parser the row is read all the same
                continue
            keys |= dict.fromkeys(row if isinstance(row, dict) else ())
        break
    known = {column.name for column in part.shape.columns}
    return [unknown(part, name) for name in keys if name not in known]


def read_jsonl(part: Part, columns: Sequence[Column], size: int = BLOCK_BYTES) -> Iterator[RawBatch]:
    """Yields the rows of a part of JSON lines, a block at a time, as text that is not checked yet."""
    import duckdb

    con = duckdb.connect(config={"threads": 1})  # one block at a time: what it reads is small
    try:
        line, kept, first = 1, b"", True
        for block, done in blocks(part, size):
            if first:
                _refuse_array(part, block)
                first = False
            whole, feed, rest = (kept + block).rpartition(b"\n")
            kept = _bounded(part, rest)
            if feed:
                yield _batch(con, part, columns, whole + feed, line, done)
                line += whole.count(b"\n") + 1
        if kept.strip():
            yield _batch(con, part, columns, kept + b"\n", line, part.size)
    finally:
        con.close()


def _refuse_array(part: Part, block: bytes) -> None:
    if block.lstrip()[:1] == b"[":
        raise InputError(f"{part.source} is one JSON array: write one object a line")


def _bounded(part: Part, rest: bytes) -> bytes:
    if len(rest) > 4 * ROW_BYTES:
        raise InputError(f"{part.source} has a line of more than {4 * ROW_BYTES >> 20} MiB: write one object a line")
    return rest


def _batch(
    con: duckdb.DuckDBPyConnection, part: Part, columns: Sequence[Column], block: bytes, line: int, done: int
) -> RawBatch:
    data = np.frombuffer(block, np.uint8)
    offsets = np.concatenate(([0], np.flatnonzero(data == ord("\n")) + 1)).astype(np.int64)
    texts = text_array(data, offsets)
    codes = check_prose(texts, ROW_BYTES)
    good = np.flatnonzero((codes != NOT_UTF8) & (codes != TOO_LONG) & (check_strings(texts, 1 << 40) != MISSING))
    strict = good[~dangling(data, offsets[good], offsets[good + 1])]
    found = extract(con, texts.take(pa.array(strict)), columns)
    objects = strict[found.places]
    reasons = misfits(con, found, columns)
    faults = {
        Reason.NOT_UTF8: np.flatnonzero(codes == NOT_UTF8),
        Reason.LONG_ROW: np.flatnonzero(codes == TOO_LONG),
        Reason.JSON: np.setdiff1d(good, objects, assume_unique=True),
    }
    for code in np.unique(reasons[reasons > 0]):
        reason = REASONS[code - 1]
        faults[reason] = np.sort(np.concatenate([faults.get(reason, good[:0]), objects[reasons == code]]))
    kept = reasons == 0
    rows = _with_path(part, found.rows).filter(pa.array(kept))
    named = {reason: at + line for reason, at in faults.items() if len(at)}
    return RawBatch(part.shape, part.source, rows, line, done, objects[kept] + line, named)


def _with_path(part: Part, rows: pa.RecordBatch) -> pa.RecordBatch:
    """Returns the rows with what the path says where they have no value of their own."""
    for name, value in part.partition:
        place = rows.schema.get_field_index(name)
        if place >= 0 and value is not None:
            rows = rows.set_column(place, name, pc.fill_null(rows.column(place), value))
    return rows

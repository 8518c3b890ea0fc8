"""JSON lines to batches of text columns: one object a line, read in columns by DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import InputError
from linkage.kernels.buffers import text_array
from linkage.kernels.strings import MISSING, NOT_UTF8, TOO_LONG, check_prose, check_strings
from linkage.model.batches import RawBatch, Reason
from linkage.model.facts import Column
from linkage.read.blocks import BLOCK_BYTES, ROW_BYTES, blocks
from linkage.read.columns import unknown
from linkage.read.part import Part

if TYPE_CHECKING:
    import duckdb

_SAMPLE_BYTES = 256 << 10
_Lines = npt.NDArray[np.int64]


def inspect_lines(part: Part) -> list[str]:
    """Returns notes on keys that the first lines have and the table does not."""
    keys: dict[str, None] = {}
    for block, _ in blocks(part, _SAMPLE_BYTES):
        _refuse_array(part, block)
        for line in block.split(b"\n")[:100]:
            try:
                row = json.loads(line)
            except ValueError:
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
    faults = {
        Reason.NOT_UTF8: np.flatnonzero(codes == NOT_UTF8),
        Reason.LONG_ROW: np.flatnonzero(codes == TOO_LONG),
    }
    found, rows = _extract(con, texts.take(pa.array(good)), columns)
    faults[Reason.JSON] = np.delete(good, found)
    nested = _nested(con, texts.take(pa.array(good[found])), rows)
    faults[Reason.NESTED] = good[found][nested]
    kept = good[found][~nested]
    rows = _with_path(part, rows)
    named = {reason: at + line for reason, at in faults.items() if len(at)}
    return RawBatch(part.shape, part.source, rows.filter(pa.array(~nested)), line, done, kept + line, named)


def _extract(
    con: duckdb.DuckDBPyConnection, texts: pa.Array, columns: Sequence[Column]
) -> tuple[_Lines, pa.RecordBatch]:
    """Returns which lines are objects, and the values of their columns as text."""
    values = ", ".join(f'value[{place}] AS "{column.name}"' for place, column in enumerate(columns, 1))
    query = f"""
        SELECT place, {values} FROM (
            SELECT place, CASE WHEN json_valid(line) AND starts_with(ltrim(line, ' \t\r'), '{{')
                          THEN json_extract_string(line, {_paths(column.name for column in columns)}) END AS value
            FROM texts
        ) WHERE value IS NOT NULL"""
    found = _ask(con, texts, query)
    names = [column.name for column in columns]
    return found.column("place").to_numpy(), _one(found.select(names))


def _with_path(part: Part, rows: pa.RecordBatch) -> pa.RecordBatch:
    """Returns the rows with what the path says where they have no value of their own."""
    for name, value in part.partition:
        place = rows.schema.get_field_index(name)
        if place >= 0 and value is not None:
            rows = rows.set_column(place, name, pc.fill_null(rows.column(place), value))
    return rows


def _nested(con: duckdb.DuckDBPyConnection, texts: pa.Array, rows: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Returns the rows in which a value is a list or an object: they come out as text like any other."""
    suspects = [name for name in rows.schema.names if _any_bracket(rows.column(name))]
    if not suspects:
        return np.zeros(rows.num_rows, np.bool_)
    query = f"""SELECT list_has_any(json_type(line, {_paths(suspects)}), ['OBJECT', 'ARRAY']) AS nested
        FROM texts ORDER BY place"""
    answer = _ask(con, texts, query).column("nested")
    return np.asarray(pc.fill_null(answer, False).to_numpy(), np.bool_)


def _any_bracket(column: pa.Array) -> bool:
    return any(pc.any(pc.starts_with(column, mark)).as_py() for mark in "{[")


def _paths(names: Iterator[str] | Sequence[str]) -> str:
    return "[" + ", ".join(f"'$.{name}'" for name in names) + "]"


def _ask(con: duckdb.DuckDBPyConnection, texts: pa.Array, query: str) -> pa.Table:
    con.register("texts", pa.table({"place": pa.array(np.arange(len(texts))), "line": texts}))
    try:
        return con.sql(query).to_arrow_table()
    finally:
        con.unregister("texts")


def _one(table: pa.Table) -> pa.RecordBatch:
    arrays = [column.combine_chunks() for column in table.columns]
    plain = [array.chunk(0) if isinstance(array, pa.ChunkedArray) else array for array in arrays]
    return pa.RecordBatch.from_arrays(plain, table.column_names)

"""The values of lines of JSON as columns of text, by DuckDB, and which lines have one that its column cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.model.batches import CODES, Reason
from linkage.model.facts import Column, ColumnType

if TYPE_CHECKING:
    import duckdb

Lines = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""An escape in a text of JSON; with a group where it is half of a surrogate pair alone."""

_NO_ID = r"^(-?[0-9]+[.eE]|-?[nN][aA][nN]$|-?[iI][nN][fF]|true$|false$)"
"""How fractions and truth values come out as text."""

_DATE_BYTES = 8
"""A number that long could pass for a date in basic format."""


class Extract(NamedTuple):
    """Which lines are objects, their text as it was read, the values of their columns, and who had half a pair."""

    places: Lines
    texts: pa.Array
    rows: pa.RecordBatch
    halved: _Mask


def extract(con: duckdb.DuckDBPyConnection, texts: pa.Array, columns: Sequence[Column]) -> Extract:
    """Returns the values of the lines that are objects.

    The parser refuses half of a surrogate pair, which JSON can write and no text in UTF-8 can hold: such a line is read
    once more with U+FFFD in its place.
    """
    places, rows = _extract(con, texts, columns)
    halved = np.zeros(len(places), np.bool_)
    missed = np.delete(np.arange(len(texts)), places)
    if len(missed):
        cut = pc.match_substring(texts.take(pa.array(missed)), "\\ud", ignore_case=True)
        missed = missed[cut.to_numpy(zero_copy_only=False)]
    if len(missed):
        mended = pa.array([_mended(line.as_py()) for line in texts.take(pa.array(missed))], pa.string())
        again, more = _extract(con, mended, columns)
        order = np.argsort(np.concatenate([places, missed[again]]), kind="stable")
        halved = np.concatenate([halved, np.ones(len(again), np.bool_)])[order]
        rows = _one(pa.Table.from_batches([rows, more]).take(pa.array(order)))
        texts = pc.replace_with_mask(texts, _at(missed, len(texts)), mended)
        places = np.concatenate([places, missed[again]])[order]
    return Extract(places, texts.take(pa.array(places)), rows, halved)


def misfits(con: duckdb.DuckDBPyConnection, found: Extract, columns: Sequence[Column]) -> npt.NDArray[np.uint8]:
    """Returns for each line the code of the reason why a value is none of its column, 0 where there is none.

    Lists, objects, numbers and truth values come out as text like any other: what looks like one is asked for its type.
    """
    codes = np.zeros(found.rows.num_rows, np.uint8)
    _mark(codes, _halves(found, columns), Reason.NOT_UTF8)
    looks = {column.name: _looks(column, found.rows.column(column.name)) for column in columns}
    asked = [column for column in columns if looks[column.name].any()]
    if not asked:
        return codes
    rows = np.flatnonzero(np.any([looks[column.name] for column in asked], axis=0))
    types = _types(con, found.texts.take(pa.array(rows)), asked)
    for column in asked:
        kinds = types.column(column.name)
        own = looks[column.name][rows]
        _mark(codes, rows[own & _is(kinds, "OBJECT", "ARRAY")], Reason.NESTED)
        if column.type is ColumnType.ID:
            _mark(codes, rows[own & _is(kinds, "BOOLEAN", "DOUBLE")], Reason.NOT_ID)
        if column.type is ColumnType.TIME:
            _mark(codes, rows[own & _is(kinds, "UBIGINT", "BIGINT", "DOUBLE")], Reason.NOT_TIME)
    return codes


def _mended(line: str) -> str:
    return _ESCAPE.sub(lambda met: b"\\ufffd" if met[1] else met[0], line.encode()).decode()


def _halves(found: Extract, columns: Sequence[Column]) -> Lines:
    """Returns the lines with half a pair in another value than a prompt: as ids, two such texts would become one."""
    at = np.flatnonzero(found.halved)
    if not len(at):
        return at
    rows = found.rows.take(pa.array(at))
    names = [column.name for column in columns if column.type is not ColumnType.PROMPT]
    marks = [_filled(pc.match_substring(rows.column(name), "\ufffd")) for name in names]
    return at[np.any(marks, axis=0)]


def _looks(column: Column, values: pa.Array) -> _Mask:
    """Returns where a value may be none of its column."""
    if values.null_count == len(values):
        return np.zeros(len(values), np.bool_)
    looks = _filled(pc.or_(pc.starts_with(values, "{"), pc.starts_with(values, "[")))
    if column.type is ColumnType.ID:
        looks |= _filled(pc.match_substring_regex(values, _NO_ID))
    if column.type is ColumnType.TIME:
        looks |= _filled(pc.less_equal(pc.binary_length(values), _DATE_BYTES))
    return looks


def _mark(codes: npt.NDArray[np.uint8], rows: Lines, reason: Reason) -> None:
    codes[rows[codes[rows] == 0]] = CODES[reason]


def _at(places: Lines, size: int) -> pa.Array:
    mask = np.zeros(size, np.bool_)
    mask[places] = True
    return pa.array(mask)


def _filled(values: pa.Array) -> _Mask:
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), np.bool_)


def _is(kinds: pa.Array, *names: str) -> _Mask:
    return _filled(pc.is_in(kinds, value_set=pa.array(names)))


def _extract(
    con: duckdb.DuckDBPyConnection, texts: pa.Array, columns: Sequence[Column]
) -> tuple[Lines, pa.RecordBatch]:
    """Returns which lines are objects to the parser, and the values of their columns as text."""
    names = [column.name for column in columns]
    query = f"""
        SELECT place, {_each(names)} FROM (
            SELECT place, CASE WHEN json_valid(line) AND starts_with(ltrim(line, ' \t\r'), '{{')
                          THEN json_extract_string(line, {_paths(names)}) END AS value
            FROM texts
        ) WHERE value IS NOT NULL"""
    found = _ask(con, texts, query)
    return found.column("place").to_numpy(), _one(found.select(names))


def _types(con: duckdb.DuckDBPyConnection, texts: pa.Array, columns: Sequence[Column]) -> pa.RecordBatch:
    """Returns the types of the values of lines by column."""
    names = [column.name for column in columns]
    query = f"""SELECT {_each(names)}
        FROM (SELECT place, json_type(line, {_paths(names)}) AS value FROM texts) ORDER BY place"""
    return _one(_ask(con, texts, query))


def _each(names: Iterable[str]) -> str:
    return ", ".join(f'value[{place}] AS "{name}"' for place, name in enumerate(names, 1))


def _paths(names: Iterable[str]) -> str:
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

"""Tables as files, written as they are made: a table need not fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from linkage.errors import InputError

FORMATS = ("parquet", "csv")
NDJSON = "ndjson"
"""A format for other services: a line of JSON for each row, times as ISO 8601."""
_GROUP = 500_000
"""Rows of a row group, however the rows come: equal tables make equal files."""


def require_format(form: str) -> None:
    """Raises InputError for a format that is none."""
    if form not in (*FORMATS, NDJSON):
        raise InputError(f"«{form}» is no format of an export: use {' or '.join((*FORMATS, NDJSON))}")


def write_table(parts: Iterable[pa.Table], schema: pa.Schema, path: Path, form: str) -> int:
    """Writes the parts of a table into a new file; returns the number of rows."""
    groups = _groups(parts, schema)
    if form == "parquet":
        return _parquet(groups, schema, path)
    return _ndjson(groups, path) if form == NDJSON else _csv(groups, schema, path)


def _groups(parts: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yields the rows in tables of one size, the last of which may be smaller."""
    held, rows = [], 0
    for part in parts:
        held.append(part.cast(schema))
        rows += part.num_rows
        if rows >= _GROUP:
            whole = pa.concat_tables(held)
            while rows >= _GROUP:
                yield whole.slice(0, _GROUP).combine_chunks()
                whole, rows = whole.slice(_GROUP), rows - _GROUP
            held = [whole]
    if rows:
        yield pa.concat_tables(held).combine_chunks()


def _parquet(groups: Iterator[pa.Table], schema: pa.Schema, path: Path) -> int:
    import pyarrow.parquet as pq

    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group, row_group_size=_GROUP)
            rows += group.num_rows
    return rows


def _csv(groups: Iterator[pa.Table], schema: pa.Schema, path: Path) -> int:
    import pyarrow.csv as pc

    rows = 0
    with pc.CSVWriter(path, schema) as writer:
        for group in groups:
            writer.write_table(group)
            rows += group.num_rows
    return rows


def _ndjson(groups: Iterator[pa.Table], path: Path) -> int:
    import orjson

    rows = 0
    option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
    with path.open("wb") as file:
        for group in groups:
            for batch in group.to_batches(50_000):
                file.writelines(orjson.dumps(row, option=option) for row in batch.to_pylist())
            rows += group.num_rows
    return rows

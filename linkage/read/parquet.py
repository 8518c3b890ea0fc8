"""Parquet parts to batches, in the types they have; types that cannot mean the column are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from linkage.errors import InputError
from linkage.model.batches import RawBatch
from linkage.model.facts import Column, ColumnType
from linkage.read.columns import compare, lacking
from linkage.read.part import Part, reading, unreadable
from linkage.read.storage import RemoteError

_CODED = ("account_id", "ip")
"""Columns that may stay as the file holds them, each value once and a code per row: all work on them allows for it."""

_CODED_BYTES = 8  # a value takes fewer where its column is coded; text of its own begins with four for its length
_PROMPT_ROWS = 50_000  # prompts are long: at most so many rows of them are held at a time


def inspect_parquet(part: Part) -> list[str]:
    """Returns notes on the schema of a Parquet part; InputError where it cannot be used."""
    with _open(part) as file:
        schema = file.schema_arrow
    notes = compare(part, schema.names)
    for column in part.shape.columns:
        if column.name in schema.names:
            kind = _value_type(schema.field(column.name).type)
            _check_type(part, column, kind)
            if pt.is_integer(kind) and column.type is not ColumnType.COUNT:
                notes.append(f"{part.source}: {column.name} is {kind} and is read as text")
    return notes


def column_names(part: Part) -> list[str]:
    """Returns the names of the columns of a Parquet part."""
    with _open(part) as file:
        return list(file.schema_arrow.names)


def group_rows(part: Part) -> list[int]:
    """Returns how many rows each row group of a Parquet part has."""
    with _open(part) as file:
        return [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]


def read_parquet(
    part: Part, columns: Sequence[Column], rows: int, groups: tuple[int, int] | None = None
) -> Iterator[RawBatch]:
    """Yields the rows of a Parquet part, at most `rows` at a time; a column that it lacks is its path's, or null.

    Of the row groups [first, last) alone, where these are given.
    """
    size = part.size
    with _open(part) as file:
        inspect_parquet(part)
        given = [column.name for column in columns if column.name in file.schema_arrow.names]
        if any(column.type is ColumnType.PROMPT and column.name in given for column in columns):
            rows = min(rows, _PROMPT_ROWS)
        total, before = max(file.metadata.num_rows, 1), 0
        if groups is not None:
            before = sum(file.metadata.row_group(group).num_rows for group in range(groups[0]))
        for batch in _batches(part, file, given, rows, groups):
            after = before + batch.num_rows
            yield RawBatch(part.shape, part.source, _complete(part, batch, columns), before + 1, size * after // total)
            before = after


def _open(part: Part) -> pq.ParquetFile:
    with reading(part):
        source = part.file.arrow()
        try:
            metadata = pq.read_metadata(source)
            return pq.ParquetFile(
                source,
                metadata=metadata,
                read_dictionary=_coded(metadata),
                coerce_int96_timestamp_unit="us",
                pre_buffer=not isinstance(source, Path),  # from afar, columns that lie together are fetched together
            )
        except pa.ArrowException as error:
            raise InputError(f"{part.source} is not a sound Parquet file: cut off, or of another format") from error


def _coded(metadata: pq.FileMetaData) -> list[str]:
    """Returns which of the columns that may stay coded are so in the file, by how many bytes a row takes."""
    taken = dict.fromkeys(_CODED, 0)
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            if column.path_in_schema in taken and column.physical_type == "BYTE_ARRAY":
                taken[column.path_in_schema] += column.total_uncompressed_size
    return [name for name, size in taken.items() if 0 < size < _CODED_BYTES * metadata.num_rows]


def _batches(
    part: Part, file: pq.ParquetFile, names: list[str], rows: int, chosen: tuple[int, int] | None
) -> Iterator[pa.RecordBatch]:
    groups = file.metadata.num_row_groups
    # codes mean something within a row group: a batch over two would come in two
    whole = chosen is not None or (groups and file.metadata.num_rows / groups > rows / 10)
    try:
        for some in [[group] for group in range(*(chosen or (0, groups)))] if whole else [None]:
            yield from file.iter_batches(batch_size=rows, columns=names, row_groups=some, use_threads=True)
    except RemoteError as error:
        raise unreadable(part, error) from error
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{part.source} is damaged: a column cannot be decoded; write it again") from error


def _complete(part: Part, batch: pa.RecordBatch, columns: Sequence[Column]) -> pa.RecordBatch:
    arrays = []
    for column in columns:
        if column.name not in batch.schema.names:
            arrays.append(lacking(part, column, batch.num_rows))
            continue
        array = batch.column(column.name)
        if pt.is_dictionary(array.type) and not _stays(column, array):
            array = array.dictionary_decode()
        if pt.is_integer(array.type) and column.type is not ColumnType.COUNT:
            array = array.cast(pa.string())
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, [column.name for column in columns])


def _stays(column: Column, array: pa.DictionaryArray) -> bool:
    return column.name in _CODED and _text(array.type.value_type) and 2 * len(array.dictionary) < len(array)


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pt.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind) or pt.is_null(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pt.is_binary(kind) or pt.is_large_binary(kind))  # how some engines write text


def _text(kind: pa.DataType) -> bool:
    return _is_text(kind) or _is_bytes(kind)


def _id(kind: pa.DataType) -> bool:
    return _text(kind) or bool(pt.is_integer(kind))


def _time(kind: pa.DataType) -> bool:
    return _text(kind) or bool(pt.is_timestamp(kind) or pt.is_date(kind))


def _count(kind: pa.DataType) -> bool:
    return _text(kind) or bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))


_ACCEPTED: dict[ColumnType, tuple[Callable[[Any], bool], str]] = {
    ColumnType.ID: (_id, "text or whole numbers"),
    ColumnType.TEXT: (_id, "text or whole numbers"),
    ColumnType.CHOICE: (_text, "text"),
    ColumnType.IP: (_text, "text"),
    ColumnType.PROMPT: (_text, "text"),
    ColumnType.TIME: (_time, "timestamps, dates or text"),
    ColumnType.COUNT: (_count, "numbers"),
}


def _check_type(part: Part, column: Column, kind: pa.DataType) -> None:
    accepted, wanted = _ACCEPTED[column.type]
    if not accepted(kind):
        shown = str(kind).split("<")[0]  # the fields of a nested type may be data
        raise InputError(f"{part.source}: the column «{column.name}» is of type {shown}; write it as {wanted}")

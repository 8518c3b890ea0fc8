"""Which columns a part has, compared with its table: what is missing stops a load, what is unknown is noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from linkage.errors import InputError
from linkage.model.facts import Column, Table
from linkage.read.part import Format, Part

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 40  # longest name of a column that is shown: a name that long is data


def inspect(part: Part) -> list[str]:
    """Returns notes on a part from its header, schema or first lines; InputError where it cannot be used."""
    if part.format is Format.PARQUET:
        from linkage.read.parquet import inspect_parquet

        return inspect_parquet(part)
    if part.format in (Format.CSV, Format.CSV_GZ):
        from linkage.read.delimited import inspect_header

        return inspect_header(part)
    from linkage.read.lines import inspect_lines

    return inspect_lines(part)


def filled(part: Part) -> tuple[tuple[str, str | None], ...]:
    """Returns the columns that the path of a part fills, with their values, since the file does not have them.

    Of JSON lines, all that the path names: each row has keys of its own. InputError where it cannot be read.
    """
    if not part.partition or part.format in (Format.JSONL, Format.JSONL_GZ):
        return part.partition
    if part.format is Format.PARQUET:
        from linkage.read.parquet import column_names
    else:
        from linkage.read.delimited import column_names
    names = column_names(part)
    return tuple((name, value) for name, value in part.partition if name not in names)


def lacking(part: Part, column: Column, count: int) -> pa.Array:
    """Returns the values of a column that the file of a part does not have: what its path says, or null."""
    import pyarrow as pa

    value = dict(part.partition).get(column.name)
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value, pa.string()), count)


def chosen(table: Table, names: Sequence[str] | None) -> tuple[Column, ...]:
    """Returns the columns of these names and the required ones, in the contract's order; None: all.

    KeyError for a name that the table does not have.
    """
    if names is None:
        return table.columns
    for name in names:
        table.column(name)
    return tuple(column for column in table.columns if column.required or column.name in names)


def compare(part: Part, names: Sequence[str]) -> list[str]:
    """Returns notes on unknown columns; InputError for one that is there twice or required and missing.

    Names are shown only where the known columns show that they are names: a file without a header has data there.
    """
    known = {column.name for column in part.shape.columns}
    given = {*names, *(name for name, _ in part.partition)}
    missing = [column.name for column in part.shape.columns if column.required and column.name not in given]
    if missing:
        raise InputError(f"{part.source} has no column «{missing[0]}»{_found(known, names)}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{part.source} has the column «{twice[0][:_SHOWN]}» twice")
    return [unknown(part, name) for name in names if name not in known]


def unknown(part: Part, name: str) -> str:
    """Returns the note on a column that the table does not have."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:_SHOWN])  # half a pair, too
    return f"the column «{shown}» of {part.table} is not known and is ignored"


def _found(known: set[str], names: Sequence[str]) -> str:
    met = [name for name in names if name in known]
    if met:
        return f" (it has {', '.join(met)})"
    return f": none of its {len(names)} columns is known; the first line must name the columns"

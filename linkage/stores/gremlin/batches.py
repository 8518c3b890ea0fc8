"""Arrow tables on their way into a Gremlin store: rows with the id, the digest and the values of each.

Times go as microseconds since 1970 and lists as text joined by semicolons: servers differ in what they make of other
values. What is not known is not sent; stores refuse nothing as a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gremlin_python.statics import long

from linkage.stores.gremlin.ids import digest
from linkage.stores.tables import conform, joined

if TYPE_CHECKING:
    import pyarrow as pa

PROPERTIES = {"label": "marked"}
"""Columns whose names JanusGraph keeps to itself, and what they are called there; so is `key`."""

BATCH_ROWS = 500
"""Rows of one request: few enough for a server's usual limits, many enough to forget its overhead."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be kept of one vertex or edge: what it is named by, what is known of it, and a digest of both."""

    names: tuple[str, ...]
    values: dict[str, Any]
    digest: Any


def batches(
    table: pa.Table, schema: pa.Schema, names: Sequence[str], size: int = BATCH_ROWS
) -> Iterator[tuple[Row, ...]]:
    """Yields the rows, in the order of their names; other columns are their values."""
    ordered = conform(table, schema).sort_by([(name, "ascending") for name in names])
    columns = [name for name in schema.names if name not in names]
    for begin in range(0, ordered.num_rows, size):
        part = plain(ordered.slice(begin, size))
        named = zip(*(part.column(name).to_pylist() for name in names), strict=True)
        valued = zip(*(part.column(name).to_pylist() for name in columns), strict=True)
        yield tuple(_row(one, columns, values) for one, values in zip(named, valued, strict=True))


def plain(table: pa.Table) -> pa.Table:
    """Returns the table with times as microseconds, lists as text and all whole numbers as wide as stores have them."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        column = table.column(at)
        if pa.types.is_timestamp(field.type):
            column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        elif pa.types.is_list(field.type):
            column = joined(column)
        table = table.set_column(at, field.name, column)
    return table


def value(given: Any) -> Any:
    """Returns a value as it is sent: whole numbers as long ones, since stores tell them from short ones."""
    return long(given) if type(given) is int else given


def _row(names: tuple[str, ...], columns: Sequence[str], values: tuple[Any, ...]) -> Row:
    known = {
        PROPERTIES.get(name, name): value(one) for name, one in zip(columns, values, strict=True) if one is not None
    }
    return Row(names, known, digest(names, values))

"""Arrow tables on their way into Neo4j: ordered, in batches, as values that Cypher and CSV both take.

Times go as ISO 8601 text, since `datetime()` and the bulk importer then make the same value; an empty list
goes as nothing, since CSV cannot tell one from the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
"""Rows of one transaction: enough to forget its overhead, few enough for a heap of 1 GB."""


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Returns the table with exactly the columns and types of the schema; StoreError if one is missing."""
    missing = sorted(set(schema.names) - set(table.column_names))
    if missing:
        raise StoreError(f"a table for the store lacks the columns {', '.join(missing)}")
    return table.select(schema.names).cast(schema)


def plain(table: pa.Table) -> pa.Table:
    """Returns the table with times as text and empty lists as nothing."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(at, field.name, iso_text(table.column(at)))
        elif pa.types.is_list(field.type):
            table = table.set_column(at, field.name, _without_empty(table.column(at)))
    return table


def iso_text(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns times (microseconds, UTC) as text: 2026-01-31T08:00:00.000000Z."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.cast(times.cast(pa.timestamp("us", tz="UTC")), pa.string())
    return pc.binary_replace_slice(text.cast(pa.binary()), 10, 11, b"T").cast(pa.string())


def _without_empty(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.equal(pc.list_value_length(lists), 0)
    return pc.if_else(empty, pa.scalar(None, lists.type), lists)


def batches(
    table: pa.Table, schema: pa.Schema, order: Sequence[str], size: int = BATCH_ROWS
) -> Iterator[list[dict[str, Any]]]:
    """Yields the rows as maps, in the order of the merge key: two writers then never wait for each other."""
    ordered = conform(table, schema).sort_by([(name, "ascending") for name in order])
    for begin in range(0, ordered.num_rows, size):
        yield plain(ordered.slice(begin, size)).to_pylist()

"""Arrow tables on their way into Neo4j: ordered, in batches, as values that Cypher and CSV both take.

Times go as ISO 8601 text (those of uses as seconds: see `in_seconds`) and lists as text joined by a semicolon:
the server and the bulk importer then make the same values of them, and a list costs the driver one value instead
of one for each number. An empty list goes as nothing, since text cannot tell one from the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from linkage.stores.tables import LIST_DELIMITER, conform, joined

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
"""Rows of one transaction: enough to forget its overhead, few enough for a heap of 1 GB."""


def plain(table: pa.Table) -> pa.Table:
    """Returns the table with times and lists as text."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(at, field.name, iso_text(table.column(at)))
        elif pa.types.is_list(field.type):
            table = table.set_column(at, field.name, joined(table.column(at)))
    return table


def in_seconds(table: pa.Table) -> pa.Table:
    """Returns the table with times as whole seconds since 1970.

    Times of uses are stored so: a store has tens of millions of them, and as values of time they take three times
    the room and two thirds of the time of a bulk import.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            seconds = pc.cast(table.column(at).cast(pa.timestamp("s", tz="UTC"), safe=False), pa.int64())
            table = table.set_column(at, field.name, seconds)
    return table


def iso_text(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns times (microseconds, UTC) as text: 2026-01-31T08:00:00.000000Z."""
    import pyarrow as pa
    import pyarrow.compute as pc

    naive = times.cast(pa.timestamp("us", tz="UTC")).cast(
        pa.timestamp("us")
    )  # with a zone the cast costs ten times more
    text = pc.binary_replace_slice(naive.cast(pa.string()).cast(pa.binary()), 10, 11, b"T")
    return pc.binary_join_element_wise(text.cast(pa.string()), "Z", "")


def batches(
    table: pa.Table, schema: pa.Schema, order: Sequence[str], size: int = BATCH_ROWS
) -> Iterator[list[dict[str, Any]]]:
    """Yields the rows as maps, in the order of the merge key: two writers then never wait for each other."""
    for part in _ordered(table, schema, order, size):
        yield plain(part).to_pylist()


def link_batches(table: pa.Table, schema: pa.Schema, size: int = BATCH_ROWS) -> Iterator[list[list[str]]]:
    """Yields links as lists of both ids, the grade, and all numbers as one text, likewise in order.

    A store has millions of links, and the driver takes 34 microseconds for a map of their twelve values.
    """
    for part in _ordered(table, schema, ["account_a", "account_b"], size):
        ends = [part.column(name).to_pylist() for name in ("account_a", "account_b", "grade")]
        figures = in_seconds(part.drop_columns(["account_a", "account_b", "grade"]))
        yield list(map(list, zip(*ends, _in_one(figures.columns).to_pylist(), strict=True)))


def _in_one(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Returns the columns joined to one of text; nothing where a value is not known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = [column.cast(pa.string()) for column in columns]
    return pc.binary_join_element_wise(*texts, LIST_DELIMITER, null_handling="replace", null_replacement="")


def _ordered(table: pa.Table, schema: pa.Schema, order: Sequence[str], size: int) -> Iterator[pa.Table]:
    ordered = conform(table, schema).sort_by([(name, "ascending") for name in order])
    for begin in range(0, ordered.num_rows, size):
        yield ordered.slice(begin, size)

"""Arrow tables on their way into a store that keeps no lists: checked, and with lists as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

LIST_DELIMITER = ";"


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Returns the table with exactly the columns and types of the schema; StoreError if one is missing."""
    missing = sorted(set(schema.names) - set(table.column_names))
    if missing:
        raise StoreError(f"a table for the store lacks the columns {', '.join(missing)}")
    return table.select(schema.names).cast(schema)


def joined(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns lists of numbers as text, joined by semicolons; nothing for an empty one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.binary_join(lists.cast(pa.list_(pa.string())), LIST_DELIMITER)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)

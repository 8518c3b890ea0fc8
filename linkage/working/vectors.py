"""Columns too long for rows of a table: kept as vectors, in pieces, and read back without a look at each value.

The table `incidence` holds things in their order, some after another in each row: their kind, place, weight and
how many rows each has, and those rows. A million accounts have 37 million rows; as rows of a table they cost six
times as much to write and to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

PIECE_ROWS = 1 << 20
"""Rows in a piece, or a few more: a thing is not split."""

_KINDS: dict[str, Any] = {
    "kind": np.uint8,
    "place": np.uint8,
    "millibits": np.int32,
    "size": np.int32,
    "account": np.int32,
    "block": np.int16,
    "days": np.uint64,
}
_OF_THINGS = ("kind", "place", "millibits", "size")
Vectors = dict[str, npt.NDArray[Any]]


def write_vectors(con: duckdb.DuckDBPyConnection, vectors: Vectors) -> None:
    """Replaces the incidence: one `kind`, `place`, `millibits` and `size` (rows) a thing, the others one a row."""
    import pyarrow as pa

    of_thing = np.concatenate((np.zeros(1, np.int64), np.cumsum(vectors["size"], dtype=np.int64)))
    steps = np.arange(0, of_thing[-1] + PIECE_ROWS, PIECE_ROWS)
    things = np.unique(np.append(np.searchsorted(of_thing, steps), len(of_thing) - 1)).clip(max=len(of_thing) - 1)
    columns = {"piece": pa.array(np.arange(len(things) - 1, dtype=np.int32))}
    for name, kind in _KINDS.items():
        bounds = things if name in _OF_THINGS else of_thing[things]
        values = np.ascontiguousarray(vectors[name], kind)
        offsets = (bounds * values.itemsize).astype(np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(values)]
        columns[name] = pa.Array.from_buffers(pa.large_binary(), len(things) - 1, buffers)
    con.register("rows", pa.table(columns))
    con.execute("DELETE FROM incidence")
    con.execute("INSERT INTO incidence SELECT * FROM rows")
    con.unregister("rows")


def read_vectors(con: duckdb.DuckDBPyConnection) -> Vectors:
    """Returns the incidence as it was written."""
    found: Vectors = {}
    for name, kind in _KINDS.items():  # one after another: all at once would be there twice
        table = con.sql(f"SELECT {name} FROM incidence ORDER BY piece").to_arrow_table()
        pieces = [np.frombuffer(piece.as_buffer(), kind) for piece in table.column(0)]
        found[name] = np.concatenate([np.empty(0, kind), *pieces])
    return found

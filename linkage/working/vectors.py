"""Columns too long for rows of a table: kept as vectors, in pieces, and read back without a look at each value.

The table `incidence` holds things in their order, some after another in each row: their kind, place, weight and
how many rows each has, and those rows. A million accounts have 37 million rows; as rows of a table they cost six
times as much to write and to read. Nine rows in ten are of one day, which takes 16 bits; `day` is `SEVERAL` for
the others, whose block and days follow one after another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit

if TYPE_CHECKING:
    import duckdb

PIECE_ROWS = 1 << 20
"""Rows in a piece, or a few more: a thing is not split."""

SEVERAL = 0xFFFF
"""No day has this number before the year 2149; those after it count as several."""

_KINDS: dict[str, Any] = {
    "kind": np.uint8,
    "place": np.uint8,
    "millibits": np.int32,
    "size": np.int32,
    "account": np.int32,
    "day": np.uint16,
    "block": np.int16,
    "days": np.uint64,
}
_OF_ROWS = ("account", "day")
_OF_SEVERAL = ("block", "days")
Vectors = dict[str, npt.NDArray[Any]]


def write_vectors(con: duckdb.DuckDBPyConnection, vectors: Vectors) -> None:
    """Replaces the incidence: one `kind`, `place`, `millibits` and `size` (rows) a thing, the others one a row."""
    import pyarrow as pa

    of_thing = np.concatenate((np.zeros(1, np.int64), np.cumsum(vectors["size"], dtype=np.int64)))
    steps = np.arange(0, of_thing[-1] + PIECE_ROWS, PIECE_ROWS)
    things = np.unique(np.append(np.searchsorted(of_thing, steps), len(of_thing) - 1)).clip(max=len(of_thing) - 1)
    day, several, block, days = _short(vectors["block"], vectors["days"], of_thing[things])
    columns = {"piece": pa.array(np.arange(len(things) - 1, dtype=np.int32))}
    for name, values in (vectors | {"day": day, "block": block, "days": days}).items():
        bounds = several if name in _OF_SEVERAL else of_thing[things] if name in _OF_ROWS else things
        held = np.ascontiguousarray(values, _KINDS[name])
        buffers = [None, pa.py_buffer((bounds * held.itemsize).astype(np.int64)), pa.py_buffer(held)]
        columns[name] = pa.Array.from_buffers(pa.large_binary(), len(things) - 1, buffers)
    con.register("rows", pa.table(columns))
    con.execute("DELETE FROM incidence")
    con.execute("INSERT INTO incidence BY NAME SELECT * FROM rows")
    con.unregister("rows")


def read_vectors(con: duckdb.DuckDBPyConnection) -> Vectors:
    """Returns the incidence as it was written."""
    found: Vectors = {}
    for name, kind in _KINDS.items():  # one after another: all at once would be there twice
        table = con.sql(f"SELECT {name} FROM incidence ORDER BY piece").to_arrow_table()
        pieces = [np.frombuffer(piece.as_buffer(), kind) for piece in table.column(0)]
        found[name] = np.concatenate([np.empty(0, kind), *pieces])
    found["block"], found["days"] = _long(found.pop("day"), found["block"], found["days"])
    return found


@numba.njit(cache=True, nogil=True)
def _short(block: Any, days: Any, pieces: Any) -> Any:
    """Returns days of 16 bits, and of rows that need more: bounds by piece, blocks and masks."""
    day = np.empty(len(days), np.uint16)
    bounds = np.zeros(len(pieces), np.int64)
    several = 0
    for piece in range(len(pieces) - 1):
        for row in range(pieces[piece], pieces[piece + 1]):
            mask = days[row]
            day[row] = SEVERAL
            if mask != 0 and mask & (mask - np.uint64(1)) == 0 and 0 <= block[row] < SEVERAL // 64:
                day[row] = block[row] * 64 + lowest_bit(mask)
            else:
                several += 1
        bounds[piece + 1] = several
    rows = np.flatnonzero(day == SEVERAL)
    return day, bounds, block[rows], days[rows]


@numba.njit(cache=True, nogil=True)
def _long(day: Any, several_block: Any, several_days: Any) -> Any:
    """Returns the block and the mask of each row."""
    block, days = np.empty(len(day), np.int16), np.empty(len(day), np.uint64)
    several = 0
    for row in range(len(day)):
        if day[row] == SEVERAL:
            block[row], days[row] = several_block[several], several_days[several]
            several += 1
        else:
            block[row], days[row] = day[row] >> 6, np.uint64(1) << np.uint64(day[row] & 63)
    return block, days

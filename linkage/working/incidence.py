"""Who shares what, as sparse rows both ways: things of an account, and accounts of a thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import FACETS

if TYPE_CHECKING:
    import duckdb

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Masks = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Incidence:
    """Shared uses of `accounts` accounts, and what is known of accounts and things.

    Things are the identifiers worth anything, numbered by falling bits. `of_account` bounds rows of `thing`,
    `block`, `days` (by thing, then block);
    `of_thing` bounds rows of `user`, `user_block`, `user_days` (by account, then block). `breadth` is
    accounts x facets in millibits. `of_starts` bounds `starts`, minutes ascending. `place` is the place code of
    a thing (0 for what is no address).
    """

    accounts: int
    of_account: Offsets
    thing: Ints
    block: npt.NDArray[np.int16]
    days: Masks
    of_thing: Offsets
    user: Ints
    user_block: npt.NDArray[np.int16]
    user_days: Masks
    kind: npt.NDArray[np.uint8]
    place: npt.NDArray[np.uint8]
    millibits: Ints
    breadth: Ints
    of_starts: Offsets
    starts: Ints


def read_incidence(con: duckdb.DuckDBPyConnection) -> Incidence:
    """Returns the incidence of the working file."""
    things = con.sql(
        "SELECT kind, place, millibits FROM identifier WHERE identifier IS NOT NULL ORDER BY identifier"
    ).to_arrow_table()
    shared = con.sql("SELECT account, identifier, block, days FROM shared").to_arrow_table()
    columns = {name: shared.column(name).to_numpy() for name in shared.column_names}
    breadth, of_starts, starts = read_habits(con)
    return build(
        columns,
        things.column("kind").to_numpy(),
        things.column("place").to_numpy(),
        things.column("millibits").to_numpy(),
        breadth,
        of_starts,
        starts,
    )


def build(
    shared: dict[str, Any], kind: Any, place: Any, millibits: Ints, breadth: Ints, of_starts: Offsets, starts: Ints
) -> Incidence:
    """Returns the incidence of shared uses in any order."""
    accounts = len(breadth)
    worth = np.flatnonzero(millibits > 0)
    order = worth[np.argsort(-millibits[worth], kind="stable")]
    number = np.full(len(kind), -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    thing = number[shared["identifier"]]
    rows = (
        np.argsort(shared["block"], kind="stable") if len(thing) and np.ptp(shared["block"]) else np.arange(len(thing))
    )
    by_thing, of_thing = _ordered(thing, _ordered(shared["account"], rows, accounts)[0], len(order))
    by_account, of_account = _ordered(shared["account"], by_thing, accounts)
    return Incidence(
        accounts,
        of_account,
        thing[by_account],
        shared["block"][by_account],
        shared["days"][by_account],
        of_thing,
        shared["account"][by_thing],
        shared["block"][by_thing],
        shared["days"][by_thing],
        kind[order],
        place[order],
        millibits[order],
        breadth,
        of_starts,
        starts,
    )


def read_habits(con: duckdb.DuckDBPyConnection) -> tuple[Ints, Offsets, Ints]:
    """Returns breadth (accounts x facets, millibits), and bounds and minutes of session starts."""
    rows = con.sql("SELECT starts, breadth FROM habit ORDER BY account").to_arrow_table()
    starts, breadth = (_lists(rows.column(name)) for name in ("starts", "breadth"))
    return breadth[1].reshape(-1, len(FACETS)), starts[0], starts[1]


def _lists(column: Any) -> tuple[Offsets, Ints]:
    lengths = column.combine_chunks().value_lengths().to_numpy(zero_copy_only=False)
    bounds = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    values = np.concatenate([chunk.flatten().to_numpy() for chunk in column.chunks] or [np.empty(0, np.int32)])
    return bounds, values.astype(np.int32)


def _ordered(key: Ints, order: Offsets, size: int) -> tuple[Offsets, Offsets]:
    bounds = np.concatenate(([0], np.cumsum(np.bincount(key, minlength=size)))).astype(np.int64)
    return _place(key, order, bounds[:-1].copy()), bounds


@numba.njit(cache=True, nogil=True)
def _place(key: Any, order: Any, free: Any) -> Any:
    """Orders rows by key, keeping their order inside equal keys (a counting sort)."""
    out = np.empty(len(order), np.int64)
    for row in order:
        out[free[key[row]]] = row
        free[key[row]] += 1
    return out

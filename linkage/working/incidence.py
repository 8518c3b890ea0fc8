"""Who shares what, as sparse rows both ways: things of an account, and accounts of a thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import FACETS, KINDS, Facet
from linkage.working.schema import ordinal_column
from linkage.working.vectors import Vectors, read_vectors

if TYPE_CHECKING:
    import duckdb

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Masks = npt.NDArray[np.uint64]

_LAST = (Facet.NETWORK, Facet.CONTENT)
READ_ORDER = np.array([_LAST.index(kind.facet) + 1 if kind.facet in _LAST else 0 for kind in KINDS], np.uint8)
"""Where the things of each kind stand: those of the two facets of which accounts have most come last."""


@dataclass(frozen=True, slots=True)
class Incidence:
    """Shared uses of `accounts` accounts, and what is known of accounts and things. Accounts go by ordinal.

    Things are the identifiers worth anything, numbered by falling bits, addresses behind all but content, which
    comes last:
    `of_address` and `of_content` say at which row of an account these begin. `of_account` bounds rows of `thing`,
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
    of_address: Offsets
    of_content: Offsets


def read_incidence(con: duckdb.DuckDBPyConnection) -> Incidence:
    """Returns the incidence of the working file."""
    return build(read_vectors(con), *read_habits(con))


def build(vectors: Vectors, breadth: Ints, of_starts: Offsets, starts: Ints) -> Incidence:
    """Returns the incidence of things as `vectors` keeps them: by falling bits, rows of each by account, then block."""
    of_thing = np.concatenate((np.zeros(1, np.int64), np.cumsum(vectors["size"], dtype=np.int64)))
    user, block, days = vectors["account"], vectors["block"], vectors["days"]
    of_account, thing, own_block, own_days = _by_account(of_thing, user, block, days, len(breadth))
    place = READ_ORDER[vectors["kind"]]
    return Incidence(
        len(breadth),
        of_account,
        thing,
        own_block,
        own_days,
        of_thing,
        user,
        block,
        days,
        vectors["kind"],
        vectors["place"],
        vectors["millibits"],
        breadth,
        of_starts,
        starts,
        *(_from(of_account, thing, int(np.count_nonzero(place < last))) for last in range(1, len(_LAST) + 1)),
    )


def read_habits(con: duckdb.DuckDBPyConnection) -> tuple[Ints, Offsets, Ints]:
    """Returns breadth (accounts x facets, millibits), and bounds and minutes of session starts, by ordinal."""
    rows = con.sql(f"SELECT starts, breadth FROM habit ORDER BY {ordinal_column(con)}").to_arrow_table()
    starts, breadth = (_lists(rows.column(name)) for name in ("starts", "breadth"))
    return breadth[1].reshape(-1, len(FACETS)), starts[0], starts[1]


def read_ordinals(con: duckdb.DuckDBPyConnection) -> Ints:
    """Returns the ordinal of each account, by number."""
    rows = con.execute(f"SELECT {ordinal_column(con)} AS ordinal FROM habit ORDER BY account")
    return np.asarray(rows.fetchnumpy()["ordinal"], np.int32)


def numbers_of(ordinals: Ints) -> Ints:
    """Returns the number of each account, by ordinal."""
    numbers = np.empty(len(ordinals), np.int32)
    numbers[ordinals] = np.arange(len(ordinals), dtype=np.int32)
    return numbers


def _lists(column: Any) -> tuple[Offsets, Ints]:
    lengths = column.combine_chunks().value_lengths().to_numpy(zero_copy_only=False)
    bounds = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    values = np.concatenate([chunk.flatten().to_numpy() for chunk in column.chunks] or [np.empty(0, np.int32)])
    return bounds, values.astype(np.int32)


@numba.njit(cache=True, nogil=True)
def _by_account(of_thing: Any, user: Any, user_block: Any, user_days: Any, accounts: int) -> Any:
    """Turns rows by thing into rows by account in one counting sort; returns bounds, thing, block and days."""
    bounds = np.zeros(accounts + 1, np.int64)
    for row in range(len(user)):
        bounds[user[row] + 1] += 1
    for account in range(accounts):
        bounds[account + 1] += bounds[account]
    free = bounds[:-1].copy()
    things = np.empty(len(user), np.int32)
    block = np.empty(len(user), user_block.dtype)
    days = np.empty(len(user), user_days.dtype)
    for thing in range(len(of_thing) - 1):
        for row in range(of_thing[thing], of_thing[thing + 1]):
            at = free[user[row]]
            free[user[row]] = at + 1
            things[at], block[at], days[at] = thing, user_block[row], user_days[row]
    return bounds, things, block, days


@numba.njit(cache=True, nogil=True)
def _from(of_account: Any, thing: Any, first: int) -> Any:
    """Returns for each account the row of its first thing with the number `first` or more."""
    out = np.empty(len(of_account) - 1, np.int64)
    for account in range(len(out)):
        begin, end = of_account[account], of_account[account + 1]
        while begin < end:
            middle = (begin + end) // 2
            if thing[middle] < first:
                begin = middle + 1
            else:
                end = middle
        out[account] = begin
    return out

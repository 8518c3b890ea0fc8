"""Habits of accounts: the sessions in which they are active.

A session is held by its first and last minute. Two sets of sessions join to those of all their minutes: inside a
session no gap is longer than what ends one, so whatever falls into it, or near enough behind it, belongs to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.order import rows_by_account

if TYPE_CHECKING:
    import duckdb

SESSION_GAP = 30
"""Idle minutes after which the next request starts a session."""

Offsets = npt.NDArray[np.int64]
Minutes = npt.NDArray[np.int32]


def sessions(bounds: Offsets, first: Minutes, last: Minutes) -> tuple[Offsets, Minutes, Minutes]:
    """Returns offsets (accounts + 1), and first and last minutes of the sessions of each account, ascending.

    The given ones are requests (first and last minute are one) or sessions, which join; they come by account, and
    `bounds` is where those of each account begin.
    """
    offsets, starts, ends = _sessions(bounds, first, last, SESSION_GAP)
    return offsets, starts, ends


@numba.njit(cache=True, nogil=True)
def _sessions(bounds: Any, first: Any, last: Any, gap: int) -> Any:
    starts, ends = np.empty(len(first), np.int32), np.empty(len(first), np.int32)
    offsets = np.zeros(len(bounds), np.int64)
    one, two = np.empty(256, np.int32), np.empty(256, np.int32)
    size = 0
    for account in range(len(bounds) - 1):
        begin, count = bounds[account], bounds[account + 1] - bounds[account]
        if count > len(one):
            one, two = np.empty(2 * count, np.int32), np.empty(2 * count, np.int32)
        ordered = True
        for at in range(count):
            one[at], two[at] = first[begin + at], last[begin + at]
            ordered = ordered and (at == 0 or one[at] >= one[at - 1])
        if not ordered:
            by_start = np.argsort(one[:count], kind="mergesort")
            one[:count], two[:count] = one[:count][by_start], two[:count][by_start]
        for at in range(count):
            if at == 0 or one[at] - ends[size - 1] > gap:
                starts[size], ends[size] = one[at], two[at]
                size += 1
            else:
                ends[size - 1] = max(ends[size - 1], two[at])
        offsets[account + 1] = size
    return offsets, starts[:size].copy(), ends[:size].copy()


def read_activity(
    con: duckdb.DuckDBPyConnection, accounts: int
) -> tuple[Offsets, Minutes, Minutes, npt.NDArray[np.int64]]:
    """Returns offsets (accounts + 1), first and last minutes of sessions, ascending, and each account's requests."""
    import pyarrow as pa

    table = con.sql("SELECT account, starts, ends, requests FROM activity").to_arrow_table()
    owner = table.column("account").to_numpy().astype(np.int32)
    requests = np.zeros(accounts, np.int64)
    np.add.at(requests, owner, table.column("requests").to_numpy())
    lists = [table.column(name).combine_chunks() for name in ("starts", "ends")]
    lists = [pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one for one in lists]
    lengths = lists[0].value_lengths().to_numpy(zero_copy_only=False)
    first, last = (one.flatten().to_numpy(zero_copy_only=False).astype(np.int32) for one in lists)
    order, bounds = rows_by_account(np.repeat(owner, lengths), accounts)
    return *sessions(bounds, first[order], last[order]), requests

"""Habits of accounts: the minutes of their activity, and from these the starts of their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

SESSION_GAP = 30
"""Idle minutes after which the next request starts a session."""


def distinct_minutes(
    order: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64], minute: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Returns offsets (accounts + 1) and the distinct minutes of each account, ascending.

    `order` holds rows by account, `bounds` where each account begins in it.
    """
    offsets, minutes = _distinct(minute[order], bounds)
    return offsets, minutes


@numba.njit(cache=True, nogil=True)
def _distinct(minute: Any, bounds: Any) -> Any:
    out = np.empty(len(minute), np.int32)
    offsets = np.zeros(len(bounds), np.int64)
    size = 0
    for account in range(len(bounds) - 1):
        begin, end = bounds[account], bounds[account + 1]
        if end - begin > 1:
            minute[begin:end].sort()
        last = np.int32(-1)
        for at in range(begin, end):
            if minute[at] != last:
                last = minute[at]
                out[size] = last
                size += 1
        offsets[account + 1] = size
    return offsets, out[:size].copy()


@numba.njit(cache=True, nogil=True)
def _session_starts(minutes: Any, bounds: Any, gap: int) -> Any:
    out = np.empty(len(minutes), np.int32)
    offsets = np.zeros(len(bounds), np.int64)
    size = 0
    for account in range(len(bounds) - 1):
        for at in range(bounds[account], bounds[account + 1]):
            if at == bounds[account] or minutes[at] - minutes[at - 1] > gap:
                out[size] = minutes[at]
                size += 1
        offsets[account + 1] = size
    return offsets, out[:size].copy()


def read_minutes(con: duckdb.DuckDBPyConnection, accounts: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Returns offsets (accounts + 1) and all distinct minutes of activity, by account and ascending."""
    import pyarrow as pa

    table = con.sql("SELECT account, minutes FROM activity WHERE len(minutes) > 0").to_arrow_table()
    lists = table.column("minutes").combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], pa.list_(pa.int32()))
    lengths = np.diff(lists.offsets.to_numpy())
    owner = np.repeat(table.column("account").to_numpy(), lengths).astype(np.int32)
    minute = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int32)
    counts = np.bincount(owner, minlength=accounts)
    bounds = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    from linkage.derive.aggregate import rows_by_account

    return distinct_minutes(rows_by_account(owner, accounts), bounds, minute)


def session_starts(
    offsets: npt.NDArray[np.int64], minutes: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Returns offsets and the minutes at which sessions start, from distinct ascending minutes."""
    starts_offsets, starts = _session_starts(minutes, offsets, SESSION_GAP)
    return starts_offsets, starts

"""Rows of facts in the order of their accounts, so that what is done account by account walks through memory."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.held import Rows

Order = npt.NDArray[np.int32]
Bounds = npt.NDArray[np.int64]


def rows_by_account(account: npt.NDArray[np.int32], accounts: int) -> tuple[Order, Bounds]:
    """Returns the row numbers ordered by account, rows of one account in their given order, and bounds.

    The rows of account i are `order[bounds[i]:bounds[i + 1]]`.
    """
    order, bounds = _order(account, accounts)
    return order, bounds


class Orderer:
    """Orders one chunk of rows after another, in memory that is kept."""

    def __init__(self) -> None:
        self._out: dict[str, npt.NDArray[Any]] = {}

    def by_account(self, rows: Rows, accounts: int) -> tuple[Rows, Bounds]:
        """Returns the rows ordered by account, in memory that the next call overwrites, and where each begins.

        Each column is gathered on its own: loads from all over memory, one independent of the other, overlap.
        """
        order, bounds = rows_by_account(rows.account, accounts)
        count, prompts = len(rows), len(rows.prompts)
        names = "account", "minute", "count", "key", "kind"
        columns = {name: self._room(name, getattr(rows, name).dtype, count) for name in names}
        for name, column in columns.items():
            _gather(order, getattr(rows, name), column)
        ends, keys = self._room("ends", np.int64, count + 1), self._room("prompts", np.uint64, prompts)
        _gather_prompts(order, rows.ends, rows.prompts, ends, keys)
        return Rows(**columns, ends=ends, prompts=keys), bounds

    def _room(self, name: str, kind: Any, size: int) -> npt.NDArray[Any]:
        if name not in self._out or len(self._out[name]) < size:
            self._out[name] = np.empty(size + size // 4, kind)
        return self._out[name][:size]


@numba.njit(cache=True, nogil=True)
def _order(account: Any, accounts: int) -> Any:
    free = np.zeros(accounts + 1, np.int64)
    for row in range(len(account)):
        free[account[row] + 1] += 1
    for who in range(accounts):
        free[who + 1] += free[who]
    bounds = free.copy()
    order = np.empty(len(account), np.int32)
    for row in range(len(account)):
        at = free[account[row]]
        order[at] = row
        free[account[row]] = at + 1
    return order, bounds


@numba.njit(cache=True, nogil=True)
def _gather(order: Any, values: Any, out: Any) -> None:
    for at in range(len(order)):
        out[at] = values[order[at]]


@numba.njit(cache=True, nogil=True)
def _gather_prompts(order: Any, ends: Any, prompts: Any, to_ends: Any, out: Any) -> None:
    done = 0
    to_ends[0] = 0
    for at in range(len(order)):
        row = order[at]
        for prompt in range(ends[row], ends[row + 1]):
            out[done] = prompts[prompt]
            done += 1
        to_ends[at + 1] = done

"""The one-to-one assignment of rows to columns with the largest total (Kuhn 1955, in O(rows² · columns))."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def best_assignment(gains: Matrix) -> list[tuple[int, int]]:
    """Returns pairs (row, column), each row and column at most once, whose gains have the largest sum."""
    if gains.size == 0:
        return []
    rows, columns = gains.shape
    if rows > columns:
        return sorted((row, column) for column, row in best_assignment(gains.T))
    owner = _shortest_paths(-gains)
    return sorted((int(owner[column]) - 1, column - 1) for column in range(1, columns + 1) if owner[column])


def _shortest_paths(costs: Matrix) -> NDArray[np.int64]:
    """Returns for each column (from 1) the row (from 1) assigned to it, or 0; column 0 is a helper.

    Rows enter one at a time, each along the cheapest augmenting path under the potentials of rows and columns.
    """
    rows, columns = costs.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        owner[0] = row
        _enter(costs, owner, row_price, column_price)
    return owner


def _enter(costs: Matrix, owner: NDArray[np.int64], row_price: Matrix, column_price: Matrix) -> None:
    columns = costs.shape[1]
    slack, came_from = np.full(columns + 1, np.inf), np.zeros(columns + 1, dtype=np.int64)
    seen = np.zeros(columns + 1, dtype=bool)
    column = 0
    while True:
        seen[column] = True
        row = owner[column]
        cost = costs[row - 1] - row_price[row] - column_price[1:]
        better = ~seen[1:] & (cost < slack[1:])
        slack[1:][better], came_from[1:][better] = cost[better], column
        column_next = int(np.argmin(np.where(seen, np.inf, slack)))
        step = slack[column_next]
        row_price[owner[seen]] += step
        column_price[seen] -= step
        slack[~seen] -= step
        column = column_next
        if owner[column] == 0:
            break
    while column:
        owner[column], column = owner[came_from[column]], int(came_from[column])

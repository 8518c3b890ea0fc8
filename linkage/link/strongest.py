"""Every account keeps its strongest links, so that a ring of 20,000 costs its size and not its square."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import LINKS_PER_ACCOUNT


def strongest(pairs: LinkColumns, accounts: int, keep: int = LINKS_PER_ACCOUNT) -> LinkColumns:
    """Returns the pairs that are among the `keep` strongest of their grade at either end, by (a, b).

    Ties go to the other account that comes first.
    """
    kept = np.zeros(len(pairs.a), bool)
    for grade in np.unique(pairs.grade):
        rows = np.flatnonzero(pairs.grade == grade)
        kept[rows] = _among_strongest(pairs.take(rows), accounts, keep)
    rows = np.flatnonzero(kept)
    return pairs.take(rows[np.lexsort((pairs.b[rows], pairs.a[rows]))])


def _among_strongest(pairs: LinkColumns, accounts: int, keep: int) -> npt.NDArray[np.bool_]:
    """Returns which pairs are kept; only accounts with more links than that need a ranking."""
    degree = np.bincount(pairs.a, minlength=accounts) + np.bincount(pairs.b, minlength=accounts)
    kept = (degree[pairs.a] <= keep) | (degree[pairs.b] <= keep)
    rows = np.concatenate((np.arange(len(pairs.a)), np.arange(len(pairs.a))))
    node = np.concatenate((pairs.a, pairs.b))
    busy = np.flatnonzero(degree[node] > keep)
    rows, node, other = rows[busy], node[busy], np.concatenate((pairs.b, pairs.a))[busy]
    order = np.lexsort((other, -pairs.bits[rows], node))
    begins = np.concatenate(([0], np.cumsum(np.bincount(node, minlength=accounts))))[:-1]
    rank = np.arange(len(node)) - begins[node[order]]
    kept[rows[order[rank < keep]]] = True
    return kept

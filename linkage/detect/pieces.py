"""Pieces of components: each component is cut on its own, so that it does not matter where, or beside which others.

Modularity weighs a graph against all of its links. A component that is cut alone is given the resolution under which
its own links make the same of it: with W the weight of all links and w that of its own, `RESOLUTION * w / W`.

Leiden needs all links of a component at once. Of one with too many the weakest are set aside, a step of bits after
another, until what hangs together is small enough; nobody is dropped: whoever has no link left is a piece alone, and
all links tell which pieces are joined again (see `join`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.detect.leiden import leiden
from linkage.kernels.forest import components

Ints = npt.NDArray[np.int32]

RESOLUTION = 1.0
"""Of the modularity that proposes pieces; `join` decides which belong together."""

MOST_LINKS = 4_000_000
"""Links of a component that is cut as it is: a gigabyte of memory for Leiden."""

STEP = 4_000
"""Millibits by which the threshold of a component with more links rises."""

LARGE = 4
"""A smaller component has no pieces."""


def held_together(
    a: Ints, b: Ints, bits: Ints, nodes: int, most: int = MOST_LINKS
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Returns the component of each node, by its least node, and which links are not set aside."""
    kept = np.ones(len(a), bool)
    whole = components(a, b, nodes)
    while True:
        size = np.bincount(whole[a[kept]], minlength=nodes)
        over = kept & (size[whole[a]] > most) & (whole[a] == whole[b])
        if not over.any():
            return whole, kept
        least = np.full(nodes, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(least, whole[a[over]], bits[over])
        kept &= ~(over & (bits < least[whole[a]] + STEP))
        whole = components(a[kept], b[kept], nodes)


def pieces(a: Ints, b: Ints, bits: Ints, component: Ints, total: int) -> tuple[Ints, Ints]:
    """Returns nodes and the piece of each, by its least node; `total` is the weight of all links of large components.

    `component` is that of each link. All links of a component are given, and none of a small one.
    """
    order = np.lexsort((b, a, component))
    begins = np.flatnonzero(np.diff(component[order], prepend=-1))
    nodes, names = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for rows in np.split(order, begins[1:]) if len(order) else []:
        found = leiden(a[rows], b[rows], bits[rows], RESOLUTION * int(bits[rows].sum(dtype=np.int64)) / total)
        node = np.fromiter(found.keys(), np.int32, len(found))
        nodes.append(node)
        names.append(by_least(node, np.fromiter(found.values(), np.int64, len(found))))
    return np.concatenate(nodes), np.concatenate(names)


def by_least(node: Ints, name: npt.NDArray[np.int64]) -> Ints:
    """Returns the least node of those that have the same name, for each."""
    _, number = np.unique(name, return_inverse=True)
    least = np.full(int(number.max()) + 1, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(least, number, node)
    return least[number]

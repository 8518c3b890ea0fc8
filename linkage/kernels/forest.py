"""Union-find: connected components and the weight of maximum spanning forests."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt


def components(a: npt.NDArray[np.int32], b: npt.NDArray[np.int32], nodes: int) -> npt.NDArray[np.int32]:
    """Returns for each node the least node of its component, given edges (a[i], b[i])."""
    labels: npt.NDArray[np.int32] = _components(a, b, nodes)
    return labels


@numba.njit(cache=True, nogil=True)
def root(parent: Any, node: int) -> int:
    """Returns the least node of the component of a node, and shortens the way there."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@numba.njit(cache=True, nogil=True)
def _components(a: Any, b: Any, nodes: int) -> Any:
    parent = np.arange(nodes, dtype=np.int32)
    for edge in range(len(a)):
        one, two = root(parent, a[edge]), root(parent, b[edge])
        if one != two:
            parent[max(one, two)] = min(one, two)
    for node in range(nodes):
        parent[node] = root(parent, node)
    return parent


@numba.njit(cache=True, nogil=True)
def spanning_weight(a: Any, b: Any, weight: Any, group: Any, groups: int, nodes: int) -> Any:
    """Returns, for each group, the weight of its maximum spanning forest.

    Edges come by falling weight; `group` is the group of each edge.
    """
    parent = np.arange(nodes, dtype=np.int32)
    total = np.zeros(groups, np.int64)
    for edge in range(len(a)):
        one, two = root(parent, a[edge]), root(parent, b[edge])
        if one != two:
            parent[max(one, two)] = min(one, two)
            total[group[edge]] += weight[edge]
    return total

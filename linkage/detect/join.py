"""Joins communities that are pieces of one ring.

Leiden by modularity cuts a large ring into pieces, and how it cuts depends on the engine. What does not
depend on it is how firmly two pieces hang together: the bits between them over all bits of the smaller
one, its conductance. Pieces above the bound are joined, the firmest first, until none is left.
"""

from __future__ import annotations

import heapq
from collections import defaultdict

import numpy as np
import numpy.typing as npt

FIRM = 0.10
"""Two pieces are one ring when a tenth of the smaller one's bits lie between them."""


def join_pieces(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    bits: npt.NDArray[np.int32],
    community: npt.NDArray[np.int32],
    firm: float = FIRM,
) -> npt.NDArray[np.int32]:
    """Returns communities by node after joining, -1 as given; edges are (a, b) with bits."""
    volume, between = _weigh(a, b, bits, community)
    parent = list(range(len(volume)))
    version = [0] * len(volume)
    queue = [
        (-weight / min(volume[one], volume[two]), one, two, 0, 0)
        for one, near in between.items()
        for two, weight in near.items()
        if one < two
    ]
    heapq.heapify(queue)
    while queue:
        firmness, one, two, version_one, version_two = heapq.heappop(queue)
        if -firmness < firm:
            break
        if version[one] != version_one or version[two] != version_two:
            continue
        _merge(one, two, volume, between, parent)
        version[one] += 1
        version[two] += 1
        for three, weight in between[one].items():
            least = min(volume[one], volume[three])
            low, high = min(one, three), max(one, three)
            heapq.heappush(queue, (-weight / least, low, high, version[low], version[high]))
    return _roots(parent, community)


def _weigh(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    bits: npt.NDArray[np.int32],
    community: npt.NDArray[np.int32],
) -> tuple[list[int], dict[int, dict[int, int]]]:
    """Returns the volume of each community (both ends of its links) and the bits between each two."""
    pieces = int(community.max()) + 1
    one, two = community[a], community[b]
    volume = np.bincount(one, weights=bits, minlength=pieces) + np.bincount(two, weights=bits, minlength=pieces)
    between: dict[int, dict[int, int]] = defaultdict(dict)
    apart = np.flatnonzero(one != two)
    low, high = np.minimum(one, two)[apart].astype(np.int64), np.maximum(one, two)[apart].astype(np.int64)
    pairs, place = np.unique(low * pieces + high, return_inverse=True)
    weights = np.bincount(place, weights=bits[apart], minlength=len(pairs))
    for pair, weight in zip(pairs.tolist(), weights.tolist(), strict=True):
        between[pair // pieces][pair % pieces] = int(weight)
        between[pair % pieces][pair // pieces] = int(weight)
    return [int(value) for value in volume.tolist()], between


def _merge(one: int, two: int, volume: list[int], between: dict[int, dict[int, int]], parent: list[int]) -> None:
    parent[two] = one
    volume[one] += volume[two]
    for three, weight in between.pop(two, {}).items():
        between[three].pop(two, None)
        if three != one:
            between[one][three] = between[one].get(three, 0) + weight
            between[three][one] = between[one][three]


def _roots(parent: list[int], community: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    for piece in range(len(parent)):
        root = piece
        while parent[root] != root:
            root = parent[root]
        parent[piece] = root
    return np.where(community < 0, -1, np.asarray(parent, np.int32)[community]).astype(np.int32)

"""Pieces of rings: cut by what accounts share, cut once more alone, put together again where they were cut through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.rank.layers import Rare, numbered
from linkage.rank.overlap import joined
from linkage.rank.partners import partners
from linkage.rank.rare import THINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]

OWN = 2 / 3
"""So much of the infrastructure of a piece of a ring is its own."""

ONE = 0.1
"""Overlap of infrastructure from which the parts of a piece are one: half of what makes pieces one, as nothing but
this graph says that they are two."""


def pieces(ring: Ints, community: Ints, least: int) -> Ints:
    """Returns the piece of each account: its ring's part of its community.

    A piece too small to be a ring, and an account in no community, stays with the largest piece of its ring.
    """
    inside = np.flatnonzero((ring >= 0) & (community >= 0))
    key = ring[inside].astype(np.int64) * (int(community.max(initial=0)) + 1) + community[inside]
    _, number, size = np.unique(key, return_inverse=True, return_counts=True)
    piece = np.full(len(ring), -1, np.int32)
    large = size[number] >= least
    piece[inside[large]] = number[large]
    pieces = len(size)
    for one in np.unique(ring[ring >= 0]).tolist():
        mine = np.flatnonzero(ring == one)
        held = piece[mine][piece[mine] >= 0]
        home = int(np.bincount(held).argmax()) if len(held) else pieces + one
        piece[mine[piece[mine] < 0]] = home
    return piece


def parted(rare: Rare, piece: Ints, communities: Callable[[LinkColumns], Ints], settings: Settings) -> Ints:
    """Returns the pieces (by account, -1 for none), each cut into the communities of its own infrastructure alone.

    Modularity sees no community that is small beside the whole graph (Fortunato and Barthelemy, "Resolution limit in
    community detection", 2007): beside a network of thousands small operators with one card type in common are one.
    Parts that overlap by `ONE` are put together again.
    """
    piece = numbered(piece, settings.min_ring)
    part = parts_alone(partners(rare.infrastructure, piece, THINGS), piece, communities)
    parts = numbered(pieces(piece, part, settings.min_ring), settings.min_ring)
    count = int(parts.max(initial=-1)) + 1
    house = np.zeros(count, np.int32)
    house[parts[parts >= 0]] = piece[parts >= 0]
    first = joined(rare.infrastructure, parts, count, ONE, house=house)
    return numbered(np.where(parts >= 0, np.append(first, -1)[parts], -1).astype(np.int32), settings.min_ring)


def parts_alone(near: LinkColumns, piece: Ints, communities: Callable[[LinkColumns], Ints]) -> Ints:
    """Returns the community of each account among those of its piece alone, -1 for none; `near` lies within pieces."""
    order = np.argsort(piece[near.a], kind="stable")
    part = np.full(len(piece), -1, np.int32)
    for rows in np.split(order, np.flatnonzero(np.diff(piece[near.a[order]])) + 1) if len(order) else []:
        found = communities(near.take(np.sort(rows)))
        part[found >= 0] = part.max() + 1 + found[found >= 0]
    return part


def mended(piece: Ints, ring: npt.NDArray[np.int64], near: LinkColumns) -> Ints:
    """Returns the pieces (by account, -1 for none), those that were cut through put together again.

    `ring` numbers what may be one: a campaign's accounts in one community of infrastructure. A community is found in
    any graph, also where everybody meets some of all others (Guimera, Sales-Pardo and Amaral, "Modularity from
    fluctuations in random graphs and complex networks", 2004). So a piece is one only if `OWN` of the weight that its
    accounts have there lies within it; one with less is joined to that with which it has most, the poorest first.
    """
    inside = (ring[near.a] >= 0) & (ring[near.a] == ring[near.b])
    if not inside.any():
        return piece
    a, b, weight = piece[near.a[inside]], piece[near.b[inside]], near.bits[inside].astype(np.float64)
    own = np.zeros(int(piece.max(initial=-1)) + 1)
    np.add.at(own, a[a == b], 2 * weight[a == b])
    beside: dict[int, dict[int, float]] = {}
    for one, other, shared in zip(a[a != b].tolist(), b[a != b].tolist(), weight[a != b].tolist(), strict=True):
        for here, there in ((one, other), (other, one)):
            row = beside.setdefault(here, {})
            row[there] = row.get(there, 0.0) + shared
    into, rest = np.arange(len(own)), {one: sum(row.values()) for one, row in beside.items()}
    while rest:
        share, poorest = min((own[one] / (own[one] + weight), one) for one, weight in rest.items())
        if share >= OWN:
            break
        lost = beside.pop(poorest)
        home = max(lost, key=lambda one: (lost[one], -one))
        own[home] += own[poorest] + 2 * lost[home]
        rest[home] += rest.pop(poorest) - 2 * lost[home]
        for one, shared in lost.items():
            del beside[one][poorest]
            if one != home:
                beside[one][home] = beside[home][one] = beside[home].get(one, 0.0) + shared
        if not beside[home]:
            del rest[home]
        into[into == poorest] = home
    return np.where(piece >= 0, into[piece], -1).astype(np.int32)

"""Cuts rings that hold several campaigns, or several operators: one layer joins what the other does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS
from linkage.rank.gathering import gathered
from linkage.rank.layers import Layers, Rare, numbered
from linkage.rank.overlap import joined
from linkage.rank.rare import THINGS, RareUses, grouped

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]

PARTNERS = 16
"""So many of its ring's accounts each account is held to: enough to find the pieces."""

OWN = 2 / 3
"""So much of the infrastructure of a piece of a ring is its own."""

ONE = 0.1
"""Overlap of infrastructure from which the parts of a piece are one: a third of what makes pieces one, as nothing but
this graph says that they are two."""

LOOKS = 96
"""So many of its rare prompts each account is looked at for, the most used first: a ring has its templates for
itself, and its questions from its campaign."""


def cut(
    rare: Rare,
    ring: Ints,
    communities: Callable[[LinkColumns], Ints],
    settings: Settings,
    whole: bool = False,
) -> Ints:
    """Returns rings of one campaign and one operator each.

    A ring is cut into the `communities` of its accounts by their content, and these by their infrastructure. What
    was cut too finely comes together again: pieces of one campaign (by the overlap of their content) and one
    operator (by that of their infrastructure) are one ring, and so are those that only together have one.

    `whole`: rings have all of their accounts by now, so that small operators beside large ones can be told, too.
    """
    if not (ring >= 0).any():
        return ring
    ring = pieces(ring, communities(partners(rare.content, ring)), settings.min_ring)
    anywhere = np.where(ring >= 0, 0, -1).astype(np.int32)  # an operator's accounts in other campaigns tell it, too
    near = partners(rare.infrastructure, anywhere, THINGS)
    community = communities(near)
    ring = pieces(ring, community, settings.min_ring)
    if whole:
        ring = parted(rare, ring, communities, settings)
    layers = Layers.of(rare, ring)
    campaign = layers.campaign_of(ring)
    cell = campaign.astype(np.int64) * (len(ring) + 1) + layers.operator_of(ring)
    _, number = np.unique(np.where(ring >= 0, cell, -1), return_inverse=True)
    ring = numbered(np.where(ring >= 0, number, -1).astype(np.int32), settings.min_ring)
    together = np.where(community >= 0, campaign.astype(np.int64) * (len(ring) + 1) + community, -1)
    ring = mended(ring, together, near)
    return numbered(gathered(rare.places, ring, campaign), settings.min_ring)


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
    near = partners(rare.infrastructure, piece, THINGS)
    order = np.argsort(piece[near.a], kind="stable")
    part = np.full(len(piece), -1, np.int32)
    for rows in np.split(order, np.flatnonzero(np.diff(piece[near.a[order]])) + 1) if len(order) else []:
        found = communities(near.take(np.sort(rows)))
        part[found >= 0] = part.max() + 1 + found[found >= 0]
    parts = numbered(pieces(piece, part, settings.min_ring), settings.min_ring)
    count = int(parts.max(initial=-1)) + 1
    house = np.zeros(count, np.int32)
    house[parts[parts >= 0]] = piece[parts >= 0]
    first = joined(rare.infrastructure, parts, count, ONE, house=house)
    return numbered(np.where(parts >= 0, np.append(first, -1)[parts], -1).astype(np.int32), settings.min_ring)


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


def partners(uses: RareUses, ring: Ints, looks: int = LOOKS) -> LinkColumns:
    """Returns accounts with those of their ring (by account, -1 for none) with whom they share most rare things.

    A thing weighs 1 / (users − 1), so that each has the same weight; in thousandths. Of an account's things the
    `looks` most used are looked at.
    """
    near = grouped(uses, ring)
    a, b, weight = _strongest(
        (uses.of_account, uses.thing, uses.met),
        (uses.of_thing, uses.user),
        (near.begin, near.end, near.group, near.users),
        ring,
        PARTNERS,
        looks,
    )
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b)
    pairs, first = np.unique(low * len(ring) + high, return_index=True)
    bits = np.maximum(np.rint(1000 * weight[first]), 1).astype(np.int32)
    one, two = (pairs // len(ring)).astype(np.int32), (pairs % len(ring)).astype(np.int32)
    return LinkColumns(one, two, bits, np.zeros((len(one), len(FACETS)), np.int32), np.zeros(len(one), np.uint8))


@numba.njit(cache=True, nogil=True)
def _meet(row: int, own: int, mine: Any, theirs: Any, near: Any, weight: Any, met_so_far: Any, found: int) -> int:
    """Adds the weight of the thing of a row to all of ring `own` met there; returns how many were met so far."""
    _, thing, met = mine
    of_thing, user = theirs
    begins, ends, group, users = near
    one = thing[row]
    share, first = 1.0 / (of_thing[one + 1] - of_thing[one] - 1), of_thing[one]
    for at in range(begins[one], ends[one]):
        if group[at] != own:
            continue
        rest = users[at] & met[row]
        while rest:
            other = user[first + lowest_bit(rest)]
            rest &= rest - np.uint64(1)
            if weight[other] == 0.0:
                met_so_far[found] = other
                found += 1
            weight[other] += share
        break
    return found


@numba.njit(cache=True, nogil=True)
def _strongest(mine: Any, theirs: Any, near: Any, ring: Any, most: int, looks: int) -> Any:
    of_account = mine[0]
    accounts = len(of_account) - 1
    weight, met = np.zeros(accounts, np.float64), np.empty(accounts, np.int32)
    chosen = np.count_nonzero(ring >= 0) * most
    o_a, o_b, o_weight = np.empty(chosen, np.int32), np.empty(chosen, np.int32), np.empty(chosen, np.float64)
    size = 0
    for a in range(accounts):
        if ring[a] < 0:
            continue
        found, begin = 0, of_account[a]
        for row in range(max(begin, of_account[a + 1] - looks), of_account[a + 1]):
            found = _meet(row, ring[a], mine, theirs, near, weight, met, found)
        others = np.sort(met[:found])
        best = np.argsort(-weight[others], kind="mergesort")[:most]
        for b in others[best]:
            o_a[size], o_b[size], o_weight[size] = a, b, weight[b]
            size += 1
        weight[others] = 0.0
    return o_a[:size].copy(), o_b[:size].copy(), o_weight[:size].copy()

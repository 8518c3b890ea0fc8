"""Cuts rings that hold several campaigns, or several operators: one layer joins what the other does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, KINDS
from linkage.rank.layers import Layers, Rare, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.settings import Settings
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]

PARTNERS = 16
"""So many of its ring's accounts each account is held to: enough to find the pieces."""

THINGS = 256
"""So many of its things each account is looked at for, in the order in which they are numbered."""

_WINDOWED = np.array([kind.windowed for kind in KINDS])


def cut(
    incidence: Incidence, rare: Rare, ring: Ints, communities: Callable[[LinkColumns], Ints], settings: Settings
) -> Ints:
    """Returns rings of one campaign and one operator each.

    A ring is cut into the `communities` of its accounts by their content, and these by their infrastructure. What
    was cut too finely comes together again: pieces of one campaign (by the overlap of their content) and one
    operator (by that of their infrastructure) are one ring.
    """
    if not (ring >= 0).any():
        return ring
    ring = pieces(ring, communities(partners(incidence, rare.content, ring)), settings.min_ring)
    anywhere = np.where(ring >= 0, 0, -1).astype(np.int32)  # an operator's accounts in other campaigns tell it, too
    ring = pieces(ring, communities(partners(incidence, rare.infrastructure, anywhere)), settings.min_ring)
    layers = Layers.of(incidence, rare, ring)
    cell = layers.campaign_of(ring).astype(np.int64) * (len(ring) + 1) + layers.operator_of(ring)
    _, number = np.unique(np.where(ring >= 0, cell, -1), return_inverse=True)
    return numbered(np.where(ring >= 0, number, -1).astype(np.int32), settings.min_ring)


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


def partners(incidence: Incidence, things: npt.NDArray[np.bool_], ring: Ints) -> LinkColumns:
    """Returns accounts with those of their ring (by account, -1 for none) with whom they share most of these things.

    A thing weighs 1 / (users − 1), so that each has the same weight; in thousandths.
    """
    a, b, weight = _strongest(
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days),
        things,
        _WINDOWED[incidence.kind],
        ring,
        PARTNERS,
        THINGS,
    )
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b)
    pairs, first = np.unique(low * len(ring) + high, return_index=True)
    bits = np.maximum(np.rint(1000 * weight[first]), 1).astype(np.int32)
    one, two = (pairs // len(ring)).astype(np.int32), (pairs % len(ring)).astype(np.int32)
    return LinkColumns(one, two, bits, np.zeros((len(one), len(FACETS)), np.int32), np.zeros(len(one), np.uint8))


@numba.njit(cache=True, nogil=True)
def _users(of_thing: Any, user: Any, one: int) -> int:
    users = 0
    for row in range(of_thing[one], of_thing[one + 1]):
        if row == of_thing[one] or user[row] != user[row - 1]:
            users += 1
    return users


@numba.njit(cache=True, nogil=True)
def _meet(one: int, mine: Any, theirs: Any, rows: Any, windowed: bool, ring: Any, weight: Any, near: Any) -> Any:
    """Adds the weight of thing `one` to all of the account's ring that used it; returns how many are near so far."""
    block, days = mine[2], mine[3]
    of_thing, user, user_block, user_days = theirs
    account, begin, end, found = rows
    share = 1.0 / (_users(of_thing, user, one) - 1)
    last = account
    for row in range(of_thing[one], of_thing[one + 1]):
        other = user[row]
        if other in (account, last) or ring[other] != ring[account]:
            continue
        met = not windowed
        for own in range(begin, end):
            met = met or (block[own] == user_block[row] and (days[own] & user_days[row]) != 0)
        if met:
            last = other
            if weight[other] == 0.0:
                near[found] = other
                found += 1
            weight[other] += share
    return found


@numba.njit(cache=True, nogil=True)
def _strongest(mine: Any, theirs: Any, things: Any, windowed: Any, ring: Any, most: int, looks: int) -> Any:
    of_account, thing = mine[0], mine[1]
    accounts = len(of_account) - 1
    weight, near = np.zeros(accounts, np.float64), np.empty(accounts, np.int32)
    chosen = np.count_nonzero(ring >= 0) * most
    o_a, o_b, o_weight = np.empty(chosen, np.int32), np.empty(chosen, np.int32), np.empty(chosen, np.float64)
    size = 0
    for a in range(accounts):
        if ring[a] < 0:
            continue
        found, seen, at, high = 0, 0, of_account[a], of_account[a + 1]
        while at < high and seen < looks:
            begin, one = at, thing[at]
            while at < high and thing[at] == one:
                at += 1
            if things[one]:
                seen += 1
                found = _meet(one, mine, theirs, (a, begin, at, found), windowed[one], ring, weight, near)
        others = np.sort(near[:found])
        best = np.argsort(-weight[others], kind="mergesort")[:most]
        for b in others[best]:
            o_a[size], o_b[size], o_weight[size] = a, b, weight[b]
            size += 1
        weight[others] = 0.0
    return o_a[:size].copy(), o_b[:size].copy(), o_weight[:size].copy()

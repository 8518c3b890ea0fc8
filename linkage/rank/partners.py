"""Who shares most with whom: the graph by which rings are cut into pieces."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS
from linkage.rank.rare import RareUses, grouped

Ints = npt.NDArray[np.int32]

PARTNERS = 16
"""So many of its ring's accounts each account is held to: enough to find the pieces."""

LOOKS = 96
"""So many of its rare prompts each account is looked at for, the most used first: a ring has its templates for
itself, and its questions from its campaign."""


def partners(uses: RareUses, ring: Ints, looks: int = LOOKS) -> LinkColumns:
    """Returns accounts with those of their ring (by account, -1 for none) with whom they share most rare things.

    A thing weighs 1 / (users − 1), so that each has the same weight; in thousandths. Of an account's things the
    `looks` most used are looked at.
    """
    near = grouped(uses, ring)
    a, b, weight = _strongest(
        (uses.of_account, uses.thing, uses.met),
        (uses.of_thing, uses.user),
        (near.bounds, near.rows),
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
    bounds, rows = near
    one = thing[row]
    share, first = 1.0 / (of_thing[one + 1] - of_thing[one] - 1), of_thing[one]
    for at in range(bounds[one, 0], bounds[one, 1]):
        if rows[at, 0] != own:
            continue
        rest = rows[at, 1] & met[row]
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
def _heaviest(some: Any, weight: Any, best: Any, most: int) -> int:
    """Writes those with the most weight into `best`, the heaviest first, the lowest of equals; returns how many."""
    kept = 0
    for one in some:
        mine = weight[one]
        if kept == most and (mine < weight[best[-1]] or (mine == weight[best[-1]] and one > best[-1])):
            continue
        at = kept = min(kept + 1, most)
        at -= 1
        while at and (mine > weight[best[at - 1]] or (mine == weight[best[at - 1]] and one < best[at - 1])):
            best[at] = best[at - 1]
            at -= 1
        best[at] = one
    return kept


@numba.njit(cache=True, nogil=True)
def _strongest(mine: Any, theirs: Any, near: Any, ring: Any, most: int, looks: int) -> Any:
    of_account = mine[0]
    accounts = len(of_account) - 1
    weight, met = np.zeros(accounts, np.float64), np.empty(accounts, np.int32)
    chosen = np.count_nonzero(ring >= 0) * most
    o_a, o_b, o_weight = np.empty(chosen, np.int32), np.empty(chosen, np.int32), np.empty(chosen, np.float64)
    size, best = 0, np.empty(most, np.int32)
    for a in range(accounts):
        if ring[a] < 0:
            continue
        found, begin = 0, of_account[a]
        for row in range(max(begin, of_account[a + 1] - looks), of_account[a + 1]):
            found = _meet(row, ring[a], mine, theirs, near, weight, met, found)
        kept = _heaviest(met[:found], weight, best, most)
        for b in best[:kept]:
            o_a[size], o_b[size], o_weight[size] = a, b, weight[b]
            size += 1
        for b in met[:found]:
            weight[b] = 0.0
    return o_a[:size].copy(), o_b[:size].copy(), o_weight[:size].copy()

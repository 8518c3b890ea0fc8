"""Accounts that stayed with a piece of a ring for want of company, though they run on what another has, or nobody.

A piece too small to be a ring stays with the largest of its ring (`pieces`). What its accounts run on may be that of
another piece, to which they go. Or it is that of none, as careful accounts have addresses and cards each for
themselves: they ask what the ring asks, and nothing says that its operator runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.rank.layers import Rare, cells
from linkage.rank.partners import partners
from linkage.rank.pieces import OWN, mended, parts_alone, pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.model.columns import LinkColumns

Ints = npt.NDArray[np.int32]


def at_home(piece: Ints, community: Ints, campaign: Ints, least: int) -> Ints:
    """Returns the pieces (by account, -1 for none), with strays where their infrastructure is.

    Whoever is of another `community` of infrastructure than most of the piece goes to the largest piece of its campaign
    of which most are of that community, if there is one, and if `least` accounts are left behind.
    """
    inside = np.flatnonzero((piece >= 0) & (community >= 0))
    if len(inside) == 0:
        return piece
    communities = int(community.max()) + 1
    cell, size = np.unique(piece[inside].astype(np.int64) * communities + community[inside], return_counts=True)
    of_piece, held = cell // communities, cell % communities
    campaign_of = np.full(int(piece.max()) + 1, -1, np.int64)
    campaign_of[piece[inside]] = campaign[inside]
    most, home = np.full(len(campaign_of), -1, np.int64), {}
    order = np.argsort(size, kind="stable").tolist()
    for row in order:  # the largest comes last and stays
        most[of_piece[row]] = held[row]
    for row in order:
        one = int(of_piece[row])
        if most[one] == held[row]:
            home[int(campaign_of[one]), int(held[row])] = one
    out = piece.copy()
    for account in inside[community[inside] != most[piece[inside]]].tolist():
        out[account] = home.get((int(campaign[account]), int(community[account])), out[account])
    left = np.bincount(piece[(piece >= 0) & (out == piece)], minlength=len(most))
    return np.where(np.append(left >= least, True)[piece], out, piece).astype(np.int32)


def on_their_own(
    rare: Rare,
    piece: Ints,
    community: Ints,
    near: LinkColumns,
    campaign: Ints,
    operator: Ints,
    communities: Callable[[LinkColumns], Ints],
    least: int,
) -> Ints:
    """Returns the pieces (by account, -1 for none); those without infrastructure in common with theirs have their own.

    `near` is who shares how much of infrastructure, `community`, `campaign` and `operator` are by account. Away is who
    is in no community of `least` accounts, and has less than a third of its partners among its operator's others; and
    who is in one that is mostly another operator's, with fewer than `least` of its campaign. What they ask tells those
    who are away from each other, if anything: they are cut by it, and put together where they were cut through.
    """
    away = _away(community, near, campaign, operator, least)
    ring = cells(campaign, operator)
    stay = np.bincount(ring[(ring >= 0) & ~away], minlength=int(ring.max(initial=-1)) + 1)
    leave = np.bincount(ring[away], minlength=len(stay))
    rest = np.where(away & np.append((stay >= least) & (leave >= least), False)[ring], ring, -1).astype(np.int32)
    if not (rest >= 0).any():
        return piece
    alike = partners(rare.content, rest)
    parts = mended(pieces(rest, parts_alone(alike, rest, communities), least), rest.astype(np.int64), alike)
    return np.where(rest >= 0, int(piece.max()) + 1 + parts, piece).astype(np.int32)


def _away(community: Ints, near: LinkColumns, campaign: Ints, operator: Ints, least: int) -> npt.NDArray[np.bool_]:
    """Returns which accounts of rings do not run on what the operator of their piece runs on."""
    known = np.flatnonzero((operator >= 0) & (community >= 0))
    count = int(community.max(initial=-1)) + 1
    run_by = np.zeros((count + 1, int(operator.max(initial=-1)) + 2), np.int64)  # the last row is that of no community
    np.add.at(run_by, (community[known], operator[known]), 1)
    small = run_by.sum(axis=1)[community] < least
    foreign = run_by.argmax(axis=1)[community] != operator
    few = np.bincount(cells(campaign, community) + 1)[cells(campaign, community) + 1] < least
    return (operator >= 0) & np.where(small, _held(near, operator, small) < 1 - OWN, foreign & few)


def _held(near: LinkColumns, operator: Ints, small: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Returns how much of the weight of each account lies with those of its operator who are in no small community."""
    whole, held = np.zeros(len(operator)), np.zeros(len(operator))
    for one, other in ((near.a, near.b), (near.b, near.a)):
        np.add.at(whole, one, near.bits)
        its = (operator[one] == operator[other]) & ~small[other]
        np.add.at(held, one[its], near.bits[its])
    return held / np.maximum(whole, 1)

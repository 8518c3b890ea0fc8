"""The ways in which an outsider who asks what a campaign asks joins a ring: by a second kind of evidence.

Such suspects are told by `affinity`; each step takes the rings and returns them with those who join.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.rank.affinity import Affinity, affinity
from linkage.rank.conduct import Conduct
from linkage.rank.layers import Layers, Rare, needed, numbered
from linkage.rank.manner import own_manner
from linkage.rank.partners import partners
from linkage.rank.pieces import pieces
from linkage.rank.verdict import chance

if TYPE_CHECKING:
    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Partition = Callable[[LinkColumns], Ints]

CONTENT_RATE = 0.5
"""At least so often the other users of a member's rare prompts belong to its campaign: the rest is camouflage."""

INFRASTRUCTURE_RATE = 0.1
"""The same for infrastructure, most of which an account has for itself."""

LEAST_SHARE = 0.3
"""An account whose rare prompts lie elsewhere for more than the rest of this has other business."""

LEAST_PROMPTS = 3
"""Prompts from which it can be told what an account asks, or how."""

ROUNDS = 8

MOSTLY = 2 / 3
"""Of the use that others make of an account's rare prompts so much lies in a campaign which it serves on its own. Who
works through a public data set that a campaign borrows from shares it with other such people, too."""

BUSIER, CLOSER, BY_CHANCE = 2.0, 1.0, 0.5
"""Such an account asks so many times as much as is usual; and twice as many others like it as would by chance came
within `WINDOW` of it (bits, and half a bit more where they are as few as may be)."""

WINDOW = 30.0
"""Days; careful operators take some weeks to make their accounts."""

_DAY = 86_400.0


def beside_operators(used: Affinity, ring: Ints, layers: Layers, suspects: Affinity, settings: Settings) -> Ints:
    """Puts suspects that use an operator's infrastructure (`used`) into its largest ring of their campaign.

    Where it has none, those who use the same operator's make one, if they are enough for a ring.
    """
    size = np.bincount(ring[ring >= 0])
    cell: dict[tuple[int, int], int] = {}
    for number in np.argsort(size, kind="stable").tolist():  # the largest comes last and stays
        cell[int(layers.campaign[number]), int(layers.operator[number])] = number
    operators: dict[int, list[tuple[float, int]]] = {}
    wanted = np.isin(used.account, suspects.account)
    for account, group, bits in zip(
        used.account[wanted].tolist(), used.group[wanted].tolist(), used.bits[wanted].tolist(), strict=True
    ):
        operators.setdefault(account, []).append((bits, group))
    out, fresh = ring.copy(), np.full(len(ring), -1, np.int32)
    new: dict[tuple[int, int], int] = {}
    for row in np.argsort(-suspects.bits, kind="stable").tolist():
        account, group = int(suspects.account[row]), int(suspects.group[row])
        near = sorted(operators.get(account, ()), key=lambda one: (-one[0], one[1]))
        rings = [cell[group, one] for _, one in near if (group, one) in cell]
        if out[account] < 0 and fresh[account] < 0 and near:
            if rings:
                out[account] = rings[0]
            else:
                fresh[account] = new.setdefault((group, near[0][1]), len(new))
    fresh = numbered(fresh, settings.min_ring)
    return np.where(fresh >= 0, len(size) + fresh, out).astype(np.int32)


def in_hiding(rare: Rare, ring: Ints, hidden: Affinity, communities: Partition, settings: Settings) -> Ints:
    """Makes rings of suspects of one campaign who share infrastructure, or a manner of asking, with each other.

    Few innocents ask what a campaign asks; two of these seldom meet, and have no templates in common. Rings are told
    apart by what they ask.
    """
    campaign = np.full(len(ring), -1, np.int32)
    order = np.argsort(hidden.bits, kind="stable")
    campaign[hidden.account[order]] = hidden.group[order]  # the likeliest comes last and stays
    if not (campaign >= 0).any():
        return ring
    used = affinity(rare.infrastructure, campaign, INFRASTRUCTURE_RATE).own(campaign)
    piece = pieces(campaign, communities(partners(rare.content, campaign)), settings.min_ring)
    alike = own_manner(rare.forms, piece) >= LEAST_PROMPTS
    return _with(ring, np.where(alike | (used >= settings.facet_floor), piece, -1), settings)


def by_manner(rare: Rare, ring: Ints, layers: Layers, alike: Affinity) -> Ints:
    """Puts suspects who also ask in their campaign's manner into that ring of it which asks most like them."""
    if len(alike.account) == 0:
        return ring
    campaign = np.full(len(ring), -1, np.int32)
    campaign[alike.account] = alike.group
    like = affinity(rare.content, ring, CONTENT_RATE, among=campaign >= 0)
    known = np.full(int(ring.max()) + 1, -2, np.int32)  # of rings made since, no campaign is known
    known[: len(layers.campaign)] = layers.campaign
    like = like.take(known[like.group] == campaign[like.account])
    likeness = like.share / np.sqrt(np.bincount(ring[ring >= 0]))[like.group]
    order = np.lexsort((like.group, likeness))
    out = ring.copy()
    out[like.account[order]] = like.group[order]  # the likest comes last and stays
    return out


def by_conduct(rare: Rare, ring: Ints, hidden: Affinity, conduct: Conduct, settings: Settings) -> Ints:
    """Makes rings of suspects who ask much, nearly all of it what one campaign asks, and who came together.

    A careful operator gives each account a home and a card of its own and words each question anew, so that nothing
    but the matter ties it to its campaign. Innocents who share as much with one are few, and came at any time.
    """
    few = rare.content.things[hidden.account] < LEAST_PROMPTS
    fits = (hidden.share >= MOSTLY) & (conduct.volume(hidden.account) >= BUSIER) & ~few
    told = hidden.take(fits & ~np.isnan(conduct.created[hidden.account]))
    everybody = np.sort(conduct.created[~np.isnan(conduct.created)])
    fresh, groups = np.full(len(ring), -1, np.int32), 0
    taken = np.zeros(len(ring), bool)
    for campaign in np.unique(told.group).tolist():
        theirs = told.account[told.group == campaign]
        theirs = theirs[~taken[theirs]]
        theirs = theirs[np.argsort(conduct.created[theirs], kind="stable")]
        theirs = theirs[_came_together(conduct.created[theirs], everybody, settings.min_ring)]
        taken[theirs] = True
        apart = np.diff(conduct.created[theirs], prepend=np.inf) > WINDOW * _DAY
        fresh[theirs] = groups + np.cumsum(apart, dtype=np.int32)
        groups += len(theirs) + 1
    return _with(ring, fresh, settings)


def _came_together(created: Floats, everybody: Floats, least: int) -> npt.NDArray[np.bool_]:
    """Returns which of these ascending times have many of the others within `WINDOW`, at least `least` with itself.

    Many are `CLOSER` bits more than there would be if they came as everybody did (ascending, too), and `BY_CHANCE` more
    if they are as few as may be.
    """
    width = WINDOW * _DAY

    def near(times: Floats) -> Floats:
        first = np.searchsorted(times, created - width, side="left")
        found: Floats = (np.searchsorted(times, created + width, side="right") - first).astype(np.float64)
        return found

    others = near(created) - 1
    expected = (len(created) - 1) * near(everybody) / max(len(everybody), 1)
    bits = CLOSER + BY_CHANCE * np.array([chance(int(one) + 1) for one in others])
    enough: npt.NDArray[np.bool_] = (others >= least - 1) & (others >= 2.0**bits * expected)
    return enough


def of_other_campaigns(rare: Rare, used: Affinity, ring: Ints, settings: Settings) -> Ints:
    """Makes rings of those who use an operator's infrastructure (`used`) and ask alike, if not what its rings ask.

    Other customers of the same network each ask something else.
    """
    best = used.best(len(ring))
    group = np.where(best >= 0, np.append(used.group, -1)[best], -1).astype(np.int32)
    for _ in range(ROUNDS):
        if not (group >= 0).any():
            return ring
        found = affinity(rare.content, group, CONTENT_RATE)
        fits = (found.share >= LEAST_SHARE) & (found.bits >= needed(group, settings)[found.group])
        stays = np.zeros(len(ring), bool)
        stays[found.account[fits & (group[found.account] == found.group)]] = True
        if np.array_equal(stays, group >= 0):
            break
        group = np.where(stays, group, -1).astype(np.int32)
    return _with(ring, group, settings)


def _with(ring: Ints, fresh: Ints, settings: Settings) -> Ints:
    """Returns the rings and those fresh ones (by account, -1 for none) that are large enough."""
    fresh = numbered(fresh.astype(np.int32), settings.min_ring)
    return np.where(fresh >= 0, int(ring.max(initial=-1)) + 1 + fresh, ring).astype(np.int32)

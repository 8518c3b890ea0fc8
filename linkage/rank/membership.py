"""Who belongs to a ring, once its core is known: by how each account stands to the whole, not to one neighbour.

Links find the core of a ring. What its accounts ask then tells its campaign from all other traffic, and what
they run on tells its operator. A member whose questions are not the campaign's leaves: it only met the ring. An
outsider whose questions are the campaign's joins, if a second kind of evidence agrees: it uses the operator's
infrastructure, or hangs together with others like it, or was made while the ring's accounts were made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.rank.affinity import Affinity, affinity
from linkage.rank.cut import partners, pieces
from linkage.rank.judge import Conduct
from linkage.rank.layers import Layers, Rare, numbered
from linkage.rank.signups import densest, sign_up_bits
from linkage.rank.support import supported

if TYPE_CHECKING:
    from linkage.settings import Settings

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Partition = Callable[[LinkColumns], Ints]

CONTENT_RATE = 0.5
"""At least so often the other users of a member's rare prompts belong to its campaign: the rest is camouflage."""

INFRASTRUCTURE_RATE = 0.1
"""The same for infrastructure, most of which an account has for itself."""

LEAST_SHARE = 0.3
"""An account whose rare prompts lie elsewhere for more than the rest of this has other business."""

HIDDEN_SHARE = 0.5
"""The same where only other suspects share its infrastructure."""

ALONE_SHARE = 0.65
"""The same where no infrastructure is shared."""

SIGNUP_BITS = 2.0
"""Bits that the time of sign-up must give where no infrastructure is shared."""

LEAST_PROMPTS = 3
"""Rare prompts from which an account's campaign can be told."""

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How each account stands to the campaign and the operator of its ring, in millibits, accounts x facets.

    `beside`: by ring, accounts (with millibits) that use its operator's infrastructure and are in no ring.
    """

    facets: Ints
    beside: dict[int, list[tuple[int, int]]]


def settle(
    rare: Rare,
    links: LinkColumns,
    ring: Ints,
    conduct: Conduct,
    partition: Partition,
    communities: Partition,
    settings: Settings,
) -> Ints:
    """Returns the rings after members left and outsiders joined, until nothing changes or `ROUNDS` are over.

    `ring` is by account number, -1 for none; `partition` finds communities among links, `communities` among weights.
    """
    for _ in range(ROUNDS):
        before = ring
        ring = _without_strangers(rare, ring, settings)
        ring = _with_outsiders(rare, links, ring, conduct, partition, communities, settings)
        if np.array_equal(before, ring):
            break
    return ring


def standing(rare: Rare, ring: Ints, settings: Settings) -> Standing:
    """Returns how accounts stand to the rings in the end: the evidence of those who have no link inside."""
    layers = Layers.of(rare, ring)
    campaign, operator = layers.campaign_of(ring), layers.operator_of(ring)
    cap = 1000 * settings.facet_cap
    facets = np.zeros((len(ring), len(FACETS)), np.int32)
    for number, facet in enumerate(FACETS):
        content = facet is Facet.CONTENT
        group, rate = (campaign, CONTENT_RATE) if content else (operator, INFRASTRUCTURE_RATE)
        things = rare.content if content else rare.infrastructure
        bits = affinity(things.only(facet), group, rate).own(group)
        facets[:, number] = np.rint(np.clip(1000 * bits, 0, cap))
    used = affinity(rare.infrastructure, operator, INFRASTRUCTURE_RATE)
    used = used.take((ring[used.account] < 0) & (used.bits >= needed(operator, settings)[used.group]))
    beside: dict[int, list[tuple[int, int]]] = {}
    best = used.best(len(ring))
    for account in np.flatnonzero(best >= 0).tolist():
        row = best[account]
        near = layers.largest_of(int(used.group[row]), ring)
        beside.setdefault(near, []).append((account, round(min(cap, 1000 * float(used.bits[row])))))
    return Standing(facets, beside)


def needed(group: Ints, settings: Settings) -> Floats:
    """Returns the bits that belonging to each group needs: the prior log2(N / size) and the margin of a link."""
    size = np.bincount(group[group >= 0], minlength=int(group.max(initial=-1)) + 1)
    return np.log2(len(group) / np.maximum(size, 1)) + settings.link_margin


def _without_strangers(rare: Rare, ring: Ints, settings: Settings) -> Ints:
    """Returns the rings without members whose rare prompts are not those of the ring's campaign.

    A ring most of whose accounts have too few rare prompts has no campaign to be told by, and stays as it is.
    """
    campaign = Layers.of(rare, ring).campaign_of(ring)
    found = affinity(rare.content, campaign, CONTENT_RATE)
    fits = found.own(campaign) >= np.append(needed(campaign, settings), np.inf)[campaign]
    members = np.bincount(ring[ring >= 0], minlength=int(ring.max(initial=-1)) + 1)
    telling = np.bincount(ring[(ring >= 0) & (found.things >= LEAST_PROMPTS)], minlength=len(members))
    told = np.append(2 * telling >= members, False)[ring]
    return numbered(np.where(told & ~fits, -1, ring).astype(np.int32), settings.min_ring)


def _with_outsiders(
    rare: Rare,
    links: LinkColumns,
    ring: Ints,
    conduct: Conduct,
    partition: Partition,
    communities: Partition,
    settings: Settings,
) -> Ints:
    if not (ring >= 0).any():
        return ring
    layers = Layers.of(rare, ring)
    campaign = layers.campaign_of(ring)
    found = affinity(rare.content, campaign, CONTENT_RATE)
    least = needed(campaign, settings)[found.group]
    fits = (ring[found.account] < 0) & (found.bits >= least) & (found.share >= LEAST_SHARE)
    suspects = found.take(fits & ~conduct.excused[found.account])
    ring = _beside_operators(rare, ring, layers, suspects, settings)
    left = suspects.take(ring[suspects.account] < 0)
    ring = _among_themselves(links, ring, left, partition, settings)
    hidden = suspects.take((ring[suspects.account] < 0) & (suspects.share >= HIDDEN_SHARE))
    ring = _in_hiding(rare, ring, hidden, communities, settings)
    ring = _made_together(ring, suspects.take(ring[suspects.account] < 0), conduct.created, settings)
    alone = (ring[suspects.account] < 0) & (suspects.share >= ALONE_SHARE)
    alone &= suspects.bits >= 2 * needed(campaign, settings)[suspects.group]
    return _by_sign_up(rare, ring, layers, suspects.take(alone), conduct)


def _beside_operators(rare: Rare, ring: Ints, layers: Layers, suspects: Affinity, settings: Settings) -> Ints:
    """Puts suspects that use an operator's infrastructure into its largest ring of their campaign.

    Where it has none, those who use the same operator's make one, if they are enough for a ring.
    """
    operator = layers.operator_of(ring)
    used = affinity(rare.infrastructure, operator, INFRASTRUCTURE_RATE)
    used = used.take(used.bits >= settings.facet_floor)
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


def _among_themselves(links: LinkColumns, ring: Ints, left: Affinity, partition: Partition, settings: Settings) -> Ints:
    """Makes rings of suspects that are linked to each other: their campaign is known, their operator was not."""
    suspect = np.zeros(len(ring), bool)
    suspect[left.account] = True
    inner = links.take((links.grade == BEHAVIOUR_GRADE) & suspect[links.a] & suspect[links.b])
    if len(inner) == 0:
        return ring
    community = partition(inner)
    kept = inner.take(supported(inner, community))
    body = np.zeros(len(ring), bool)
    body[kept.a] = body[kept.b] = True
    fresh = numbered(np.where(body, community, -1).astype(np.int32), settings.min_ring)
    return np.where(fresh >= 0, int(ring.max(initial=-1)) + 1 + fresh, ring).astype(np.int32)


def _in_hiding(rare: Rare, ring: Ints, hidden: Affinity, communities: Partition, settings: Settings) -> Ints:
    """Makes rings of suspects who use the infrastructure of others of their campaign that are suspects like them.

    Few innocents ask what a campaign asks; two of these seldom meet. Rings are told apart by what they ask.
    """
    campaign = np.full(len(ring), -1, np.int32)
    order = np.argsort(hidden.bits, kind="stable")
    campaign[hidden.account[order]] = hidden.group[order]  # the likeliest comes last and stays
    used = affinity(rare.infrastructure, campaign, INFRASTRUCTURE_RATE).own(campaign)
    body = np.where(used >= settings.facet_floor, campaign, -1).astype(np.int32)
    if not (body >= 0).any():
        return ring
    fresh = pieces(body, communities(partners(rare.content, body)), settings.min_ring)
    fresh = numbered(fresh, settings.min_ring)
    return np.where(fresh >= 0, int(ring.max(initial=-1)) + 1 + fresh, ring).astype(np.int32)


def _made_together(ring: Ints, left: Affinity, created: Floats, settings: Settings) -> Ints:
    """Makes rings of suspects of one campaign of whom far more than is usual were made within one span of time.

    A scan statistic (Kulldorff 1997): for spans of `SPANS` days from each sign-up, k of n suspects where μ are due
    gives k log2(k / μ) − (k − μ) / ln 2 bits, less log2 of the spans tried; as many are needed as for a link.
    """
    everyone = np.sort(created[~np.isnan(created)])
    out, rings = ring.copy(), int(ring.max(initial=-1)) + 1
    for campaign in np.unique(left.group).tolist():
        accounts = np.unique(left.account[left.group == campaign])
        accounts = accounts[~np.isnan(created[accounts]) & (out[accounts] < 0)]
        accounts = accounts[np.argsort(created[accounts], kind="stable")]
        begin, end, bits = densest(created[accounts], everyone)
        if end - begin >= settings.min_ring and bits >= np.log2(len(ring)) + settings.link_margin:
            out[accounts[begin:end]] = rings
            rings += 1
    return out


def _by_sign_up(rare: Rare, ring: Ints, layers: Layers, alone: Affinity, conduct: Conduct) -> Ints:
    """Puts suspects with no infrastructure in common into that ring of their campaign which asks most like them.

    They must have been made in the time in which its accounts were made.
    """
    if len(alone.account) == 0:
        return ring
    campaign = np.full(len(ring), -1, np.int32)
    campaign[alone.account] = alone.group
    like = affinity(rare.content, ring, CONTENT_RATE, among=campaign >= 0)
    known = np.full(int(ring.max()) + 1, -2, np.int32)  # of rings made since, no campaign is known
    known[: len(layers.campaign)] = layers.campaign
    like = like.take(known[like.group] == campaign[like.account])
    likeness = like.share / np.sqrt(np.bincount(ring[ring >= 0]))[like.group]
    order = np.lexsort((like.group, likeness))
    best = np.full(len(ring), -1, np.int32)
    best[like.account[order]] = like.group[order]  # the likest comes last and stays
    accounts = np.flatnonzero(best >= 0).astype(np.int32)
    target = best[accounts]
    bits = sign_up_bits(conduct.created, ring, accounts, target)
    out = ring.copy()
    out[accounts[bits >= SIGNUP_BITS]] = target[bits >= SIGNUP_BITS]
    return out

"""Rings in order of their strength, with roles, supporting facets and bystanders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components, spanning_weight
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import Role
from linkage.model.weights import BEHAVIOUR_GRADE, VOUCHERS
from linkage.rank.layers import numbered
from linkage.rank.support import supported
from linkage.settings import Settings

if TYPE_CHECKING:
    from linkage.rank.membership import Standing

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FoundRing:
    """A ring as found: account numbers with role, bits and weakest facet in equal order; score in bits."""

    accounts: tuple[int, ...]
    roles: tuple[Role, ...]
    bits: tuple[float, ...]
    weakest: tuple[Facet | None, ...]
    score: float
    facets: tuple[Facet, ...]

    @property
    def members(self) -> tuple[int, ...]:
        """Returns the accounts that are core or member."""
        return tuple(
            account for account, role in zip(self.accounts, self.roles, strict=True) if role is not Role.BYSTANDER
        )


def rank(links: LinkColumns, community: Ints, settings: Settings) -> list[FoundRing]:
    """Returns the rings that links alone make of communities, strongest first, then by their first account."""
    return assemble(links, bodies(links, community, settings), settings)


def bodies(links: LinkColumns, community: Ints, settings: Settings) -> Ints:
    """Returns the ring of each account, -1 for none: connected 2-cores of communities that are large enough."""
    strong = links.take(links.grade == BEHAVIOUR_GRADE)
    inner = strong.take(supported(strong, community))
    label = components(inner.a, inner.b, len(community))
    ring = np.full(len(community), -1, np.int32)
    nodes = np.unique(np.concatenate((inner.a, inner.b)))
    ring[nodes] = label[nodes]
    return numbered(ring, settings.min_ring)


def assemble(links: LinkColumns, ring: Ints, settings: Settings, standing: Standing | None = None) -> list[FoundRing]:
    """Returns the rings, strongest first, then by their first account; `ring` is by account, -1 for none.

    An account's evidence is its strongest link inside, or how it stands to the whole where that is more.
    """
    rings = int(ring.max(initial=-1)) + 1
    if rings == 0:
        return []
    inner = links.take((links.grade == BEHAVIOUR_GRADE) & (ring[links.a] == ring[links.b]) & (ring[links.a] >= 0))
    belonging = np.zeros((len(ring), len(FACETS)), np.int32) if standing is None else standing.facets
    members = _Members.of(inner, ring, belonging, settings)
    scores = _scores(inner, ring, rings)
    unlinked = np.flatnonzero((ring >= 0) & (members.degree == 0))
    scores += np.bincount(ring[unlinked], weights=belonging[unlinked].sum(axis=1), minlength=rings) / 1000
    beside = _bystanders(links, ring)
    if standing is not None:
        named = {who for others in beside.values() for who, _ in others}
        for number, others in standing.beside.items():
            beside.setdefault(number, []).extend(one for one in others if one[0] not in named)
    made = [_ring(number, members, beside, scores) for number in range(rings)]
    return sorted(made, key=lambda one: (-one.score, one.accounts[0]))


@dataclass(frozen=True, slots=True)
class _Members:
    """Members by ring: `order` lists account numbers ring after ring, `bounds` where each ring begins."""

    order: Ints
    bounds: npt.NDArray[np.int64]
    best: Ints
    degree: Ints
    facets: Ints

    @classmethod
    def of(cls, inner: LinkColumns, ring: Ints, belonging: Ints, settings: Settings) -> _Members:
        """Gathers each member's strongest evidence, its links inside, and its best bits by facet."""
        best, facets = belonging.sum(axis=1).astype(np.int32), belonging.copy()
        for ends in (inner.a, inner.b):
            np.maximum.at(best, ends, inner.bits)
            np.maximum.at(facets, ends, inner.facets)
        degree = np.bincount(inner.a, minlength=len(ring)) + np.bincount(inner.b, minlength=len(ring))
        nodes = np.flatnonzero(ring >= 0)
        order = nodes[np.argsort(ring[nodes], kind="stable")].astype(np.int32)
        bounds = np.concatenate(([0], np.cumsum(np.bincount(ring[nodes])))).astype(np.int64)
        facets[facets < round(1000 * settings.facet_floor)] = 0
        return cls(order, bounds, best, degree.astype(np.int32), facets)

    def ring(self, number: int) -> Ints:
        """Returns the accounts of a ring, ascending."""
        return self.order[self.bounds[number] : self.bounds[number + 1]]


def _scores(inner: LinkColumns, ring: Ints, rings: int) -> npt.NDArray[np.float64]:
    """Returns the bits of each ring: those of its maximum spanning tree.

    Every further link of a ring depends on those of the tree, so the tree is what adds up.
    """
    order = np.lexsort((inner.b, inner.a, -inner.bits))
    group = ring[inner.a][order]
    weights = spanning_weight(inner.a[order], inner.b[order], inner.bits[order], group, rings, len(ring))
    bits: npt.NDArray[np.float64] = weights / 1000
    return bits


def _bystanders(links: LinkColumns, ring: Ints) -> dict[int, list[tuple[int, int]]]:
    """Returns, by ring, accounts (with millibits) that share a ring's infrastructure but not its behaviour."""
    found: dict[int, list[tuple[int, int]]] = {}
    outside, inside, bits = [], [], []
    for one, two in ((links.a, links.b), (links.b, links.a)):
        rows = (ring[one] < 0) & (ring[two] >= 0)
        outside.append(one[rows])
        inside.append(ring[two[rows]])
        bits.append(links.bits[rows])
    account, near, weight = np.concatenate(outside), np.concatenate(inside), np.concatenate(bits)
    pair = account.astype(np.int64) * (int(ring.max()) + 1) + near
    pairs, place, count = np.unique(pair, return_inverse=True, return_counts=True)
    best = np.zeros(len(pairs), np.int64)
    np.maximum.at(best, place, weight)
    chosen: dict[int, tuple[int, int]] = {}
    for one, links_in, strongest in zip(pairs.tolist(), count.tolist(), best.tolist(), strict=True):
        who, which = divmod(one, int(ring.max()) + 1)
        if links_in >= VOUCHERS and (who not in chosen or strongest > chosen[who][1]):
            chosen[who] = (which, strongest)
    for who, (which, strongest) in sorted(chosen.items()):
        found.setdefault(which, []).append((who, strongest))
    return found


def _ring(
    number: int,
    members: _Members,
    beside: dict[int, list[tuple[int, int]]],
    scores: npt.NDArray[np.float64],
) -> FoundRing:
    accounts = members.ring(number)
    facets = members.facets[accounts]
    backing = tuple(facet for at, facet in enumerate(FACETS) if np.count_nonzero(facets[:, at]) * 2 >= len(accounts))
    core = members.degree[accounts] >= max(VOUCHERS + 1, float(np.median(members.degree[accounts])))
    others = beside.get(number, [])
    return FoundRing(
        accounts=(*accounts.tolist(), *(who for who, _ in others)),
        roles=(*(Role.CORE if one else Role.MEMBER for one in core), *(Role.BYSTANDER for _ in others)),
        bits=(*(members.best[accounts] / 1000).tolist(), *(bits / 1000 for _, bits in others)),
        weakest=(*(_weakest(row) for row in facets), *(None for _ in others)),
        score=round(float(scores[number]), 3),
        facets=backing,
    )


def _weakest(facets: Ints) -> Facet | None:
    """Returns the supporting facet with the fewest bits."""
    backing = np.flatnonzero(facets)
    return FACETS[backing[np.argmin(facets[backing])]] if len(backing) else None

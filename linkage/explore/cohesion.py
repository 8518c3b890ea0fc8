"""What holds a ring together, where it would fall apart, and what speaks against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from linkage.explore.belonging import RingThing
from linkage.explore.bridges import Bridge, bridges, graph_of
from linkage.explore.cut import Cut, cheapest_cut
from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import Account, Link, Member, Ring, Role, Use
from linkage.model.weights import CROWDED, GRADES, VOUCHERS

SHOWN = 20
"""Bridges and weak members that are told of at most."""
SHOWN_OF_FACET = 6
"""Things of one facet that are told of at most: prompts alone would fill any list."""
_OPEN = frozenset(place.value for place in CROWDED)

Stands = Callable[[Mapping[Facet, float]], bool]
"""Says whether a link of so many bits by facet is one of behaviour."""


@dataclass(frozen=True, slots=True)
class WeakMember:
    """A member by what speaks for it: links inside, and its own bits."""

    account_id: str
    role: Role
    links: int
    bits: float
    weakest_facet: Facet | None


@dataclass(frozen=True, slots=True)
class RingLoss:
    """What is left of a ring where a facet counts for nothing: links, members with two of them, and pieces."""

    facet: Facet
    links: int
    members: int
    pieces: int
    largest: int


@dataclass(frozen=True, slots=True)
class Cohesion:
    """The case of a ring: `members` and `links` say on how many of each it goes, the strongest where it is large."""

    ring_id: str
    members: int
    links: int
    things: tuple[RingThing, ...]
    bridges: tuple[Bridge, ...]
    weakest: tuple[WeakMember, ...]
    fragility: tuple[RingLoss, ...]
    cut: Cut | None
    against: tuple[str, ...]


def cohesion(
    ring: Ring,
    members: Sequence[Member],
    links: Sequence[Link],
    uses: Mapping[str, Sequence[Use]],
    accounts: Mapping[str, Account],
    stands: Stands,
) -> Cohesion:
    """Returns the case of a ring, given its members, links inside, what they used, and what is known of them."""
    inside = {one.account_id: one for one in members if one.role is not Role.BYSTANDER}
    strong = [link for link in links if link.grade == GRADES[0] and {link.account_a, link.account_b} <= inside.keys()]
    whole = _core(strong)
    fragility = tuple(
        _without(facet, strong, stands) for facet in FACETS if any(link.facets.get(facet, 0.0) > 0 for link in strong)
    )
    return Cohesion(
        ring_id=ring.ring_id,
        members=len(inside),
        links=len(strong),
        things=_things(inside, uses),
        bridges=bridges(strong, SHOWN),
        weakest=_weakest(inside, strong),
        fragility=fragility,
        cut=cheapest_cut(list(inside), strong),
        against=tuple(_against(ring, members, strong, accounts, fragility if whole else ())),
    )


def _things(inside: Collection[str], uses: Mapping[str, Sequence[Use]]) -> tuple[RingThing, ...]:
    """Returns the things of each facet that hold most of the ring, by bits times the members tied to another.

    The facet of what holds most comes first.
    """
    known: dict[str, Use] = {}
    members: Counter[str] = Counter()
    for account in inside:
        for use in uses.get(account, ()):
            known[use.key] = use
            members[use.key] += 1
    ranked = sorted((key for key in known if members[key] > 1), key=lambda key: (-_held(known[key], members[key]), key))
    told: Counter[Facet] = Counter()
    found = []
    for key in ranked:
        facet = known[key].facet
        told[facet] += 1
        if told[facet] <= SHOWN_OF_FACET:
            found.append(_thing(known[key], members[key]))
    order = list(told)
    return tuple(sorted(found, key=lambda one: order.index(one.facet)))


def _held(use: Use, members: int) -> float:
    return use.bits * (members - 1)


def _thing(use: Use, members: int) -> RingThing:
    return RingThing(use.facet, use.kind, use.key, use.place, use.degree, use.bits, members)


def _weakest(inside: Mapping[str, Member], links: Sequence[Link]) -> tuple[WeakMember, ...]:
    """Returns the members with the fewest links inside, then with the fewest bits."""
    count = Counter(end for link in links for end in (link.account_a, link.account_b))
    ranked = sorted(inside.values(), key=lambda one: (min(count[one.account_id], VOUCHERS), one.bits, one.account_id))
    return tuple(
        WeakMember(one.account_id, one.role, count[one.account_id], one.bits, one.weakest_facet)
        for one in ranked[:SHOWN]
    )


def _without(facet: Facet, links: Sequence[Link], stands: Stands) -> RingLoss:
    left = [link for link in links if stands({one: bits for one, bits in link.facets.items() if one is not facet})]
    pieces = _core(left)
    return RingLoss(facet, len(left), sum(pieces), len(pieces), max(pieces, default=0))


def _core(links: Sequence[Link]) -> list[int]:
    """Returns the sizes of the pieces in which every account has two links."""
    import networkx as nx

    return [len(piece) for piece in nx.connected_components(nx.k_core(graph_of(links), VOUCHERS))]


def _against(
    ring: Ring,
    members: Sequence[Member],
    links: Sequence[Link],
    accounts: Mapping[str, Account],
    fragility: Sequence[RingLoss],
) -> list[str]:
    """Returns what speaks against the ring, in sentences."""
    inside = [one.account_id for one in members if one.role is not Role.BYSTANDER]
    known = [accounts[one] for one in inside if one in accounts]
    found = []
    if ring.context in _OPEN:
        found.append(f"most of its traffic comes from a place where strangers meet: {ring.context}")
    for count, text in (
        (sum(one.label == "benign" for one in known), "labelled benign"),
        (sum(one.organization is not None for one in known), "of a declared organization"),
    ):
        if count:
            found.append(f"{count} of {len(inside)} members {'is' if count == 1 else 'are'} {text}")
    if len(ring.facets) < 2:
        found.append("fewer than two facets support half of its members")
    found += [f"without {one.facet.value} nothing of it is left" for one in fragility if one.members == 0]
    ends = {end for link in links for end in (link.account_a, link.account_b)}
    alone = sum(one not in ends for one in inside)
    if alone:
        text = "member has no link inside and belongs" if alone == 1 else "members have no link inside and belong"
        found.append(f"{alone} {text} by what is shared with the whole of it")
    beside = len(members) - len(inside)
    if beside:
        share, act = ("account shares", "is") if beside == 1 else ("accounts share", "are")
        found.append(f"{beside} {share} its infrastructure and not its behaviour, and {act} not to be acted on")
    return found

"""Why an account is in its ring: what links it, what it shares, what would free it, and what speaks against.

It is made of the waterfalls of the account with other members, and so holds for the evidence that links go by. An
account can also belong by how it stands to all of a ring (docs/model.md); then `bits` is more than its strongest link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from linkage.explore.freeing import smallest_loss
from linkage.model.kinds import Facet
from linkage.model.rings import Account, Evidence, FacetBits, Member, Role, SharedThing
from linkage.model.weights import CROWDED, GRADES, VOUCHERS

MOST_OTHERS = 150
"""Other members that an account is held against: those it has its strongest links to, then the ring's strongest."""
TIMING = "timing"
"""Stands for the key of what coincides in time, which is no identifier."""

Judge = Callable[[str, Sequence[SharedThing]], Evidence]
"""Returns the waterfall of the account with another member if these things were all that they share."""


@dataclass(frozen=True, slots=True)
class RingThing:
    """A thing that accounts of a ring share: `members` of the `degree` accounts that used it are of the ring.

    `bits`: the most that it gives to a pair of them. Timing has no key, and `degree` 0.
    """

    facet: Facet
    kind: str
    key: str
    place: str | None
    degree: int
    bits: float
    members: int


@dataclass(frozen=True, slots=True)
class Freeing:
    """The fewest things without which no link to the ring is left; it takes `at_least` so many, as many if `exact`."""

    things: tuple[RingThing, ...]
    at_least: int
    exact: bool


@dataclass(frozen=True, slots=True)
class FacetLoss:
    """What is left of an account's links into its ring where a facet counts for nothing."""

    facet: Facet
    links: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """Another member whom a link of behaviour joins to the account: its bits, and those of each facet."""

    account_id: str
    bits: float
    facets: tuple[FacetBits, ...]


@dataclass(frozen=True, slots=True)
class Belonging:
    """The case of one account: for, against, and how fragile.

    `others`: members that it was held against, of `members` others. `strongest`: the waterfall of its strongest link;
    `vouchers`: all whom it is linked to by behaviour, strongest first.
    """

    account_id: str
    ring_id: str
    role: Role
    bits: float
    weakest_facet: Facet | None
    members: int
    others: int
    strongest: Evidence | None
    vouchers: tuple[Voucher, ...]
    things: tuple[RingThing, ...]
    freeing: Freeing
    fragility: tuple[FacetLoss, ...]
    against: tuple[str, ...]


def belonging(
    account: Account, member: Member, members: int, shared: Mapping[str, Sequence[SharedThing]], judge: Judge
) -> Belonging:
    """Returns the case of an account of a ring with `members` others; `shared`: what it shares with some of them."""
    found = {other: judge(other, things) for other, things in shared.items() if things}
    linked = {other: found[other].things for other in sorted(found, key=lambda one: _by_bits(found[one]))}
    linked = {other: things for other, things in linked.items() if found[other].grade == GRADES[0]}
    vouchers = tuple(Voucher(other, found[other].bits, found[other].facets) for other in linked)
    things = _things(shared)
    loss = smallest_loss(
        {other: {_key(thing): thing.bits for thing in _telling(own)} for other, own in linked.items()},
        lambda other, kept: _linked(other, linked[other], frozenset(kept), judge),
    )
    by_key = {thing.key or TIMING: thing for thing in things}
    freeing = Freeing(tuple(by_key[key] for key in loss.things), loss.at_least, loss.exact)
    fragility = tuple(_without(facet, linked, judge) for facet in Facet if any(facet is one.facet for one in things))
    strongest = min((found[other] for other in linked or found), key=_by_bits, default=None)
    return Belonging(
        account_id=account.account_id,
        ring_id=member.ring_id,
        role=member.role,
        bits=member.bits,
        weakest_facet=member.weakest_facet,
        members=members,
        others=len(shared),
        strongest=strongest,
        vouchers=vouchers,
        things=things,
        freeing=freeing,
        fragility=fragility,
        against=(*_declared(account), *_against(member.role, vouchers, freeing, fragility, things)),
    )


def _linked(other: str, things: Sequence[SharedThing], kept: frozenset[str], judge: Judge) -> bool:
    return judge(other, [one for one in things if (one.key or TIMING) in kept]).grade == GRADES[0]


def _by_bits(evidence: Evidence) -> tuple[float, str, str]:
    return -evidence.bits, evidence.account_a, evidence.account_b


def _key(thing: SharedThing) -> str:
    return thing.key or TIMING


def _telling(things: Iterable[SharedThing]) -> list[SharedThing]:
    """Returns the things in the order in which a link needs them: infrastructure first, then by bits."""
    content = (Facet.CONTENT, Facet.TIMING)
    return sorted(things, key=lambda thing: (thing.facet in content, -thing.bits, thing.kind, thing.key))


def _things(shared: Mapping[str, Sequence[SharedThing]]) -> tuple[RingThing, ...]:
    """Returns all that the account shares with members, each once: by facet, most bits first."""
    best: dict[str, SharedThing] = {}
    members: dict[str, int] = {}
    for things in shared.values():
        for thing in things:
            key = _key(thing)
            members[key] = members.get(key, 1) + 1
            if key not in best or thing.bits > best[key].bits:
                best[key] = thing
    order = list(Facet)
    ranked = sorted(best, key=lambda key: (order.index(best[key].facet), -best[key].bits, key))
    return tuple(ring_thing(best[key], members[key]) for key in ranked)


def ring_thing(thing: SharedThing, members: int) -> RingThing:
    """Returns a shared thing with how many accounts of a ring share it."""
    degree = thing.degree if thing.key else 0
    return RingThing(thing.facet, thing.kind, thing.key, thing.place, degree, thing.bits, members)


def _without(facet: Facet, linked: Mapping[str, Sequence[SharedThing]], judge: Judge) -> FacetLoss:
    left = (judge(other, [one for one in things if one.facet is not facet]) for other, things in linked.items())
    return FacetLoss(facet, sum(one.grade == GRADES[0] for one in left))


def _declared(account: Account) -> list[str]:
    found = ["it is labelled benign"] if account.label == "benign" else []
    return [*found, "it belongs to a declared organization"] if account.organization else found


def _against(
    role: Role,
    vouchers: Sequence[Voucher],
    freeing: Freeing,
    fragility: Sequence[FacetLoss],
    things: Sequence[RingThing],
) -> list[str]:
    """Returns what speaks against the account's belonging to the ring, in sentences."""
    if role is Role.BYSTANDER:
        return ["it is a bystander: it shares the ring's infrastructure, not its behaviour, and is not to be acted on"]
    found = []
    if len(vouchers) < VOUCHERS:
        found.append(f"{('no other member vouches', 'one other member alone vouches')[len(vouchers)]} for it by a link")
    if vouchers and len(freeing.things) == 1:
        found.append(f"all its links stand on one thing: {_named(freeing.things[0])}")
    if vouchers:
        found += [f"without {one.facet.value} no link of it is left" for one in fragility if one.links == 0]
    hard = [one for one in things if one.facet in (Facet.PAYMENT, Facet.DEVICE, Facet.PROFILE)]
    places = sorted({one.place for one in things if one.facet is Facet.NETWORK and one.place})
    if places and not hard and all(place in CROWDED for place in places):
        found.append(f"all infrastructure in common is at places where strangers meet: {', '.join(places)}")
    return found


def _named(thing: RingThing) -> str:
    return f"{thing.kind} {thing.key}" if thing.key else "when it works"

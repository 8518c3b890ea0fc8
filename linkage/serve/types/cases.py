"""The cases of a member and of a ring: for, against, and how little would undo them."""

from __future__ import annotations

import strawberry

from linkage import explore
from linkage.model.kinds import Facet
from linkage.model.rings import Role
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, load_account
from linkage.serve.types.evidence import Evidence, FacetStep
from linkage.serve.types.page import check_first
from linkage.serve.types.questions import EvasionCost
from linkage.serve.types.values import Info


@strawberry.type(description="A thing that accounts of a ring share.")
class RingThing:
    """A thing of a ring."""

    facet: Facet
    kind: str
    key: str | None = strawberry.field(description="The keyed hash of the thing; null for timing.")
    place: str | None
    degree: int = strawberry.field(description="How many accounts used it; 0 for timing.")
    bits: float = strawberry.field(description="The most that it gives to a pair of them.")
    members: int = strawberry.field(description="How many accounts of the ring share it.")

    @classmethod
    def of(cls, record: explore.RingThing) -> RingThing:
        """Returns the GraphQL object of a record."""
        return cls(
            facet=record.facet,
            kind=record.kind,
            key=record.key or None,
            place=record.place,
            degree=record.degree,
            bits=record.bits,
            members=record.members,
        )


@strawberry.type(description="Another member whom a link of behaviour joins to the account.")
class Voucher:
    """One who vouches."""

    account_id: str
    bits: float
    facets: list[FacetStep]

    @strawberry.field(description="The other account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)


@strawberry.type(description="The fewest things without which no link to the ring is left; none where none is held.")
class Freeing:
    """What would free an account."""

    things: list[RingThing]
    at_least: int = strawberry.field(description="It takes so many at any rate.")
    exact: bool = strawberry.field(description="Whether no smaller set does it.")


@strawberry.type(description="What is left of an account's links into its ring where a facet counts for nothing.")
class FacetLoss:
    """Links without a facet."""

    facet: Facet
    links: int


@strawberry.type(description="Why an account is in its ring, what would free it, and what speaks against.")
class MemberCase:
    """The case of a member."""

    record: strawberry.Private[explore.Belonging]
    account_id: str
    ring_id: str
    role: Role
    bits: float = strawberry.field(description="Its own support in the ring, as published.")
    weakest_facet: Facet | None
    members: int = strawberry.field(description="How many other members the ring has.")
    others: int = strawberry.field(description="Against how many of them it was held.")
    strongest: Evidence | None = strawberry.field(description="The waterfall of its strongest link inside.")
    voucher_count: int
    thing_count: int
    freeing: Freeing
    fragility: list[FacetLoss]
    against: list[str]

    @classmethod
    def of(cls, record: explore.Belonging) -> MemberCase:
        """Returns the GraphQL object of a record."""
        things = [RingThing.of(one) for one in record.freeing.things]
        return cls(
            record=record,
            account_id=record.account_id,
            ring_id=record.ring_id,
            role=record.role,
            bits=record.bits,
            weakest_facet=record.weakest_facet,
            members=record.members,
            others=record.others,
            strongest=Evidence.of(record.strongest) if record.strongest else None,
            voucher_count=len(record.vouchers),
            thing_count=len(record.things),
            freeing=Freeing(things=things, at_least=record.freeing.at_least, exact=record.freeing.exact),
            fragility=[FacetLoss(facet=one.facet, links=one.links) for one in record.fragility],
            against=list(record.against),
        )

    @strawberry.field(description="Members whom links of behaviour join to it, strongest first.")
    def vouchers(self, first: int = 20) -> list[Voucher]:
        """Returns the first of them."""
        check_first(first, PAGE)
        return [
            Voucher(
                account_id=one.account_id,
                bits=one.bits,
                facets=[FacetStep(facet=f.facet, summed=f.summed, counted=f.counted) for f in one.facets],
            )
            for one in self.record.vouchers[:first]
        ]

    @strawberry.field(description="What it shares with members, by facet, most bits first.")
    def things(self, first: int = 50) -> list[RingThing]:
        """Returns the first of them."""
        check_first(first, PAGE)
        return [RingThing.of(one) for one in self.record.things[:first]]


@strawberry.type(description="A member, or the two of a link, on whom or which others hang.")
class Bridge:
    """A bridge."""

    account_ids: list[str]
    bits: float = strawberry.field(description="Of the link, or of all links of the member.")
    side: int = strawberry.field(description="How many accounts hang on the rest by no link any more without it.")


@strawberry.type(description="A member by what speaks for it.")
class WeakMember:
    """A weak member."""

    account_id: str
    role: Role
    links: int = strawberry.field(description="Links of behaviour inside.")
    bits: float
    weakest_facet: Facet | None


@strawberry.type(description="What is left of a ring where a facet counts for nothing.")
class RingLoss:
    """A ring without a facet."""

    facet: Facet
    links: int
    members: int = strawberry.field(description="Members with two links.")
    pieces: int
    largest: int


@strawberry.type(description="What holds a ring together, where it would fall apart, and what speaks against it.")
class RingCase:
    """The case of a ring."""

    ring_id: str
    members: int = strawberry.field(description="On how many members it goes: the strongest of a large ring.")
    links: int
    things: list[RingThing] = strawberry.field(description="The things of each facet that hold most of it.")
    bridges: list[Bridge]
    weakest: list[WeakMember]
    fragility: list[RingLoss]
    cut: EvasionCost | None = strawberry.field(description="The cheapest cut of its largest part.")
    against: list[str]

    @classmethod
    def of(cls, record: explore.Cohesion) -> RingCase:
        """Returns the GraphQL object of a record."""
        return cls(
            ring_id=record.ring_id,
            members=record.members,
            links=record.links,
            things=[RingThing.of(one) for one in record.things],
            bridges=[Bridge(account_ids=list(one.accounts), bits=one.bits, side=one.side) for one in record.bridges],
            weakest=[
                WeakMember(
                    account_id=one.account_id,
                    role=one.role,
                    links=one.links,
                    bits=one.bits,
                    weakest_facet=one.weakest_facet,
                )
                for one in record.weakest
            ],
            fragility=[
                RingLoss(facet=one.facet, links=one.links, members=one.members, pieces=one.pieces, largest=one.largest)
                for one in record.fragility
            ],
            cut=EvasionCost.of(record.cut) if record.cut else None,
            against=list(record.against),
        )

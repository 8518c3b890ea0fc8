"""Answers that people decide by: paths of evidence, neighbourhoods, terminations, cuts, and search."""

from __future__ import annotations

from typing import Annotated, Union

import strawberry

from linkage import explore
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, load_account, load_accounts
from linkage.serve.types.evidence import Link
from linkage.serve.types.groups import Campaign, Operator
from linkage.serve.types.page import check_first
from linkage.serve.types.ring import Ring, load_ring
from linkage.serve.types.used import Identifier
from linkage.serve.types.values import Info, Long


@strawberry.type(description="The strongest chain of evidence between two accounts.")
class EvidencePath:
    """A path."""

    record: strawberry.Private[explore.EvidencePath]
    bits: float = strawberry.field(description="Those of its weakest link.")
    hops: int = strawberry.field(description="How many links it has.")
    links: list[Link] = strawberry.field(description="From the first account to the last.")

    @classmethod
    def of(cls, record: explore.EvidencePath) -> EvidencePath:
        """Returns the GraphQL object of a path."""
        links = [Link.of(link) for link in record.links]
        return cls(record=record, bits=record.bits, hops=len(links), links=links)

    @strawberry.field(description="From the first to the last.")
    async def accounts(self, info: Info) -> list[Account]:
        """Returns its accounts, read together."""
        return await load_accounts(info, list(self.record.accounts))


@strawberry.type(description="An account near another.")
class NeighbourEdge:
    """A neighbour."""

    account_id: strawberry.Private[str]
    distance: int = strawberry.field(description="How many links away.")

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)


@strawberry.type(description="What lies around an account, nearest and strongest first; it itself is at distance 0.")
class NeighbourConnection:
    """A neighbourhood."""

    edges: list[NeighbourEdge]
    links: list[Link] = strawberry.field(description="All links found among these accounts.")
    cut: bool = strawberry.field(description="Whether more accounts were in reach than the limit.")

    @classmethod
    def of(cls, record: explore.Neighbourhood) -> NeighbourConnection:
        """Returns the GraphQL object of a neighbourhood."""
        return cls(
            edges=[NeighbourEdge(account_id=one, distance=hops) for one, hops in record.distance.items()],
            links=[Link.of(link) for link in record.links],
            cut=record.cut,
        )


@strawberry.input(description="What would be terminated: accounts, and all accounts that use an identifier.")
class Termination:
    """What would be terminated."""

    accounts: list[strawberry.ID] | None = None
    identifiers: list[strawberry.ID] | None = None


@strawberry.type(description="What would remain of a ring.")
class RingRemainder:
    """A ring after a termination."""

    ring_id: str
    members_before: int
    members_removed: int
    members_left: int
    pieces: int = strawberry.field(description="Groups into which links of behaviour still join those who are left.")
    largest_piece: int
    requests_before: Long
    requests_left: Long

    @strawberry.field(description="The ring as it is.")
    async def ring(self, info: Info) -> Ring:
        """Returns the ring."""
        return await load_ring(info, self.ring_id)


@strawberry.type(description="An account that would be hit although nothing says that it is to be.")
class InnocentEdge:
    """An innocent."""

    account_id: strawberry.Private[str]
    reason: str

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)


@strawberry.type(description="What a termination would do; nothing is done.")
class WhatIf:
    """The answer."""

    record: strawberry.Private[explore.Removal]
    accounts: int = strawberry.field(description="How many accounts it would hit.")
    requests_stopped: Long = strawberry.field(description="Requests of these accounts in the facts.")
    rings: list[RingRemainder]
    innocent_count: int

    @classmethod
    def of(cls, record: explore.Removal) -> WhatIf:
        """Returns the GraphQL object of a removal."""
        return cls(
            record=record,
            accounts=record.accounts,
            requests_stopped=Long(record.requests),
            rings=[_remainder(one) for one in record.rings],
            innocent_count=len(record.innocents),
        )

    @strawberry.field(description="Innocents, by account id.")
    def innocents(self, first: int = 20) -> list[InnocentEdge]:
        """Returns the first innocents."""
        check_first(first, PAGE)
        return [InnocentEdge(account_id=one.account_id, reason=one.reason) for one in self.record.innocents[:first]]


def _remainder(one: explore.Remainder) -> RingRemainder:
    return RingRemainder(
        ring_id=one.ring_id,
        members_before=one.before,
        members_removed=one.removed,
        members_left=one.left,
        pieces=one.pieces,
        largest_piece=one.largest,
        requests_before=Long(one.requests_before),
        requests_left=Long(one.requests_left),
    )


@strawberry.type(
    description="The cheapest cut of a ring: what links of grade BEHAVIOUR must be given up for its largest part to"
    " fall into two."
)
class EvasionCost:
    """A cut."""

    record: strawberry.Private[explore.Cut]
    bits: float = strawberry.field(description="The bits of all links across the cut.")
    of_accounts: int = strawberry.field(description="Of how many members the cut is: the strongest, in a large ring.")
    link_count: int
    side_size: int = strawberry.field(description="How many accounts the smaller side has.")

    @classmethod
    def of(cls, record: explore.Cut) -> EvasionCost:
        """Returns the GraphQL object of a cut."""
        return cls(
            record=record,
            bits=record.bits,
            of_accounts=record.accounts,
            link_count=len(record.links),
            side_size=len(record.side),
        )

    @strawberry.field(description="Links across the cut, most bits first; their evidence says what must be replaced.")
    def links(self, first: int = 20) -> list[Link]:
        """Returns the first links."""
        check_first(first, PAGE)
        return [Link.of(link) for link in self.record.links[:first]]

    @strawberry.field(description="Accounts of the smaller side, by id.")
    async def side(self, info: Info, first: int = 20) -> list[Account]:
        """Returns the first accounts."""
        check_first(first, PAGE)
        return await load_accounts(info, list(self.record.side[:first]))


SearchHit = Annotated[
    Union[Account, Ring, Identifier, Operator, Campaign],  # noqa: UP007 - strawberry makes a union of it
    strawberry.union("SearchHit", description="Something whose id was searched for."),
]

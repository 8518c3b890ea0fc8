"""Rings: who is in one, what links them, what happened to it."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linkage.errors import NotFound
from linkage.model import rings as model
from linkage.model.kinds import Facet
from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, load_account, load_accounts
from linkage.serve.types.evidence import Link, LinkConnection, LinkEdge
from linkage.serve.types.page import PageInfo, check_first, keyset_page, need
from linkage.serve.types.values import Info, Long, Node

WHOLE = 100_000
"""Members or links of a ring that are read to find a page behind a cursor."""
ROLES = tuple(model.Role)


@strawberry.type(description="An account in a ring, with its part in it on the edge.")
class MemberEdge:
    """A membership."""

    account_id: strawberry.Private[str]
    cursor: str
    role: model.Role
    bits: float = strawberry.field(description="Its own support in the ring.")
    weakest_facet: Facet | None = strawberry.field(description="Its supporting facet with the fewest bits.")
    since: datetime | None = strawberry.field(description="When it was first seen in the ring.")

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)


@strawberry.type(description="Members: core, member, bystander; then most bits first.")
class MemberConnection:
    """A page of members."""

    edges: list[MemberEdge]
    page_info: PageInfo

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the accounts, read together."""
        return await load_accounts(info, [edge.account_id for edge in self.edges])


@strawberry.type(description="Something that happened to a ring in a run.")
class RingEvent:
    """An event of a ring."""

    at: datetime | None
    run_id: str
    event: model.Event
    other_ring_id: str | None = strawberry.field(description="The other side of a merge or split.")


@strawberry.type(description="A group of accounts that are run together.")
class Ring(Node):
    """One ring."""

    ring_id: str = strawberry.field(description="Never used twice.")
    status: model.RingStatus
    size: int = strawberry.field(description="How many accounts are core or member.")
    score: float = strawberry.field(description="Evidence for the ring as a whole, in bits.")
    facets: list[Facet] = strawberry.field(description="The facets that support it.")
    context: str | None = strawberry.field(description="What it looks like: an office, a reseller, ….")
    requests: Long
    operator_id: str | None = strawberry.field(description="Who runs it.")
    campaign_id: str | None = strawberry.field(description="What it works for.")
    first_seen: datetime | None
    last_seen: datetime | None

    @classmethod
    def of(cls, record: model.Ring) -> Ring:
        """Returns the GraphQL object of a record."""
        return cls(
            id=strawberry.ID(ids.global_id(ids.NodeType.RING, record.ring_id)),
            ring_id=record.ring_id,
            status=record.status,
            size=record.size,
            score=record.score,
            facets=list(record.facets),
            context=record.context or None,
            requests=Long(record.requests),
            operator_id=record.operator_id or None,
            campaign_id=record.campaign_id or None,
            first_seen=record.first_seen,
            last_seen=record.last_seen,
        )

    @strawberry.field(description="Its accounts: core, member, bystander; then most bits first.")
    async def members(self, info: Info, first: int = 50, after: str | None = None) -> MemberConnection:
        """Returns a page of members."""
        check_first(first, PAGE)
        found = await info.context.members.load((self.ring_id, need(first, after, WHOLE)))
        page = keyset_page(found, _member_key, (int, float, str), first, after)
        return MemberConnection(edges=[_edge(at, member) for at, member in page.rows], page_info=page.info)

    @strawberry.field(description="Links between its accounts.")
    async def links(self, info: Info, first: int = 50, after: str | None = None) -> LinkConnection:
        """Returns a page of links."""
        check_first(first, PAGE)
        found = await info.context.ring_links.load((self.ring_id, need(first, after, WHOLE)))
        page = keyset_page(found, lambda link: (link.account_a, link.account_b), (str, str), first, after)
        edges = [LinkEdge(cursor=at, node=Link.of(link)) for at, link in page.rows]
        return LinkConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info)

    @strawberry.field(description="What happened to it, newest first.")
    async def events(self, info: Info, first: int = 20) -> list[RingEvent]:
        """Returns its newest events."""
        check_first(first, PAGE)
        found = await info.context.events.load((self.ring_id, first))
        return [
            RingEvent(at=e.at, run_id=e.run_id, event=e.event, other_ring_id=e.other_ring_id or None) for e in found
        ]


@strawberry.type
class RingEdge:
    """A ring in a list."""

    cursor: str
    node: Ring


@strawberry.type(description="Rings of the current run, highest score first.")
class RingConnection:
    """A page of rings."""

    edges: list[RingEdge]
    nodes: list[Ring]
    page_info: PageInfo


def _member_key(member: model.Member) -> tuple[int, float, str]:
    return ROLES.index(member.role), -member.bits, member.account_id


def _edge(at: str, member: model.Member) -> MemberEdge:
    return MemberEdge(
        account_id=member.account_id,
        cursor=at,
        role=member.role,
        bits=member.bits,
        weakest_facet=member.weakest_facet,
        since=member.since,
    )


async def load_ring(info: Info, ring_id: str) -> Ring:
    """Returns a ring that the store must know; NotFound where it does not."""
    record = await info.context.ring.load(ring_id)
    if record is None:
        raise NotFound("the store names a ring that it does not hold; run detect again")
    return Ring.of(record)

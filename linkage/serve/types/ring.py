"""Rings: who is in one, what links them, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from linkage.errors import NotFound
from linkage.model import rings as model
from linkage.model.kinds import Facet
from linkage.serve import ids
from linkage.serve.columnar.together import together
from linkage.serve.faults import Code, Fault
from linkage.serve.loaders import Loaders
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, accounts_on
from linkage.serve.types.evidence import Link, LinkConnection, LinkEdge
from linkage.serve.types.filters import RingSort
from linkage.serve.types.page import (
    Count,
    Edge,
    PageInfo,
    Place,
    Precision,
    check_first,
    keyset_page,
    need,
    page_of,
    shown_of,
)
from linkage.serve.types.values import Info, Long, Node
from linkage.serve.view import Ordered, RunView, key_of

if TYPE_CHECKING:
    from linkage.serve.types.groups import Campaign, Operator

LazyOperator = Annotated["Operator", strawberry.lazy("linkage.serve.types.groups")]
LazyCampaign = Annotated["Campaign", strawberry.lazy("linkage.serve.types.groups")]

WHOLE = 100_000
"""Members or links of a ring that are read to find a page behind a cursor."""
ROLES = tuple(model.Role)


@strawberry.type(description="An account in a ring, with its part in it on the edge.")
class MemberEdge(Edge):
    """A membership."""

    account_id: strawberry.Private[str]
    role: model.Role
    bits: float = strawberry.field(description="Its own support in the ring.")
    weakest_facet: Facet | None = strawberry.field(description="Its supporting facet with the fewest bits.")
    since: datetime | None = strawberry.field(description="When it was first seen in the ring.")

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return (await accounts_on(info.context, [self]))[0]


@strawberry.type(description="Members: core, member, bystander; then most bits first.")
class MemberConnection:
    """A page of members."""

    edges: list[MemberEdge]
    page_info: PageInfo

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the accounts, read together."""
        return await accounts_on(info.context, self.edges)


@strawberry.type(description="Something that happened to a ring in a run.")
class RingEvent:
    """An event of a ring."""

    at: datetime | None
    run_id: str
    ring_id: str
    event: model.Event
    other_ring_id: str | None = strawberry.field(description="The other side of a merge or split.")

    @classmethod
    def of(cls, record: model.RingEvent) -> RingEvent:
        """Returns the GraphQL object of a record."""
        return cls(
            at=record.at,
            run_id=record.run_id,
            ring_id=record.ring_id,
            event=record.event,
            other_ring_id=record.other_ring_id or None,
        )

    @strawberry.field(description="The ring that it happened to, as it is now.")
    async def ring(self, info: Info) -> Annotated[Ring, strawberry.lazy("linkage.serve.types.ring")]:
        """Returns the ring."""
        return await load_ring(info, self.ring_id)


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

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.RING, self.ring_id

    @classmethod
    def of(cls, record: model.Ring) -> Ring:
        """Returns the GraphQL object of a record."""
        return cls(
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

    @strawberry.field(description="Who runs it, with all rings of theirs.")
    async def operator(self, info: Info) -> LazyOperator | None:
        """Returns the operator."""
        from linkage.serve.types.groups import Operator

        found = (await info.context.view()).operators.get(self.operator_id or "")
        return Operator.of(found) if found else None

    @strawberry.field(description="What it works for, with all rings that do.")
    async def campaign(self, info: Info) -> LazyCampaign | None:
        """Returns the campaign."""
        from linkage.serve.types.groups import Campaign

        found = (await info.context.view()).campaigns.get(self.campaign_id or "")
        return Campaign.of(found) if found else None

    @strawberry.field(description="The ring that it merged into; null for any other.")
    async def superseded_by(self, info: Info) -> Ring | None:
        """Returns the ring that took its members."""
        if self.status is not model.RingStatus.MERGED:
            return None
        found = await info.context.events.load((self.ring_id, 20))
        into = next((event.other_ring_id for event in found if event.event is model.Event.MERGED), "")
        return await load_ring(info, into) if into else None

    @strawberry.field(description="Its accounts: core, member, bystander; then most bits first.")
    async def members(self, info: Info, first: int = 50, after: str | None = None) -> MemberConnection:
        """Returns a page of members."""
        return (await _members(info.context, [self], first, after))[0]

    @strawberry.field(description="Links between its accounts.")
    async def links(self, info: Info, first: int = 50, after: str | None = None) -> LinkConnection:
        """Returns a page of links."""
        check_first(first, PAGE)
        found = await info.context.ring_links.load((self.ring_id, need(first, after, WHOLE)))
        page = keyset_page(found, lambda link: (link.account_a, link.account_b), (str, str), first, after)
        edges = [LinkEdge(place=at, node=Link.of(link)) for at, link in page.rows]
        return LinkConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info)

    @strawberry.field(description="What happened to it, newest first.")
    async def events(self, info: Info, first: int = 20) -> list[RingEvent]:
        """Returns its newest events."""
        check_first(first, PAGE)
        found = await info.context.events.load((self.ring_id, first))
        return [RingEvent.of(event) for event in found]


@strawberry.type
class RingEdge(Edge):
    """A ring in a list."""

    node: Ring


@strawberry.type(description="Rings of the current run.")
class RingConnection:
    """A page of rings."""

    edges: list[RingEdge]
    nodes: list[Ring]
    page_info: PageInfo
    total_count: Count

    @classmethod
    def of(cls, view: RunView, found: Ordered, sort: RingSort, first: int, after: str | None) -> RingConnection:
        """Returns a page of rings in an order.

        Fault: the cursor is of a run that is no longer current: figures change with every run, so that pages of two
        runs do not fit together.
        """
        by, descending = sort.value
        start = found.behind(_place(view, by, -1 if descending else 1, after)) if after is not None else 0
        rows: list[tuple[Place, model.Ring]] = [
            ((view.run_id, ring.ring_id), ring) for ring in found.rings[start : start + first + 1]
        ]
        page = page_of(rows, first, after)
        edges = [RingEdge(place=at, node=Ring.of(ring)) for at, ring in page.rows]
        total = Count(count=Long(len(found.rings)), precision=Precision.EXACT)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info, total_count=total)


def _place(view: RunView, by: str, sign: int, after: str) -> tuple[Any, str]:
    of_run, ring_id = ids.cursor_parts(after, str, str)
    if of_run != view.run_id:
        raise Fault(Code.BAD_USER_INPUT, "a new run was published since this cursor was made; start again")
    if ring_id not in view.by_id:
        raise Fault(Code.BAD_USER_INPUT, "the cursor is not one of this list; take endCursor of a page of it")
    return key_of(view.by_id[ring_id], by, sign)


@together("Ring.members")
async def _members(
    context: Loaders, rings: Sequence[Ring], first: int = 50, after: str | None = None
) -> list[MemberConnection]:
    return [
        MemberConnection(edges=[_edge(_key(member), member) for member in members], page_info=info)
        for members, info in await member_pages(context, rings, first, after)
    ]


async def member_pages(
    context: Loaders, rings: Sequence[Ring], first: int, after: str | None
) -> list[tuple[list[model.Member], PageInfo]]:
    """Returns the members of each ring that a page shows, and where it lies."""
    check_first(first, PAGE)
    length = need(first, after, WHOLE)
    found = await context.members.load_many([(ring.ring_id, length) for ring in rings])
    return [shown_of(members, _key, (int, float, str), first, after) for members in found]


def _key(member: model.Member) -> tuple[int, float, str]:
    return ROLES.index(member.role), -member.bits, member.account_id


def _edge(at: Place, member: model.Member) -> MemberEdge:
    return MemberEdge(
        account_id=member.account_id,
        place=at,
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

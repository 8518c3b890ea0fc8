"""Rings as earlier runs left them, how two runs differ, and events in the order in which they were published."""

from __future__ import annotations

import strawberry

from linkage.model import history as model
from linkage.model import rings
from linkage.model.filters import EventPlace
from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, accounts_on
from linkage.serve.types.page import Edge, PageInfo, Place, check_first, keyset_page, page_of
from linkage.serve.types.ring import ROLES, Ring, RingEvent
from linkage.serve.types.values import Info


@strawberry.type(description="An account's time in a ring in one role.")
class StayEdge(Edge):
    """A stay."""

    account_id: str
    role: rings.Role
    from_run: str
    until_run: str | None = strawberry.field(description="The run that no longer had it so; null while it lasts.")

    @classmethod
    def of(cls, record: model.Stay, place: Place | None = None) -> StayEdge:
        """Returns the GraphQL object of a record."""
        return cls(
            place=place or _stay_key(record),
            account_id=record.account_id,
            role=record.role,
            from_run=record.from_run,
            until_run=record.until_run or None,
        )

    @strawberry.field(description="The account as it is now.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return (await accounts_on(info.context, [self]))[0]


@strawberry.type(description="Who was in a ring, by role and account id.")
class StayConnection:
    """A page of stays."""

    edges: list[StayEdge]
    page_info: PageInfo


@strawberry.type(description="A ring as a run left it.")
class PastRing:
    """A ring of an earlier run."""

    record: strawberry.Private[model.PastRing]
    as_of: str = strawberry.field(description="The run.")
    ring: Ring = strawberry.field(description="Its figures then; lists inside it are of the current run.")
    member_count: int = strawberry.field(description="How many accounts were in it, bystanders too.")

    @classmethod
    def of(cls, record: model.PastRing) -> PastRing:
        """Returns the GraphQL object of a record."""
        return cls(record=record, as_of=record.run_id, ring=Ring.of(record.ring), member_count=len(record.stays))

    @strawberry.field(description="Who was in it then, by role and account id.")
    def members(self, first: int = 50, after: str | None = None) -> StayConnection:
        """Returns a page of its stays."""
        check_first(first, PAGE)
        page = keyset_page(self.record.stays, _stay_key, (int, str), first, after)
        return StayConnection(edges=[StayEdge.of(stay, at) for at, stay in page.rows], page_info=page.info)


def _stay_key(stay: model.Stay) -> tuple[int, str]:
    return ROLES.index(stay.role), stay.account_id


@strawberry.type(description="An account that stayed in a ring and has another role in it.")
class RoleChange:
    """A change of role."""

    account_id: str
    before: rings.Role
    after: rings.Role


@strawberry.type(description="How a ring changed from one run to another.")
class RingDiff:
    """A difference."""

    record: strawberry.Private[model.RingDiff]
    ring_id: str
    from_run: str
    to_run: str
    before: Ring | None = strawberry.field(description="Its figures in the earlier run; null where there was none yet.")
    after: Ring | None
    joined_count: int
    left_count: int
    changed_count: int

    @classmethod
    def of(cls, record: model.RingDiff) -> RingDiff:
        """Returns the GraphQL object of a record."""
        return cls(
            record=record,
            ring_id=record.ring_id,
            from_run=record.from_run,
            to_run=record.to_run,
            before=Ring.of(record.before) if record.before else None,
            after=Ring.of(record.after) if record.after else None,
            joined_count=len(record.joined),
            left_count=len(record.left),
            changed_count=len(record.changed),
        )

    @strawberry.field(description="Accounts that came, by id.")
    def joined(self, first: int = 50) -> list[StayEdge]:
        """Returns the first that came."""
        check_first(first, PAGE)
        return [StayEdge.of(stay) for stay in self.record.joined[:first]]

    @strawberry.field(description="Accounts that went, by id.")
    def left(self, first: int = 50) -> list[StayEdge]:
        """Returns the first that went."""
        check_first(first, PAGE)
        return [StayEdge.of(stay) for stay in self.record.left[:first]]

    @strawberry.field(description="Accounts with another role, by id.")
    def changed(self, first: int = 50) -> list[RoleChange]:
        """Returns the first with another role."""
        check_first(first, PAGE)
        return [
            RoleChange(account_id=one.account_id, before=one.before, after=one.after)
            for one in self.record.changed[:first]
        ]

    @strawberry.field(description="What happened to it in between, newest first.")
    def events(self, first: int = 20) -> list[RingEvent]:
        """Returns its newest events."""
        check_first(first, PAGE)
        return [RingEvent.of(event) for event in self.record.events[:first]]


@strawberry.type
class RingEventEdge:
    """An event in a list."""

    cursor: str = strawberry.field(description="Good for ever: events are only added.")
    node: RingEvent


@strawberry.type(description="Ring events in the order of run, ring and event: what came later is further on.")
class RingEventConnection:
    """A page of events."""

    edges: list[RingEventEdge]
    nodes: list[RingEvent]
    page_info: PageInfo

    @classmethod
    def of(cls, found: list[rings.RingEvent], first: int, after: str | None) -> RingEventConnection:
        """Returns the page of these events, of which one more than a page tells that others follow."""
        page = page_of([(_place(event), event) for event in found], first, after)
        edges = [RingEventEdge(cursor=cursor_of(event), node=RingEvent.of(event)) for _, event in page.rows]
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info)


def cursor_of(event: rings.RingEvent) -> str:
    """Returns the cursor of an event."""
    return ids.cursor(*_place(event))


def _place(event: rings.RingEvent) -> Place:
    return event.run_id, event.ring_id, event.event.value, event.other_ring_id


def place_of(after: str | None) -> EventPlace:
    """Returns the place of a cursor, the beginning for none; a Fault for one of another list."""
    return EventPlace() if after is None else EventPlace(*ids.cursor_parts(after, str, str, str, str))

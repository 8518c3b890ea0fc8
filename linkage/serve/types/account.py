"""Accounts: what is known of one, what it used, whom it is linked to, and the ring it is in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from linkage.errors import NotFound
from linkage.model import rings as model
from linkage.model.filters import AccountFilter
from linkage.model.kinds import Facet
from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.evidence import Link
from linkage.serve.types.page import COUNTED, Count, PageInfo, Precision, check_first, keyset_page, need, page_of
from linkage.serve.types.values import Info, Long, Node

if TYPE_CHECKING:
    from linkage.serve.types.ring import Ring

LazyRing = Annotated["Ring", strawberry.lazy("linkage.serve.types.ring")]


@strawberry.type(description="A thing that accounts use: an address, a card, a prompt's template, ….")
class Identifier(Node):
    """One identifier."""

    key: str = strawberry.field(description="A keyed hash; the value itself is never stored.")
    kind: str
    facet: Facet
    place: str | None = strawberry.field(description="What sort of place an address is.")
    degree: int = strawberry.field(description="How many accounts used it.")
    bits: float = strawberry.field(description="What sharing it is worth.")

    @classmethod
    def of(cls, record: model.Identifier | model.Use) -> Identifier:
        """Returns the GraphQL object of a record."""
        return cls(
            id=strawberry.ID(ids.global_id(ids.NodeType.IDENTIFIER, record.key)),
            key=record.key,
            kind=record.kind,
            facet=record.facet,
            place=record.place,
            degree=record.degree,
            bits=record.bits,
        )

    @strawberry.field(description="The accounts that used it, by id.")
    async def accounts(self, info: Info, first: int = 20, after: str | None = None) -> AccountConnection:
        """Returns a page of accounts."""
        check_first(first, PAGE)
        behind = ids.cursor_parts(after, str)[0] if after is not None else ""
        found = await info.context.users.load((self.key, first + 1, behind))
        return AccountConnection.of(found, first, after, Count(count=Long(self.degree), precision=Precision.EXACT))


@strawberry.type(description="How an account used an identifier.")
class IdentifierEdge:
    """A use of an identifier."""

    cursor: str
    node: Identifier
    first_seen: datetime | None
    last_seen: datetime | None
    days: int = strawberry.field(description="On how many days.")
    requests: Long


@strawberry.type(description="Identifiers, most bits first.")
class IdentifierConnection:
    """A page of identifiers."""

    edges: list[IdentifierEdge]
    nodes: list[Identifier]
    page_info: PageInfo


@strawberry.type(description="An account that another is linked to, with the evidence on the edge.")
class LinkedAccountEdge:
    """A link seen from one of its accounts."""

    cursor: str
    other: strawberry.Private[str]
    link: Link

    @strawberry.field(description="The account at the other end.")
    async def node(self, info: Info) -> Account:
        """Returns the other account."""
        return await load_account(info, self.other)


@strawberry.type(description="Linked accounts, most bits first.")
class LinkedAccountConnection:
    """A page of linked accounts."""

    edges: list[LinkedAccountEdge]
    page_info: PageInfo

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the other accounts."""
        return await load_accounts(info, [edge.other for edge in self.edges])


@strawberry.type
class AccountEdge:
    """An account in a list."""

    cursor: str
    account_id: strawberry.Private[str]

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)


@strawberry.type(description="Accounts, by id.")
class AccountConnection:
    """A page of accounts."""

    edges: list[AccountEdge]
    page_info: PageInfo
    known: strawberry.Private[Count | None]
    wanted: strawberry.Private[AccountFilter | None]

    @classmethod
    def of(
        cls,
        account_ids: list[str],
        first: int,
        after: str | None,
        known: Count | None = None,
        wanted: AccountFilter | None = None,
    ) -> AccountConnection:
        """Returns the page of these accounts, of which one more than a page tells that others follow."""
        page = page_of([(ids.cursor(one), one) for one in account_ids], first, after)
        edges = [AccountEdge(cursor=at, account_id=one) for at, one in page.rows]
        return cls(edges=edges, page_info=page.info, known=known, wanted=wanted)

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the accounts, read together."""
        return await load_accounts(info, [edge.account_id for edge in self.edges])

    @strawberry.field(description="How many there are in all, counted when it is asked for.")
    async def total_count(self, info: Info) -> Count:
        """Returns the count."""
        if self.known is not None:
            return self.known
        wanted = self.wanted or AccountFilter()
        return Count.of(await info.context.read(lambda store: store.count_accounts(wanted, COUNTED + 1)))


@strawberry.type(description="An account of the provider.")
class Account(Node):
    """One account."""

    record: strawberry.Private[model.Account]
    account_id: str = strawberry.field(description="The provider's own id.")
    created_at: datetime | None
    status: str = strawberry.field(description="active, terminated or suspended.")
    plan: str | None
    country: str | None
    email_domain: str | None
    organization: str | None = strawberry.field(description="The known legitimate tenant that it belongs to.")
    label: str | None = strawberry.field(description="What is already known: abuse or benign.")
    first_seen: datetime | None
    last_seen: datetime | None
    requests: Long
    role: model.Role | None = strawberry.field(description="Its part in its ring.")

    @classmethod
    def of(cls, record: model.Account) -> Account:
        """Returns the GraphQL object of a record."""
        return cls(
            id=strawberry.ID(ids.global_id(ids.NodeType.ACCOUNT, record.account_id)),
            record=record,
            account_id=record.account_id,
            created_at=record.created_at,
            status=record.status,
            plan=record.plan,
            country=record.country,
            email_domain=record.email_domain,
            organization=record.organization,
            label=record.label,
            first_seen=record.first_seen,
            last_seen=record.last_seen,
            requests=Long(record.requests),
            role=record.role,
        )

    @strawberry.field(description="The ring it is in, in the current run.")
    async def ring(self, info: Info) -> LazyRing | None:
        """Returns the account's ring."""
        from linkage.serve.types.ring import load_ring

        return await load_ring(info, self.record.ring_id) if self.record.ring_id else None

    @strawberry.field(description="Accounts it is linked to, strongest first.")
    async def links(self, info: Info, first: int = 20, after: str | None = None) -> LinkedAccountConnection:
        """Returns a page of linked accounts."""
        check_first(first, PAGE)
        me = self.record.account_id
        found = await info.context.links.load((me, need(first, after)))
        page = keyset_page(found, lambda link: (-link.bits, _other(link, me)), (float, str), first, after)
        edges = [LinkedAccountEdge(cursor=at, other=_other(link, me), link=Link.of(link)) for at, link in page.rows]
        return LinkedAccountConnection(edges=edges, page_info=page.info)

    @strawberry.field(description="What it used, most bits first.")
    async def identifiers(self, info: Info, first: int = 20, after: str | None = None) -> IdentifierConnection:
        """Returns a page of identifiers."""
        check_first(first, PAGE)
        found = await info.context.uses.load((self.record.account_id, need(first, after)))
        page = keyset_page(found, lambda use: (-use.bits, use.kind, use.key), (float, str, str), first, after)
        edges = [_identifier_edge(at, use) for at, use in page.rows]
        return IdentifierConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info)


def _other(link: model.Link, me: str) -> str:
    return link.account_b if link.account_a == me else link.account_a


def _identifier_edge(at: str, use: model.Use) -> IdentifierEdge:
    return IdentifierEdge(
        cursor=at,
        node=Identifier.of(use),
        first_seen=use.first_seen,
        last_seen=use.last_seen,
        days=use.days,
        requests=Long(use.requests),
    )


async def load_account(info: Info, account_id: str) -> Account:
    """Returns an account that the store must know; NotFound where it does not."""
    return (await load_accounts(info, [account_id]))[0]


async def load_accounts(info: Info, account_ids: list[str]) -> list[Account]:
    """Returns accounts that the store must know, read together; NotFound if one is missing."""
    found = await info.context.account.load_many(account_ids)
    known = [Account.of(record) for record in found if record is not None]
    if len(known) != len(account_ids):
        raise NotFound("the store names an account that it does not hold; load the facts again")
    return known

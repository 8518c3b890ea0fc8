"""Accounts: what is known of one, whom it is linked to, and the ring it is in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from linkage.errors import NotFound
from linkage.model import rings as model
from linkage.model.filters import AccountFilter
from linkage.serve import ids
from linkage.serve.columnar.together import together
from linkage.serve.loaders import Loaders
from linkage.serve.settings import PAGE
from linkage.serve.types.evidence import Link
from linkage.serve.types.page import (
    COUNTED,
    Count,
    Edge,
    PageInfo,
    check_first,
    keyset_page,
    need,
    page_of,
)
from linkage.serve.types.used import IdentifierConnection, OfAccount, identifiers_of
from linkage.serve.types.values import Info, Long, Node

if TYPE_CHECKING:
    from linkage.serve.types.ring import Ring

LazyRing = Annotated["Ring", strawberry.lazy("linkage.serve.types.ring")]


@strawberry.type(description="An account that another is linked to, with the evidence on the edge.")
class LinkedAccountEdge(Edge):
    """A link seen from one of its accounts."""

    other: strawberry.Private[str]
    link: Link

    @strawberry.field(description="The account at the other end.")
    async def node(self, info: Info) -> Account:
        """Returns the other account."""
        return (await _others(info.context, [self]))[0]


@strawberry.type(description="Linked accounts, most bits first.")
class LinkedAccountConnection:
    """A page of linked accounts."""

    edges: list[LinkedAccountEdge]
    page_info: PageInfo

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the other accounts."""
        return await _others(info.context, self.edges)


@strawberry.type
class AccountEdge(Edge):
    """An account in a list."""

    account_id: strawberry.Private[str]

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return (await accounts_on(info.context, [self]))[0]


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
        page = page_of([((one,), one) for one in account_ids], first, after)
        edges = [AccountEdge(place=at, account_id=one) for at, one in page.rows]
        return cls(edges=edges, page_info=page.info, known=known, wanted=wanted)

    @strawberry.field
    async def nodes(self, info: Info) -> list[Account]:
        """Returns the accounts, read together."""
        return await accounts_on(info.context, self.edges)

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

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.ACCOUNT, self.account_id

    @strawberry.field(description="The ring it is in or, as a bystander, beside, in the current run; see role.")
    async def ring(self, info: Info) -> LazyRing | None:
        """Returns the account's ring."""
        from linkage.serve.types.ring import load_ring

        return await load_ring(info, self.record.ring_id) if self.record.ring_id else None

    @strawberry.field(description="Accounts it is linked to, strongest first.")
    async def links(self, info: Info, first: int = 20, after: str | None = None) -> LinkedAccountConnection:
        """Returns a page of linked accounts."""
        return (await _links(info.context, [self], first, after))[0]

    @strawberry.field(description="What it used, most bits first.")
    async def identifiers(self, info: Info, first: int = 20, after: str | None = None) -> IdentifierConnection:
        """Returns a page of identifiers."""
        return (await identifiers_of(info.context, [self], first, after))[0]


def _other(link: model.Link, me: str) -> str:
    return link.account_b if link.account_a == me else link.account_a


@together("Account.links")
async def _links(
    context: Loaders, accounts: Sequence[OfAccount], first: int = 20, after: str | None = None
) -> list[LinkedAccountConnection]:
    check_first(first, PAGE)
    names = [account.account_id for account in accounts]
    length = need(first, after)
    found = await context.links.load_many([(name, length) for name in names])
    return [_linked(me, links, first, after) for me, links in zip(names, found, strict=True)]


def _linked(me: str, links: list[model.Link], first: int, after: str | None) -> LinkedAccountConnection:
    page = keyset_page(links, lambda link: (-link.bits, _other(link, me)), (float, str), first, after)
    edges = [LinkedAccountEdge(place=at, other=_other(link, me), link=Link.of(link)) for at, link in page.rows]
    return LinkedAccountConnection(edges=edges, page_info=page.info)


@together("AccountEdge.node", "MemberEdge.node", "StayEdge.node")
async def accounts_on(context: Loaders, edges: Sequence[OfAccount]) -> list[Account]:
    """Returns the accounts of edges, read together; NotFound if one is missing."""
    return await known_accounts(context, [edge.account_id for edge in edges])


@together("LinkedAccountEdge.node")
async def _others(context: Loaders, edges: Sequence[LinkedAccountEdge]) -> list[Account]:
    return await known_accounts(context, [edge.other for edge in edges])


async def load_account(info: Info, account_id: str) -> Account:
    """Returns an account that the store must know; NotFound where it does not."""
    return (await known_accounts(info.context, [account_id]))[0]


async def load_accounts(info: Info, account_ids: list[str]) -> list[Account]:
    """Returns accounts that the store must know, read together; NotFound if one is missing."""
    return await known_accounts(info.context, account_ids)


async def known_accounts(context: Loaders, account_ids: list[str]) -> list[Account]:
    """Returns accounts that the store must know, read together; NotFound if one is missing."""
    return [Account.of(record) for record in await known_records(context, account_ids)]


async def known_records(context: Loaders, account_ids: list[str]) -> list[model.Account]:
    """Returns the records of accounts that the store must know, read together; NotFound if one is missing."""
    found = await context.account.load_many(account_ids)
    known = [record for record in found if record is not None]
    if len(known) != len(account_ids):
        raise NotFound("the store names an account that it does not hold; load the facts again")
    return known

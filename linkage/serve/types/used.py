"""What accounts used: identifiers, and how an account used one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Protocol

import strawberry

from linkage.model import rings as model
from linkage.model.kinds import Facet
from linkage.serve import ids
from linkage.serve.columnar.together import together
from linkage.serve.loaders import Loaders
from linkage.serve.settings import PAGE
from linkage.serve.types.page import Count, Edge, PageInfo, Place, Precision, check_first, need, shown_of
from linkage.serve.types.values import Info, Long, Node

if TYPE_CHECKING:
    from linkage.serve.types.account import AccountConnection

LazyAccounts = Annotated["AccountConnection", strawberry.lazy("linkage.serve.types.account")]


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
            key=record.key,
            kind=record.kind,
            facet=record.facet,
            place=record.place,
            degree=record.degree,
            bits=record.bits,
        )

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.IDENTIFIER, self.key

    @strawberry.field(description="The accounts that used it, by id.")
    async def accounts(self, info: Info, first: int = 20, after: str | None = None) -> LazyAccounts:
        """Returns a page of accounts."""
        from linkage.serve.types.account import AccountConnection

        check_first(first, PAGE)
        behind = ids.cursor_parts(after, str)[0] if after is not None else ""
        found = await info.context.users.load((self.key, first + 1, behind))
        return AccountConnection.of(found, first, after, Count(count=Long(self.degree), precision=Precision.EXACT))


@strawberry.type(description="How an account used an identifier.")
class IdentifierEdge(Edge):
    """A use of an identifier."""

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


class OfAccount(Protocol):
    """What names an account."""

    @property
    def account_id(self) -> str:
        """Returns the account's id."""


@together("Account.identifiers")
async def identifiers_of(
    context: Loaders, accounts: Sequence[OfAccount], first: int = 20, after: str | None = None
) -> list[IdentifierConnection]:
    """Returns a page of identifiers for each account, read together."""
    found = []
    for uses, info in await use_pages(context, accounts, first, after):
        edges = [_edge(_key(use), use) for use in uses]
        found.append(IdentifierConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=info))
    return found


async def use_pages(
    context: Loaders, accounts: Sequence[OfAccount], first: int, after: str | None
) -> list[tuple[list[model.Use], PageInfo]]:
    """Returns the uses of each account that a page shows, and where it lies."""
    check_first(first, PAGE)
    length = need(first, after)
    found = await context.uses.load_many([(account.account_id, length) for account in accounts])
    return [shown_of(uses, _key, (float, str, str), first, after) for uses in found]


def _key(use: model.Use) -> tuple[float, str, str]:
    return -use.bits, use.kind, use.key


def _edge(at: Place, use: model.Use) -> IdentifierEdge:
    return IdentifierEdge(
        place=at,
        node=Identifier.of(use),
        first_seen=use.first_seen,
        last_seen=use.last_seen,
        days=use.days,
        requests=Long(use.requests),
    )

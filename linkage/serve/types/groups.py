"""The two layers above rings, operators and campaigns, and counts of rings and accounts by what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from linkage.model import filters as model
from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.filters import RingSort
from linkage.serve.types.page import Count, Edge, PageInfo, Precision, check_first, keyset_page
from linkage.serve.types.ring import RingConnection
from linkage.serve.types.values import Info, Long, Node
from linkage.serve.view import Ordered, RingGroup, key_of


@strawberry.type
class Layer(Node):
    """What operators and campaigns have in common: they are groups of rings. No type of the API by itself."""

    group: strawberry.Private[RingGroup]
    ring_count: int
    accounts: Long = strawberry.field(description="How many accounts its rings have.")
    requests: Long
    score: float = strawberry.field(description="That of its strongest ring, in bits.")
    first_seen: datetime | None
    last_seen: datetime | None

    @strawberry.field(description="Its rings, highest score first.")
    async def rings(self, info: Info, first: int = 20, after: str | None = None) -> RingConnection:
        """Returns a page of its rings."""
        return await _rings(info, self.group, first, after)


@strawberry.type(description="Who runs rings: what its rings have in common in infrastructure.")
class Operator(Layer):
    """One operator."""

    operator_id: str

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.OPERATOR, self.operator_id

    @classmethod
    def of(cls, group: RingGroup) -> Operator:
        """Returns the GraphQL object of rings of one operator."""
        return cls(operator_id=group.name, **_figures(group))

    @strawberry.field(description="What its rings work for.")
    async def campaigns(self, info: Info) -> list[Campaign]:
        """Returns the campaigns of its rings."""
        view = await info.context.view()
        names = dict.fromkeys(ring.campaign_id for ring in self.group.rings if ring.campaign_id)
        return [Campaign.of(view.campaigns[name]) for name in names if name in view.campaigns]


@strawberry.type(description="What rings work for: what their traffic has in common.")
class Campaign(Layer):
    """One campaign."""

    campaign_id: str

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.CAMPAIGN, self.campaign_id

    @classmethod
    def of(cls, group: RingGroup) -> Campaign:
        """Returns the GraphQL object of rings of one campaign."""
        return cls(campaign_id=group.name, **_figures(group))

    @strawberry.field(description="Who runs its rings.")
    async def operators(self, info: Info) -> list[Operator]:
        """Returns the operators of its rings."""
        view = await info.context.view()
        names = dict.fromkeys(ring.operator_id for ring in self.group.rings if ring.operator_id)
        return [Operator.of(view.operators[name]) for name in names if name in view.operators]


@strawberry.type
class OperatorEdge(Edge):
    """An operator in a list."""

    node: Operator


@strawberry.type(description="Operators of the current run, those with the most accounts first.")
class OperatorConnection:
    """A page of operators."""

    edges: list[OperatorEdge]
    nodes: list[Operator]
    page_info: PageInfo
    total_count: Count


@strawberry.type
class CampaignEdge(Edge):
    """A campaign in a list."""

    node: Campaign


@strawberry.type(description="Campaigns of the current run, those with the most accounts first.")
class CampaignConnection:
    """A page of campaigns."""

    edges: list[CampaignEdge]
    nodes: list[Campaign]
    page_info: PageInfo
    total_count: Count


def operator_page(groups: Sequence[RingGroup], first: int, after: str | None) -> OperatorConnection:
    """Returns a page of operators."""
    found = sorted(groups, key=_size)
    page = keyset_page(found, _size, (int, str), first, after)
    edges = [OperatorEdge(place=at, node=Operator.of(group)) for at, group in page.rows]
    nodes = [edge.node for edge in edges]
    return OperatorConnection(edges=edges, nodes=nodes, page_info=page.info, total_count=_total(found))


def campaign_page(groups: Sequence[RingGroup], first: int, after: str | None) -> CampaignConnection:
    """Returns a page of campaigns."""
    found = sorted(groups, key=_size)
    page = keyset_page(found, _size, (int, str), first, after)
    edges = [CampaignEdge(place=at, node=Campaign.of(group)) for at, group in page.rows]
    nodes = [edge.node for edge in edges]
    return CampaignConnection(edges=edges, nodes=nodes, page_info=page.info, total_count=_total(found))


def _size(group: RingGroup) -> tuple[int, str]:
    return -group.accounts, group.name


def _total(found: Sequence[RingGroup]) -> Count:
    return Count(count=Long(len(found)), precision=Precision.EXACT)


def _figures(group: RingGroup) -> dict[str, Any]:
    """Returns the figures that operators and campaigns share; Any because they are of several types."""
    return {
        "group": group,
        "ring_count": len(group.rings),
        "accounts": Long(group.accounts),
        "requests": Long(group.requests),
        "score": max(ring.score for ring in group.rings),
        "first_seen": min((ring.first_seen for ring in group.rings if ring.first_seen), default=None),
        "last_seen": max((ring.last_seen for ring in group.rings if ring.last_seen), default=None),
    }


async def _rings(info: Info, group: RingGroup, first: int, after: str | None) -> RingConnection:
    check_first(first, PAGE)
    pairs = sorted((key_of(ring, "score", -1), ring.ring_id) for ring in group.rings)
    view = await info.context.view()
    found = Ordered(tuple(view.by_id[ring_id] for _, ring_id in pairs), tuple(key for key, _ in pairs))
    return RingConnection.of(view, found, RingSort.SCORE_DESC, first, after)


class RingBy(Enum):
    """What rings can be counted by; the value is their attribute."""

    STATUS = "status"
    OPERATOR = "operator_id"
    CAMPAIGN = "campaign_id"
    CONTEXT = "context"
    FACETS = "facets"


strawberry.enum(RingBy, description="What rings are counted by.")


class AccountBy(Enum):
    """What accounts can be counted by; the value is their attribute."""

    STATUS = "status"
    PLAN = "plan"
    COUNTRY = "country"
    EMAIL_DOMAIN = "email_domain"
    ORGANIZATION = "organization"
    LABEL = "label"


strawberry.enum(AccountBy, description="What accounts are counted by.")


@strawberry.type(description="Rings that are equal in what they are counted by.")
class RingCount:
    """One group of rings."""

    value: str | None = strawberry.field(description="Null for rings that have none.")
    rings: int
    accounts: Long
    requests: Long
    highest_score: float
    mean_score: float

    @classmethod
    def of(cls, group: RingGroup) -> RingCount:
        """Returns the GraphQL object of a group."""
        scores = [ring.score for ring in group.rings]
        return cls(
            value=group.name or None,
            rings=len(scores),
            accounts=Long(group.accounts),
            requests=Long(group.requests),
            highest_score=max(scores),
            mean_score=round(sum(scores) / len(scores), 3),
        )


@strawberry.type(description="Accounts that are equal in what they are counted by.")
class AccountCount:
    """One group of accounts."""

    value: str | None = strawberry.field(description="Null for accounts that have none.")
    accounts: Long
    requests: Long

    @classmethod
    def of(cls, group: model.AccountGroup) -> AccountCount:
        """Returns the GraphQL object of a group."""
        return cls(value=group.value, accounts=Long(group.accounts), requests=Long(group.requests))

"""Root fields about rings, and the operators and campaigns above them."""

from __future__ import annotations

import strawberry

from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.filters import RingFilter, RingSort, test_of
from linkage.serve.types.groups import (
    CampaignConnection,
    OperatorConnection,
    RingBy,
    RingCount,
    campaign_page,
    operator_page,
)
from linkage.serve.types.page import check_first
from linkage.serve.types.ring import Ring, RingConnection, load_ring
from linkage.serve.types.values import Info
from linkage.serve.view import RingGroup, groups


@strawberry.type
class RingQueries:
    """What can be asked of rings."""

    @strawberry.field(description="A ring by its id, also one that has ended; null if there never was one.")
    async def ring(self, info: Info, id: strawberry.ID) -> Ring | None:  # noqa: A002 - the API's name
        """Returns a ring."""
        found = await info.context.ring.load(ids.plain_id(ids.NodeType.RING, id))
        return Ring.of(found) if found else None

    @strawberry.field(description="Rings of the current run, highest score first unless sorted otherwise.")
    async def rings(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        filter: RingFilter | None = None,  # noqa: A002 - the API's name
        sort: RingSort = RingSort.SCORE_DESC,
    ) -> RingConnection:
        """Returns a page of rings."""
        check_first(first, PAGE)
        view = await info.context.view()
        by, descending = sort.value
        found = view.ordered(repr(filter), test_of(filter), by, descending=descending)
        return RingConnection.of(view, found, sort, first, after)

    @strawberry.field(description="Counts of rings by what they have in common, the most accounts first.")
    async def ring_counts(
        self,
        info: Info,
        by: RingBy,
        first: int = 20,
        filter: RingFilter | None = None,  # noqa: A002 - the API's name
    ) -> list[RingCount]:
        """Returns counts of rings."""
        check_first(first, PAGE)
        rings = (await info.context.view()).chosen(test_of(filter))
        named = groups(rings, lambda ring: _named(getattr(ring, by.value)))
        unnamed = tuple(ring for ring in rings if not _named(getattr(ring, by.value)))
        found = [*named.values(), *([RingGroup("", unnamed)] if unnamed else [])]
        return [RingCount.of(group) for group in sorted(found, key=lambda one: (-one.accounts, one.name))[:first]]

    @strawberry.field(description="The ring that an account is in; null if it is in none, or unknown.")
    async def ring_of(self, info: Info, account: strawberry.ID) -> Ring | None:
        """Returns the account's ring."""
        found = await info.context.account.load(ids.plain_id(ids.NodeType.ACCOUNT, account))
        return await load_ring(info, found.ring_id) if found and found.ring_id else None

    @strawberry.field(description="Operators of the current run, those with the most accounts first.")
    async def operators(self, info: Info, first: int = 20, after: str | None = None) -> OperatorConnection:
        """Returns a page of operators."""
        check_first(first, PAGE)
        return operator_page(list((await info.context.view()).operators.values()), first, after)

    @strawberry.field(description="Campaigns of the current run, those with the most accounts first.")
    async def campaigns(self, info: Info, first: int = 20, after: str | None = None) -> CampaignConnection:
        """Returns a page of campaigns."""
        check_first(first, PAGE)
        return campaign_page(list((await info.context.view()).campaigns.values()), first, after)


def _named(value: object) -> str:
    """Returns a value as the name of a group; facets are joined by a space."""
    return " ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)

"""Why two accounts are linked: the waterfall, and links as they are stored."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from linkage.model import rings as model
from linkage.model.kinds import Facet
from linkage.serve.types.page import Edge, PageInfo
from linkage.serve.types.values import Grade, Info, grade_of

if TYPE_CHECKING:
    from linkage.serve.types.account import Account

LazyAccount = Annotated["Account", strawberry.lazy("linkage.serve.types.account")]


@strawberry.type(description="A facet's part in a link.")
class FacetBits:
    """Bits of one facet."""

    facet: Facet
    bits: float


@strawberry.type(description="A facet's step of the waterfall.")
class FacetStep:
    """Bits of one facet before and after its cap."""

    facet: Facet
    summed: float = strawberry.field(description="Bits of all its things; correlated kinds count once.")
    counted: float = strawberry.field(description="Bits after the facet's cap: what the total counts.")


@strawberry.type(description="One thing that both accounts used.")
class SharedThing:
    """One thing that two accounts share."""

    facet: Facet
    kind: str
    key: str | None = strawberry.field(description="The keyed hash of the thing; null for timing.")
    place: str | None = strawberry.field(description="What sort of place an address is.")
    degree: int = strawberry.field(description="How many accounts used it: its rarity.")
    bits: float = strawberry.field(description="How unlikely it is that two strangers share it.")
    first_seen: datetime | None
    last_seen: datetime | None
    detail: str | None = strawberry.field(description="What coincided, for timing.")


@strawberry.type(description="Why two accounts are linked or are not, in bits (log2 likelihood ratios).")
class Evidence:
    """The waterfall of one pair."""

    record: strawberry.Private[model.Evidence]
    prior: float = strawberry.field(description="log2 of the odds before any evidence.")
    bits: float = strawberry.field(description="The sum of the facets.")
    needed: float = strawberry.field(description="Bits from which a pair is a link.")
    linked: bool
    grade: Grade | None = strawberry.field(description="Null for a pair that is no link.")
    facets: list[FacetStep]
    against: list[str] = strawberry.field(description="What speaks against the link, in words.")

    @classmethod
    def of(cls, record: model.Evidence) -> Evidence:
        """Returns the GraphQL object of a record."""
        grade = grade_of(record.grade)
        return cls(
            record=record,
            prior=record.prior,
            bits=record.bits,
            needed=record.needed,
            linked=grade is not None,
            grade=grade,
            facets=[FacetStep(facet=f.facet, summed=f.summed, counted=f.counted) for f in record.facets],
            against=list(record.against),
        )

    @strawberry.field(description="The account whose id sorts first.")
    async def account_a(self, info: Info) -> LazyAccount:
        """Returns the first account."""
        return await _account(info, self.record.account_a)

    @strawberry.field(description="The other account.")
    async def account_b(self, info: Info) -> LazyAccount:
        """Returns the second account."""
        return await _account(info, self.record.account_b)

    @strawberry.field(description="What both used, most bits first.")
    def things(self, first: int = 50) -> list[SharedThing]:
        """Returns the shared things."""
        return [thing_of(thing) for thing in self.record.things[:first]]


def thing_of(thing: model.SharedThing) -> SharedThing:
    """Returns the GraphQL object of a shared thing."""
    return SharedThing(
        facet=thing.facet,
        kind=thing.kind,
        key=thing.key or None,
        place=thing.place,
        degree=thing.degree,
        bits=thing.bits,
        first_seen=thing.first_seen,
        last_seen=thing.last_seen,
        detail=thing.detail or None,
    )


@strawberry.type(description="A stored link between two accounts.")
class Link:
    """A link with its bits by facet."""

    record: strawberry.Private[model.Link]
    bits: float = strawberry.field(description="The sum of the facets.")
    grade: Grade | None
    facets: list[FacetBits]
    first_seen: datetime | None
    last_seen: datetime | None

    @classmethod
    def of(cls, record: model.Link) -> Link:
        """Returns the GraphQL object of a record; facets without bits are left out."""
        return cls(
            record=record,
            bits=record.bits,
            grade=grade_of(record.grade),
            facets=[FacetBits(facet=facet, bits=bits) for facet, bits in record.facets.items() if bits > 0],
            first_seen=record.first_seen,
            last_seen=record.last_seen,
        )

    @strawberry.field(description="The account whose id sorts first.")
    async def account_a(self, info: Info) -> LazyAccount:
        """Returns the first account."""
        return await _account(info, self.record.account_a)

    @strawberry.field(description="The other account.")
    async def account_b(self, info: Info) -> LazyAccount:
        """Returns the second account."""
        return await _account(info, self.record.account_b)

    @strawberry.field(description="The waterfall behind the link, computed from what both used.")
    async def evidence(self, info: Info) -> Evidence | None:
        """Returns why the two are linked."""
        found = await info.context.evidence.load((self.record.account_a, self.record.account_b))
        return Evidence.of(found) if found else None


@strawberry.type
class LinkEdge(Edge):
    """A link in a list."""

    node: Link


@strawberry.type(description="Links, by the ids of their accounts.")
class LinkConnection:
    """A page of links."""

    edges: list[LinkEdge]
    nodes: list[Link]
    page_info: PageInfo


async def _account(info: Info, account_id: str) -> Account:
    from linkage.serve.types.account import load_account

    return await load_account(info, account_id)

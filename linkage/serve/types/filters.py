"""Typed conditions on rings and accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry

from linkage.model.filters import AccountFilter
from linkage.model.kinds import Facet
from linkage.model.rings import Ring, RingStatus
from linkage.serve.faults import Code, Fault
from linkage.serve.types.values import Long

MOST_CONDITIONS = 50
MOST_VALUES = 200
"""Values in one list."""


@strawberry.input(description="Conditions on a whole number; all that are given must hold.")
class IntRange:
    """A range of whole numbers."""

    eq: Long | None = None
    gte: Long | None = None
    lte: Long | None = None
    gt: Long | None = None
    lt: Long | None = None


@strawberry.input(description="Conditions on a number; all that are given must hold.")
class FloatRange:
    """A range of numbers."""

    gte: float | None = None
    lte: float | None = None
    gt: float | None = None
    lt: float | None = None


@strawberry.input(description="From a time on (gte), before a time (lt).")
class TimeRange:
    """A range of times."""

    gte: datetime | None = None
    lt: datetime | None = None


@strawberry.input(description="Conditions on a text; all that are given must hold.")
class TextIn:
    """A text, or one of several."""

    eq: str | None = None
    in_: list[str] | None = strawberry.field(name="in", default=None)


@strawberry.input(description="Conditions on the facets that support a ring; all that are given must hold.")
class FacetsIn:
    """Facets of which some, all or none are there."""

    some: list[Facet] | None = None
    all: list[Facet] | None = None
    none: list[Facet] | None = None


@strawberry.input(description="Conditions on rings; all that are given must hold.")
class RingFilter:
    """Which rings are wanted."""

    and_: list[RingFilter] | None = strawberry.field(name="and", default=None)
    or_: list[RingFilter] | None = strawberry.field(name="or", default=None)
    not_: RingFilter | None = strawberry.field(name="not", default=None)
    status: list[RingStatus] | None = None
    size: IntRange | None = None
    score: FloatRange | None = None
    requests: IntRange | None = None
    first_seen: TimeRange | None = None
    last_seen: TimeRange | None = None
    facets: FacetsIn | None = None
    operator: TextIn | None = None
    campaign: TextIn | None = None
    context: TextIn | None = None


@strawberry.input(description="Conditions on accounts; all that are given must hold. Lists name the values allowed.")
class AccountConditions:
    """Which accounts are wanted."""

    id_prefix: str | None = None
    status: list[str] | None = None
    plan: list[str] | None = None
    country: list[str] | None = None
    email_domain: list[str] | None = None
    organization: list[str] | None = None
    label: list[str] | None = None
    created_at: TimeRange | None = None
    last_seen: TimeRange | None = None
    least_requests: Long | None = None
    most_requests: Long | None = None
    in_ring: bool | None = strawberry.field(
        default=None, description="Whether it is core or member of a ring; a bystander is beside one."
    )


Test = Callable[[Ring], bool]


def test_of(wanted: RingFilter | None) -> Test:
    """Returns the test of a filter; a Fault for one of too many conditions."""
    parts = list(_tests(wanted, [MOST_CONDITIONS])) if wanted else []
    return lambda ring: all(part(ring) for part in parts)


def _tests(wanted: RingFilter, budget: list[int]) -> Iterator[Test]:
    budget[0] -= 1
    if budget[0] < 0:
        raise Fault(Code.QUERY_TOO_EXPENSIVE, f"the filter has more than {MOST_CONDITIONS} parts")
    if wanted.and_ is not None:
        yield from (part for one in wanted.and_ for part in _tests(one, budget))
    if wanted.or_ is not None:
        branches = [list(_tests(one, budget)) for one in wanted.or_]
        yield lambda ring: any(all(part(ring) for part in branch) for branch in branches)
    if wanted.not_ is not None:
        inner = list(_tests(wanted.not_, budget))
        yield lambda ring: not all(part(ring) for part in inner)
    if wanted.status is not None:
        status = set(wanted.status)
        yield lambda ring: ring.status in status
    for name in ("size", "score", "requests", "first_seen", "last_seen"):
        yield from _range(name, getattr(wanted, name))
    for name, field in (("operator", "operator_id"), ("campaign", "campaign_id"), ("context", "context")):
        yield from _text(field, getattr(wanted, name))
    if wanted.facets is not None:
        yield from _facets(wanted.facets)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {  # numbers or times
    "eq": lambda a, b: a == b,
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
}


def _range(name: str, wanted: IntRange | FloatRange | TimeRange | None) -> Iterator[Test]:
    for operator, compare in _COMPARE.items():
        bound = getattr(wanted, operator, None)
        if bound is not None:
            yield _comparison(name, compare, _zoned(bound))


def _comparison(name: str, compare: Callable[[Any, Any], bool], bound: object) -> Test:
    def test(ring: Ring) -> bool:
        value = getattr(ring, name)
        return value is not None and compare(value, bound)

    return test


def _text(name: str, wanted: TextIn | None) -> Iterator[Test]:
    if wanted is not None and wanted.eq is not None:
        yield lambda ring: getattr(ring, name) == wanted.eq
    if wanted is not None and wanted.in_ is not None:
        allowed = set(listed(wanted.in_))
        yield lambda ring: getattr(ring, name) in allowed


def _facets(wanted: FacetsIn) -> Iterator[Test]:
    if wanted.some is not None:
        some = set(wanted.some)
        yield lambda ring: bool(some & set(ring.facets))
    if wanted.all is not None:
        every = set(wanted.all)
        yield lambda ring: every <= set(ring.facets)
    if wanted.none is not None:
        none = set(wanted.none)
        yield lambda ring: not none & set(ring.facets)


def _zoned(bound: object) -> object:
    return bound.replace(tzinfo=UTC) if isinstance(bound, datetime) and bound.tzinfo is None else bound


def listed(values: list[str]) -> tuple[str, ...]:
    """Returns the values of a list; a Fault for one that is too long."""
    if len(values) > MOST_VALUES:
        raise Fault(Code.BAD_USER_INPUT, f"a list in a filter has {len(values)} values; it may have {MOST_VALUES}")
    return tuple(values)


def account_filter(wanted: AccountConditions | None) -> AccountFilter:
    """Returns the conditions as the store takes them."""
    if wanted is None:
        return AccountFilter()
    created, seen = wanted.created_at or TimeRange(), wanted.last_seen or TimeRange()
    lists = {name: getattr(wanted, name) for name in _LISTS}
    return AccountFilter(
        prefix=wanted.id_prefix or "",
        created_from=created.gte,
        created_until=created.lt,
        seen_from=seen.gte,
        seen_until=seen.lt,
        least_requests=wanted.least_requests,
        most_requests=wanted.most_requests,
        in_ring=wanted.in_ring,
        **{name: None if values is None else listed(values) for name, values in lists.items()},
    )


_LISTS = ("status", "plan", "country", "email_domain", "organization", "label")


class RingSort(Enum):
    """What rings are sorted by, and which way."""

    SCORE_DESC = ("score", True)
    SCORE_ASC = ("score", False)
    SIZE_DESC = ("size", True)
    SIZE_ASC = ("size", False)
    REQUESTS_DESC = ("requests", True)
    REQUESTS_ASC = ("requests", False)
    FIRST_SEEN_DESC = ("first_seen", True)
    FIRST_SEEN_ASC = ("first_seen", False)
    LAST_SEEN_DESC = ("last_seen", True)
    LAST_SEEN_ASC = ("last_seen", False)


strawberry.enum(RingSort, description="What rings are sorted by; rings that are equal in it are in the order of ids.")

"""Scalars, enums and the node interface of the schema."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum, StrEnum
from operator import methodcaller
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from linkage.model import kinds, rings
from linkage.serve import ids
from linkage.serve.loaders import Loaders

Info = strawberry.Info[Loaders, None]

Long = NewType("Long", int)
"""A count; GraphQL's own Int ends at 2^31 - 1, and requests of a ring do not."""

_LARGEST = (1 << 53) - 1


def _whole(value: object) -> int:
    """Returns a whole number, given as GraphQL's Int takes one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise GraphQLError("a Long is a whole number up to 2^53 - 1")
    return value


def _moment(value: object) -> datetime:
    """Returns a moment, of UTC where no zone is given."""
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("a DateTime is a time of ISO 8601, as 2026-11-24T02:13:00Z") from None


CONFIG = StrawberryConfig(
    scalar_map={
        Long: strawberry.scalar(
            name="Long", description="A whole number up to 2^53 - 1.", serialize=int, parse_value=_whole
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="Date with time (isoformat)",
            serialize=methodcaller("isoformat"),
            parse_value=_moment,
        ),
    }
)


class Grade(StrEnum):
    """How strong a link is."""

    BEHAVIOUR = "behaviour"
    INFRASTRUCTURE = "infrastructure"


def grade_of(name: str) -> Grade | None:
    """Returns the grade of this name, or None for a pair that is no link."""
    return Grade(name) if name in set(Grade) else None


_ENUMS: tuple[tuple[type[Enum], str, str], ...] = (
    (kinds.Facet, "Facet", "Where evidence comes from; kinds inside a facet are correlated, facets are not."),
    (rings.Role, "Role", "An account's part in a ring. A bystander is never to be acted on."),
    (rings.RingStatus, "RingStatus", "Whether a ring lives in the current run."),
    (rings.Event, "RingEventKind", "What happened to a ring between two runs."),
    (Grade, "Grade", "What a link can make: BEHAVIOUR makes members, INFRASTRUCTURE only bystanders."),
)
for _enum, _name, _text in _ENUMS:
    strawberry.enum(_enum, name=_name, description=_text)


@strawberry.interface(description="A thing with an id that is unique over all types.")
class Node:
    """What has a global id."""

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Returns the global id, made only where it is asked for."""
        return strawberry.ID(ids.global_id(*self.named()))

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        raise NotImplementedError  # every type of node names itself

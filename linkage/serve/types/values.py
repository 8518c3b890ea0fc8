"""Scalars, enums and the node interface of the schema."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NewType

import strawberry
from strawberry.schema.config import StrawberryConfig

from linkage.model import kinds, rings
from linkage.serve import ids
from linkage.serve.loaders import Loaders

Info = strawberry.Info[Loaders, None]

Long = NewType("Long", int)
"""A count; GraphQL's own Int ends at 2^31 - 1, and requests of a ring do not."""

CONFIG = StrawberryConfig(
    scalar_map={
        Long: strawberry.scalar(
            name="Long", description="A whole number up to 2^53 - 1.", serialize=int, parse_value=int
        )
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

"""Objects that need not be made: where all that is asked of them is what the model's own records hold by the same name,
the records stand in for them.

A page of accounts with what they used is hundreds of objects, each a copy of a record that is read once and dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linkage.serve.columnar.together import R, Reader, marking

if TYPE_CHECKING:
    from linkage.serve.columnar.plan import Level, Planned

THIN: dict[tuple[str, str], Reader] = {}
"""Readers that give records instead, by type and field; of a connection one whose edges and nodes are records."""
RECORDS: dict[str, frozenset[str]] = {
    "Account": frozenset(
        [
            "accountId",
            "createdAt",
            "status",
            "plan",
            "country",
            "emailDomain",
            "organization",
            "label",
            "firstSeen",
            "lastSeen",
            "requests",
            "role",
        ]
    ),
    "Identifier": frozenset(("key", "kind", "facet", "place", "degree", "bits")),
    "IdentifierEdge": frozenset(("firstSeen", "lastSeen", "days", "requests")),
    "MemberEdge": frozenset(("role", "bits", "weakestFacet", "since")),
}
"""By type its fields that its record has too; what reads others of its fields together needs no more of it either."""
_CONNECTIONS = {"IdentifierConnection": {"edges", "nodes"}, "MemberConnection": {"edges"}}
_ONE = {("IdentifierEdge", "node")}
"""Fields whose object is of the same record."""


def thin(*places: str) -> Callable[[R], R]:
    """Marks what reads a field, `Type.field`, as records."""
    return marking(THIN, places)


def thinned(kind: str, level: Level) -> Level | None:
    """Returns the level of objects of a type as one of records, None if something is asked that those do not have."""
    if kind not in RECORDS and kind not in _CONNECTIONS:
        return None
    fields = [_of_connection(kind, one) if kind in _CONNECTIONS else _of_record(kind, one) for one in level.fields]
    known = [one for one in fields if one is not None]
    return replace(level, fields=tuple(known)) if len(known) == len(fields) else None


def _of_connection(kind: str, field: Planned) -> Planned | None:
    if field.name not in _CONNECTIONS[kind]:
        return field
    return _inside(field, field.get)


def _of_record(kind: str, field: Planned) -> Planned | None:
    if (kind, field.name) in _ONE:
        return _inside(field, _itself)
    return field if field.name in RECORDS[kind] or field.reader is not None or field.name == "__typename" else None


def _inside(field: Planned, get: Callable[[Any], Any] | None) -> Planned | None:
    level = thinned(field.kind, field.level) if field.level else None
    return replace(field, get=get, level=level) if level else None


def _itself(record: object) -> object:
    return record

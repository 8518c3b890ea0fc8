"""Fields that are read for many objects at once, and what reads them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

Reader = Callable[..., Coroutine[Any, Any, list[Any]]]  # of context, objects and the field's own arguments
R = TypeVar("R", bound=Reader)

TOGETHER: dict[tuple[str, str], Reader] = {}
"""Readers by type and field. One returns a value for each object, and raises where a single one cannot be read."""


def together(*places: str) -> Callable[[R], R]:
    """Marks what reads a field, `Type.field`, of many objects; the field's own resolver must give the same."""
    return marking(TOGETHER, places)


def marking(readers: dict[tuple[str, str], Reader], places: Sequence[str]) -> Callable[[R], R]:
    """Returns what notes a reader as that of some fields."""

    def mark(reader: R) -> R:
        for place in places:
            kind, _, field = place.partition(".")
            readers[kind, field] = reader
        return reader

    return mark

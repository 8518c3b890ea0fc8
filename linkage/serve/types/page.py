"""Pages of ordered lists: keyset cursors, so that a page stays right while the data around it changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry

from linkage.serve import ids
from linkage.serve.faults import Code, Fault
from linkage.serve.types.values import Long

T = TypeVar("T")
DEEP = 1_000
"""How far behind the first page a list of one account is read."""


COUNTED = 10_000
"""Elements that are counted; of more there are at least so many."""


@strawberry.enum(description="How a count is to be read.")
class Precision(Enum):
    """Whether a count is all there is."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


@strawberry.type(description="How many elements a list has in all.")
class Count:
    """A count that ends at COUNTED."""

    count: Long
    precision: Precision

    @classmethod
    def of(cls, found: int) -> Count:
        """Returns the count of a list that was counted to one more than COUNTED."""
        precision = Precision.EXACT if found <= COUNTED else Precision.AT_LEAST
        return cls(count=Long(min(found, COUNTED)), precision=precision)


Place = tuple[str | float, ...]
"""Where an element stands in its list: its sort key. It becomes a cursor only where one is asked for."""


@strawberry.type
class Edge:
    """What every edge has."""

    place: strawberry.Private[Place]

    @strawberry.field
    def cursor(self) -> str:
        """Returns the cursor of its place."""
        return ids.cursor(*self.place)


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page information; lists are read forward."""

    has_next_page: bool
    has_previous_page: bool
    start: strawberry.Private[Place | None]
    end: strawberry.Private[Place | None]

    @strawberry.field
    def start_cursor(self) -> str | None:
        """Returns the cursor of the first element."""
        return ids.cursor(*self.start) if self.start is not None else None

    @strawberry.field
    def end_cursor(self) -> str | None:
        """Returns the cursor of the last element."""
        return ids.cursor(*self.end) if self.end is not None else None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The elements of one page with their places."""

    rows: tuple[tuple[Place, T], ...]
    info: PageInfo


def need(first: int, after: str | None, deep: int = DEEP) -> int:
    """Returns how many elements must be read for a page: one more than it shows tells whether more follow."""
    return first + 1 if after is None else deep


def page_of(rows: Sequence[tuple[Place, T]], first: int, after: str | None, *, start: int = 0) -> Page[T]:
    """Returns `first` of the rows (place, element) from `start` on."""
    shown = tuple(rows[start : start + first])
    info = PageInfo(
        has_next_page=len(rows) > start + first,
        has_previous_page=after is not None,
        start=shown[0][0] if shown else None,
        end=shown[-1][0] if shown else None,
    )
    return Page(shown, info)


def shown_of(
    items: Sequence[T],
    key: Callable[[T], tuple[Any, ...]],  # sort keys mix text and numbers
    types: tuple[type, ...],
    first: int,
    after: str | None,
) -> tuple[list[T], PageInfo]:
    """Returns the items of the page behind `after`, and where it lies.

    They are sorted by `key`, whose parts are of `types`. Fault: `after` is not a cursor of such a list.
    """
    start = 0 if after is None else bisect_right(items, ids.cursor_parts(after, *types), key=key)
    shown = list(items[start : start + first])
    info = PageInfo(
        has_next_page=len(items) > start + first,
        has_previous_page=after is not None,
        start=key(shown[0]) if shown else None,
        end=key(shown[-1]) if shown else None,
    )
    return shown, info


def keyset_page(
    items: Sequence[T], key: Callable[[T], tuple[Any, ...]], types: tuple[type, ...], first: int, after: str | None
) -> Page[T]:
    """Returns what `shown_of` does, with the place of each item."""
    shown, info = shown_of(items, key, types, first, after)
    return Page(tuple((key(item), item) for item in shown), info)


def check_first(first: int, most: int) -> None:
    """Raises a Fault for a page size outside 1 to `most`."""
    if not 1 <= first <= most:
        raise Fault(Code.BAD_USER_INPUT, f"first is {first}; it must be 1 to {most}")

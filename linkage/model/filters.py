"""Which accounts are wanted: conditions that all must hold, each of which may be left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

ATTRIBUTES = ("status", "plan", "country", "email_domain", "organization", "label")
"""What accounts can be chosen and counted by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Conditions on accounts; None leaves one out.

    Lists name the values of which an account must have one. `created` and `seen` (its last sign of life) are from a
    time on and before another; `in_ring` asks for core and members of a ring, or for accounts that are neither, as
    bystanders are.
    """

    prefix: str = ""
    status: tuple[str, ...] | None = None
    plan: tuple[str, ...] | None = None
    country: tuple[str, ...] | None = None
    email_domain: tuple[str, ...] | None = None
    organization: tuple[str, ...] | None = None
    label: tuple[str, ...] | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    seen_from: datetime | None = None
    seen_until: datetime | None = None
    least_requests: int | None = None
    most_requests: int | None = None
    in_ring: bool | None = None

    def values(self) -> dict[str, Any]:
        """Returns the conditions by name, lists as lists: the parameters of a query."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """How many accounts have a value of an attribute (None: no value), and their requests."""

    value: str | None
    accounts: int
    requests: int


@dataclass(frozen=True, slots=True)
class EventPlace:
    """A place in the order of ring events by run, ring, event and other ring: all empty before the first."""

    run_id: str = ""
    ring_id: str = ""
    event: str = ""
    other_ring_id: str = ""

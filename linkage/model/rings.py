"""Rings, members, runs, ring events and evidence: what detection publishes and people read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from linkage.model.kinds import Facet


class Role(StrEnum):
    """An account's part in a ring. A bystander shares infrastructure only and is never acted on."""

    CORE = "core"
    MEMBER = "member"
    BYSTANDER = "bystander"


class RingStatus(StrEnum):
    """Whether a ring lives in the current run."""

    ACTIVE = "active"
    DORMANT = "dormant"
    MERGED = "merged"
    DISSOLVED = "dissolved"


class Event(StrEnum):
    """What happened to a ring between two runs."""

    FORMED = "formed"
    GREW = "grew"
    SHRANK = "shrank"
    MERGED = "merged"
    SPLIT = "split"
    DORMANT = "dormant"
    REVIVED = "revived"
    DISSOLVED = "dissolved"


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring as published: `score` in bits, `facets` those that support it, `context` what it looks like."""

    ring_id: str
    status: RingStatus
    size: int
    score: float
    first_seen: datetime | None
    last_seen: datetime | None
    operator_id: str
    campaign_id: str
    facets: tuple[Facet, ...]
    context: str
    requests: int

    def __post_init__(self) -> None:
        if not self.ring_id or self.size < 1:
            raise ValueError(f"ring «{self.ring_id}» of size {self.size}: a ring has an id and members")


@dataclass(frozen=True, slots=True)
class Member:
    """An account in a ring: its own support in bits, and the facet whose loss would hurt it least to lose.

    `weakest_facet` is the supporting facet with the fewest bits; `since` when it was first seen in the ring.
    """

    ring_id: str
    account_id: str
    role: Role
    bits: float
    weakest_facet: Facet | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class RingEvent:
    """What happened to a ring in a run; `other_ring_id` is the other side of a merge or split, or empty."""

    at: datetime | None
    run_id: str
    ring_id: str
    event: Event
    other_ring_id: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One published run: when it ran, on what, and its counts. Only one run is current."""

    run_id: str
    started: datetime
    finished: datetime
    settings: dict[str, str | int | float] = field(default_factory=dict)
    counts: dict[str, int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as people read it, with the ring it is in, if any."""

    account_id: str
    created_at: datetime | None
    status: str
    plan: str | None
    country: str | None
    email_domain: str | None
    organization: str | None
    label: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    requests: int
    ring_id: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A thing that accounts use: `key` is a keyed hash, `degree` how many used it, `bits` what sharing it is worth."""

    key: str
    kind: str
    facet: Facet
    place: str | None
    degree: int
    bits: float
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Use(Identifier):
    """One identifier that an account used, between which times, on how many days and how often."""

    days: int
    requests: int


@dataclass(frozen=True, slots=True)
class SharedThing:
    """One thing that two accounts share, as evidence: its rarity (`degree` of `accounts`), bits and dates.

    For timing evidence `key` is empty and `detail` says what coincided.
    """

    facet: Facet
    kind: str
    key: str
    place: str | None
    degree: int
    bits: float
    first_seen: datetime | None
    last_seen: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FacetBits:
    """A facet's part in a link: the sum of its things and the bits counted after the facet's cap."""

    facet: Facet
    summed: float
    counted: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two accounts are linked, or are not: the waterfall from prior to posterior, in bits."""

    account_a: str
    account_b: str
    prior: float
    facets: tuple[FacetBits, ...]
    things: tuple[SharedThing, ...]
    bits: float
    needed: float
    grade: str
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A stored link between two accounts (account_a < account_b) with its bits by facet."""

    account_a: str
    account_b: str
    bits: float
    facets: dict[Facet, float]
    grade: str
    first_seen: datetime | None
    last_seen: datetime | None

"""What a sign-up would link to, asked for at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import strawberry

from linkage.model.kinds import Facet
from linkage.model.rings import Evidence, Role
from linkage.serve.faults import Code, Fault
from linkage.serve.types.account import Account, load_account
from linkage.serve.types.evidence import FacetBits, FacetStep, SharedThing, thing_of
from linkage.serve.types.ring import Ring, load_ring
from linkage.serve.types.values import Grade, Info, grade_of

MOST_ROWS = 500
"""Payments, identifiers and requests of one sign-up."""


@strawberry.input(description="A payment instrument of the sign-up; see docs/facts.md.")
class SignUpPayment:
    """A row of payments."""

    payment_id: str
    at: datetime | None = None
    kind: str | None = None
    bin: str | None = None
    issuer: str | None = None
    country: str | None = None


@strawberry.input(description="Any further identifier of the sign-up: device, phone, email, tls, ….")
class SignUpIdentifier:
    """A row of identifiers."""

    kind: str
    value: str
    at: datetime | None = None


@strawberry.input(description="A request that the sign-up made already.")
class SignUpRequest:
    """A row of requests."""

    at: datetime
    ip: str | None = None
    prompt: str | None = None
    prompt_fingerprint: str | None = None
    n: int | None = None


@strawberry.input(description="What is known of a sign-up; nothing of it is kept, and values are hashed as in a load.")
class SignUp:
    """The facts of one account."""

    created_at: datetime | None = None
    plan: str | None = None
    country: str | None = None
    email_domain: str | None = None
    organization: str | None = None
    payments: list[SignUpPayment] | None = None
    identifiers: list[SignUpIdentifier] | None = None
    requests: list[SignUpRequest] | None = None


class AttachedRing(Protocol):
    """A ring that a sign-up would link to, as the job gives it."""

    @property
    def ring_id(self) -> str: ...
    @property
    def links(self) -> int: ...
    @property
    def bits(self) -> float: ...
    @property
    def facets(self) -> Mapping[Facet, float]: ...


class AttachedAccount(Protocol):
    """An account that shares something with a sign-up, as the job gives it."""

    @property
    def account_id(self) -> str: ...
    @property
    def role(self) -> Role | None: ...
    @property
    def linked(self) -> bool: ...
    @property
    def evidence(self) -> Evidence: ...


@strawberry.type(description="A ring that a sign-up would link to.")
class AssessedRing:
    """A ring."""

    ring_id: str
    links: int = strawberry.field(description="To how many of its accounts.")
    bits: float = strawberry.field(description="Those of the strongest link.")
    facets: list[FacetBits]

    @strawberry.field(description="The ring.")
    async def ring(self, info: Info) -> Ring:
        """Returns the ring."""
        return await load_ring(info, self.ring_id)


@strawberry.type(description="An account that shares something with a sign-up.")
class AssessedAccount:
    """An account."""

    record: strawberry.Private[Evidence]
    account_id: str
    role: Role | None
    linked: bool
    grade: Grade | None
    bits: float
    against: list[str]
    facets: list[FacetStep]

    @strawberry.field(description="The account.")
    async def node(self, info: Info) -> Account:
        """Returns the account."""
        return await load_account(info, self.account_id)

    @strawberry.field(description="What both used, most bits first.")
    def things(self, first: int = 20) -> list[SharedThing]:
        """Returns the shared things."""
        return [thing_of(thing) for thing in self.record.things[:first]]


@strawberry.type(description="What a sign-up would link to; a link is evidence, not proof.")
class Assessment:
    """The answer."""

    run_id: str
    needed: float = strawberry.field(description="Bits from which a pair is a link.")
    identifiers: int = strawberry.field(description="How many things it used.")
    known: int = strawberry.field(description="How many of them somebody else used before.")
    rings: list[AssessedRing] = strawberry.field(description="Most links first, then most bits.")
    accounts: list[AssessedAccount] = strawberry.field(description="Links first, then most bits; 20 at most.")

    @classmethod
    def of(cls, found: Any) -> Assessment:  # what the job gives, which the API does not import
        """Returns the GraphQL object of an attachment."""
        return cls(
            run_id=found.run_id,
            needed=found.needed,
            identifiers=found.identifiers,
            known=found.known,
            rings=[_ring(one) for one in found.rings],
            accounts=[_account(one) for one in found.accounts],
        )


def _ring(one: AttachedRing) -> AssessedRing:
    facets = [FacetBits(facet=facet, bits=bits) for facet, bits in one.facets.items()]
    return AssessedRing(ring_id=one.ring_id, links=one.links, bits=one.bits, facets=facets)


def _account(one: AttachedAccount) -> AssessedAccount:
    evidence = one.evidence
    return AssessedAccount(
        record=evidence,
        account_id=one.account_id,
        role=one.role,
        linked=one.linked,
        grade=grade_of(evidence.grade),
        bits=evidence.bits,
        against=list(evidence.against),
        facets=[FacetStep(facet=f.facet, summed=f.summed, counted=f.counted) for f in evidence.facets],
    )


def facts_of(given: SignUp) -> dict[str, list[dict[str, Any]]]:
    """Returns a sign-up as rows by table; a Fault for too many rows."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: [_row(asdict(one)) for one in getattr(given, name) or ()]
        for name in ("payments", "identifiers", "requests")
    }
    count = sum(map(len, rows.values()))
    if count > MOST_ROWS:
        raise Fault(Code.BAD_USER_INPUT, f"the sign-up has {count} rows; it may have {MOST_ROWS}")
    account = _row({name: value for name, value in vars(given).items() if name not in rows})
    return {name: some for name, some in ({"accounts": [account]} | rows).items() if some}


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()}

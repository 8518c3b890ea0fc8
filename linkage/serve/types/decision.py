"""Decisions of analysts, and what mutations take and give."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import Enum

import strawberry

from linkage.errors import InputError, LinkageError, LockHeld, NotFound, VersionConflict
from linkage.model import decisions as model
from linkage.serve import ids
from linkage.serve.access.roles import Principal
from linkage.serve.faults import Code, Fault
from linkage.serve.types.account import Account, load_accounts
from linkage.serve.types.page import check_first
from linkage.serve.types.ring import Ring, load_ring
from linkage.serve.types.values import Info

MOST_ACCOUNTS = 1_000
LONGEST_REASON = 2_000
LONGEST_KEY = 255

strawberry.enum(model.Ruling, name="Ruling", description="What a decision says of its accounts, or of its ring.")


@strawberry.type(description="What somebody decided about accounts or a ring; every later run honours it.")
class Decision:
    """A decision."""

    record: strawberry.Private[model.Decision]
    decision_id: str
    version: int = strawberry.field(description="Counts its changes from 1; what is to be changed is named with it.")
    ruling: model.Ruling
    author: str
    reason: str
    at: datetime
    expires: datetime | None
    revoked: datetime | None
    revoked_by: str | None
    holds: bool = strawberry.field(description="Whether it counts now.")
    account_count: int
    ring_id: str | None

    @classmethod
    def of(cls, record: model.Decision) -> Decision:
        """Returns the GraphQL object of a record."""
        return cls(
            record=record,
            decision_id=record.decision_id,
            version=record.version,
            ruling=record.ruling,
            author=record.author,
            reason=record.reason,
            at=record.at,
            expires=record.expires,
            revoked=record.revoked,
            revoked_by=record.revoked_by or None,
            holds=record.holds(datetime.now(UTC)),
            account_count=len(record.accounts),
            ring_id=record.ring_id or None,
        )

    @strawberry.field(description="The first of its accounts.")
    async def accounts(self, info: Info, first: int = 20) -> list[Account]:
        """Returns accounts that it is about."""
        check_first(first, 100)
        return await load_accounts(info, list(self.record.accounts[:first]))

    @strawberry.field(description="The ring that it is about, if it is about one.")
    async def ring(self, info: Info) -> Ring | None:
        """Returns its ring."""
        return await load_ring(info, self.record.ring_id) if self.record.ring_id else None


class ErrorCode(Enum):
    """Why a mutation did nothing."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    BUSY = "BUSY"


strawberry.enum(ErrorCode, description="Why a mutation did nothing.")

_CODES: tuple[tuple[type[LinkageError], ErrorCode], ...] = (
    (NotFound, ErrorCode.NOT_FOUND),
    (InputError, ErrorCode.INVALID),
    (VersionConflict, ErrorCode.CONFLICT),
    (LockHeld, ErrorCode.BUSY),
)


@strawberry.type(description="Why a mutation did nothing, for whoever sent it.")
class UserError:
    """An error that the sender can mend."""

    field: list[str] | None = strawberry.field(description="Where in the input the cause is; null for all of it.")
    code: ErrorCode
    message: str


def user_error(error: LinkageError, field: str | None = None) -> UserError:
    """Returns an error that the sender can mend; raises any other again."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return UserError(field=["input", field] if field else None, code=code, message=str(error))
    raise error


@strawberry.input(description="A verdict on an account or a ring: one of the two is given.")
class VerdictInput:
    """A verdict."""

    account: strawberry.ID | None = None
    ring: strawberry.ID | None = None
    confirmed: bool = strawberry.field(description="True: it is a fake, or a ring. False: it is innocent, or none.")
    reason: str
    expires: datetime | None = None
    idempotency_key: str


@strawberry.input(description="What is said of several accounts together.")
class AccountsInput:
    """Accounts."""

    accounts: list[strawberry.ID]
    reason: str
    expires: datetime | None = None
    idempotency_key: str


class Label(Enum):
    """What accounts are labelled."""

    ABUSE = model.Ruling.ABUSE
    BENIGN = model.Ruling.BENIGN


strawberry.enum(Label, description="What accounts are labelled.")


@strawberry.input(description="The label of accounts: for as long as it holds, it stands over that of the facts.")
class LabelInput:
    """A label."""

    accounts: list[strawberry.ID]
    label: Label
    reason: str
    expires: datetime | None = None
    idempotency_key: str


@strawberry.input(description="The decision that is taken back, at the version that was read.")
class RevokeInput:
    """A decision."""

    decision_id: strawberry.ID
    version: int


@strawberry.type(description="The decision that was kept, or why none was.")
class DecisionPayload:
    """What a mutation gives."""

    decision: Decision | None
    user_errors: list[UserError]


@strawberry.type(description="Whether a run was started, or why not; runProgress tells how it goes.")
class StartRunPayload:
    """What a mutation gives."""

    started: bool
    user_errors: list[UserError]


def decision_id_of(principal: Principal, key: str) -> str:
    """Returns the id of the decision that somebody makes under an idempotency key: the same for the same two, so that
    a request that is sent again finds what the first one made."""
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Fault(Code.BAD_USER_INPUT, f"idempotencyKey has 1 to {LONGEST_KEY} characters, not {len(key)}")
    digest = hashlib.blake2b(f"{principal.name}\n{key}".encode(), digest_size=8).hexdigest()
    return f"decision-{digest}"


def accounts_of(given: list[strawberry.ID]) -> list[str]:
    """Returns the plain ids of accounts; a Fault for too many."""
    if len(given) > MOST_ACCOUNTS:
        raise Fault(Code.BAD_USER_INPUT, f"{len(given)} accounts are too many; {MOST_ACCOUNTS} are taken at once")
    return [ids.plain_id(ids.NodeType.ACCOUNT, one) for one in given]

"""What unmasking takes and gives."""

from __future__ import annotations

import strawberry

from linkage.serve.faults import Code, Fault
from linkage.serve.types.decision import LONGEST_REASON, ErrorCode, UserError
from linkage.serve.types.used import Identifier


@strawberry.input(description="Which identifier is to be shown, and why.")
class UnmaskInput:
    """An identifier."""

    identifier: strawberry.ID
    reason: str


@strawberry.type(description="The clear value of an identifier, or why it is not shown.")
class UnmaskPayload:
    """What the mutation gives."""

    identifier: Identifier | None
    value: str | None = strawberry.field(
        description="The value; an IPv6 address as its /64, one of a further kind as kind:value."
    )
    user_errors: list[UserError]


def checked_reason(reason: str) -> str | UnmaskPayload:
    """Returns the reason, or the payload that asks for one; a Fault for one that is too long."""
    if len(reason) > LONGEST_REASON:
        raise Fault(Code.BAD_USER_INPUT, f"a reason has {LONGEST_REASON} characters at most")
    if reason.strip():
        return reason
    error = UserError(field=["input", "reason"], code=ErrorCode.INVALID, message="say why it must be seen")
    return UnmaskPayload(identifier=None, value=None, user_errors=[error])

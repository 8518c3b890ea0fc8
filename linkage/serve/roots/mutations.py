"""Mutations: what analysts decide, and starting a run. Each gives what it made, or errors that its sender can mend."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import strawberry

from linkage.errors import LinkageError, UnsupportedOperation
from linkage.model import decisions as model
from linkage.model.decisions import Ruling
from linkage.serve import ids
from linkage.serve.acts import Acts, WantedDecision
from linkage.serve.faults import Code, Fault
from linkage.serve.types.decision import (
    LONGEST_REASON,
    AccountsInput,
    Decision,
    DecisionPayload,
    ErrorCode,
    LabelInput,
    RevokeInput,
    StartRunPayload,
    UserError,
    VerdictInput,
    accounts_of,
    decision_id_of,
    user_error,
)
from linkage.serve.types.values import Info
from linkage.stores.base import Store


@strawberry.type
class DecisionMutations:
    """What analysts decide; every run honours it from the next one on."""

    @strawberry.mutation(description="Say whether an account is a fake, or a ring one.")
    async def set_verdict(self, info: Info, input: VerdictInput) -> DecisionPayload:  # noqa: A002 - the API's name
        """Keeps a verdict."""
        if (input.account is None) is (input.ring is None):
            said = UserError(
                field=["input"], code=ErrorCode.INVALID, message="give an account or a ring, one of the two"
            )
            return DecisionPayload(decision=None, user_errors=[said])
        ruling = Ruling.CONFIRMED if input.confirmed else Ruling.REJECTED
        accounts = accounts_of([input.account]) if input.account is not None else []
        ring_id = ids.plain_id(ids.NodeType.RING, input.ring) if input.ring is not None else ""
        return await _decide(info, ruling, accounts, ring_id, input)

    @strawberry.mutation(description="Say that accounts are run together: they are in one ring.")
    async def must_link(self, info: Info, input: AccountsInput) -> DecisionPayload:  # noqa: A002
        """Keeps that accounts must be linked."""
        return await _decide(info, Ruling.MUST_LINK, accounts_of(input.accounts), "", input)

    @strawberry.mutation(description="Say that accounts are not run together: no two of them are in one ring.")
    async def cannot_link(self, info: Info, input: AccountsInput) -> DecisionPayload:  # noqa: A002
        """Keeps that accounts cannot be linked."""
        return await _decide(info, Ruling.CANNOT_LINK, accounts_of(input.accounts), "", input)

    @strawberry.mutation(description="Say that accounts are known: they are never members.")
    async def allow(self, info: Info, input: AccountsInput) -> DecisionPayload:  # noqa: A002
        """Keeps that accounts are allowed."""
        return await _decide(info, Ruling.ALLOWED, accounts_of(input.accounts), "", input)

    @strawberry.mutation(description="Label accounts abuse or benign, whatever the facts say, from the next run on.")
    async def set_label(self, info: Info, input: LabelInput) -> DecisionPayload:  # noqa: A002
        """Keeps a label."""
        return await _decide(info, input.label.value, accounts_of(input.accounts), "", input)

    @strawberry.mutation(description="Take a decision back, at the version that was read.")
    async def revoke_decision(self, info: Info, input: RevokeInput) -> DecisionPayload:  # noqa: A002
        """Revokes a decision."""
        acts, author = _acts(info), info.context.principal.name
        try:
            made = await info.context.read(lambda store: acts.revoke(store, input.decision_id, input.version, author))
        except LinkageError as error:
            return DecisionPayload(decision=None, user_errors=[user_error(error, "decisionId")])
        info.context.changed()
        return DecisionPayload(decision=Decision.of(made), user_errors=[])

    @strawberry.mutation(description="Start to link all that is loaded and to find rings, in a process of its own.")
    async def start_run(self, info: Info) -> StartRunPayload:
        """Starts a run."""
        acts = _acts(info)
        try:
            await info.context.read(lambda _: acts.start_run())
        except LinkageError as error:
            return StartRunPayload(started=False, user_errors=[user_error(error)])
        return StartRunPayload(started=True, user_errors=[])


async def _decide(
    info: Info, ruling: Ruling, accounts: list[str], ring_id: str, given: VerdictInput | AccountsInput | LabelInput
) -> DecisionPayload:
    if len(given.reason) > LONGEST_REASON:
        raise Fault(Code.BAD_USER_INPUT, f"a reason has {LONGEST_REASON} characters at most")
    principal = info.context.principal
    expires = given.expires
    wanted = WantedDecision(
        decision_id=decision_id_of(principal, given.idempotency_key),
        ruling=ruling,
        accounts=accounts,
        ring_id=ring_id,
        author=principal.name,
        reason=given.reason,
        expires=expires.replace(tzinfo=UTC) if isinstance(expires, datetime) and expires.tzinfo is None else expires,
    )
    try:
        made = await info.context.read(partial(_kept, _acts(info), wanted))
    except LinkageError as error:
        return DecisionPayload(decision=None, user_errors=[user_error(error)])
    if not _is(made, wanted):
        said = "this idempotencyKey was used for another decision: take a new one"
        other = UserError(field=["input", "idempotencyKey"], code=ErrorCode.CONFLICT, message=said)
        return DecisionPayload(decision=None, user_errors=[other])
    info.context.changed()
    return DecisionPayload(decision=Decision.of(made), user_errors=[])


def _kept(acts: Acts, wanted: WantedDecision, store: Store) -> model.Decision:
    """Returns the decision of this id, made now unless it was made before."""
    known = (one for one in store.decisions() if one.decision_id == wanted.decision_id)
    return next(known, None) or acts.decide(store, wanted)


def _is(made: model.Decision, wanted: WantedDecision) -> bool:
    """Returns whether a decision is the one that is wanted; a confirmed ring brought its accounts along."""
    accounts = wanted.accounts if not wanted.ring_id else made.accounts
    return (made.ruling, made.ring_id, made.reason, tuple(made.accounts), made.expires) == (
        wanted.ruling,
        wanted.ring_id,
        wanted.reason,
        tuple(accounts),
        wanted.expires,
    )


def _acts(info: Info) -> Acts:
    acts = info.context.acts
    if acts is None:
        raise UnsupportedOperation("this service was started without the jobs that change the store")
    return acts

"""The one way from an identifier to its clear value: by somebody, for a reason, and never without a line in the log."""

from __future__ import annotations

import asyncio

import strawberry

from linkage.errors import NotFound, UnsupportedOperation
from linkage.serve import ids
from linkage.serve.access.audit import Unmasking
from linkage.serve.types.decision import user_error
from linkage.serve.types.unmasking import UnmaskInput, UnmaskPayload, checked_reason
from linkage.serve.types.used import Identifier
from linkage.serve.types.values import Info


@strawberry.type
class UnmaskMutations:
    """What shows values."""

    @strawberry.mutation(
        description="Show the clear value of an identifier, where an operator has values kept. Who asked and why is "
        "written to the audit log before the value is given."
    )
    async def unmask(self, info: Info, input: UnmaskInput) -> UnmaskPayload:  # noqa: A002 - the API's name
        """Unmasks an identifier."""
        context = info.context
        acts, audit = context.acts, context.audit
        if acts is None or audit is None:
            raise UnsupportedOperation("nothing is unmasked by a service without an audit log")
        key = ids.plain_id(ids.NodeType.IDENTIFIER, input.identifier)
        reason = checked_reason(input.reason)
        if isinstance(reason, UnmaskPayload):
            return reason
        value, error = None, None
        try:
            value = await context.read(lambda store: acts.unmask(store, key))
        except NotFound as missing:
            error = missing
        who = context.principal
        note = Unmasking(who.name, who.rank.text, who.way, key, reason, shown=value is not None)
        await asyncio.to_thread(audit.add, note, lasting=True)
        if error is not None:
            return UnmaskPayload(identifier=None, value=None, user_errors=[user_error(error, "identifier")])
        found = await context.identifier.load(key)
        return UnmaskPayload(identifier=Identifier.of(found) if found else None, value=value, user_errors=[])

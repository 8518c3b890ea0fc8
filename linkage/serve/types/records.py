"""Pages of records as they are, for documents that ask nothing else of them: see `columnar.thin`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linkage.model import rings as model
from linkage.serve.columnar.thin import thin
from linkage.serve.loaders import Loaders
from linkage.serve.settings import PAGE
from linkage.serve.types.account import (
    USE_KEY,
    IdentifierConnection,
    LinkedAccountEdge,
    OfAccount,
    known_records,
    use_key,
)
from linkage.serve.types.page import check_first, need, shown_of
from linkage.serve.types.ring import MEMBER_KEY, WHOLE, MemberConnection, Ring, member_key


@thin("Ring.members")
async def _member_records(
    context: Loaders, rings: Sequence[Ring], first: int = 50, after: str | None = None
) -> list[MemberConnection]:
    check_first(first, PAGE)
    found = await context.members.load_many([(ring.ring_id, need(first, after, WHOLE)) for ring in rings])
    pages = [shown_of(members, member_key, MEMBER_KEY, first, after) for members in found]
    return [MemberConnection(edges=_as_they_are(members), page_info=info) for members, info in pages]


@thin("Account.identifiers")
async def _identifier_records(
    context: Loaders, accounts: Sequence[OfAccount], first: int = 20, after: str | None = None
) -> list[IdentifierConnection]:
    check_first(first, PAGE)
    length = need(first, after)
    found = await context.uses.load_many([(account.account_id, length) for account in accounts])
    pages = [shown_of(uses, use_key, USE_KEY, first, after) for uses in found]
    return [
        IdentifierConnection(edges=_as_they_are(uses), nodes=_as_they_are(uses), page_info=info) for uses, info in pages
    ]


@thin("AccountEdge.node", "MemberEdge.node", "StayEdge.node")
async def _records_on(context: Loaders, edges: Sequence[OfAccount]) -> list[model.Account]:
    return await known_records(context, [edge.account_id for edge in edges])


@thin("LinkedAccountEdge.node")
async def _other_records(context: Loaders, edges: Sequence[LinkedAccountEdge]) -> list[model.Account]:
    return await known_records(context, [edge.other for edge in edges])


def _as_they_are(records: list[Any]) -> list[Any]:
    """Returns records where the schema's own types are declared."""
    return records

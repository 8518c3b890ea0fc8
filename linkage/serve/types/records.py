"""Pages of records as they are, for documents that ask nothing else of them: see `columnar.thin`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linkage.model import rings as model
from linkage.serve.columnar.thin import thin
from linkage.serve.loaders import Loaders
from linkage.serve.types.account import LinkedAccountEdge, known_records
from linkage.serve.types.ring import MemberConnection, Ring, member_pages
from linkage.serve.types.used import IdentifierConnection, OfAccount, use_pages


@thin("Ring.members")
async def _member_records(
    context: Loaders, rings: Sequence[Ring], first: int = 50, after: str | None = None
) -> list[MemberConnection]:
    pages = await member_pages(context, rings, first, after)
    return [MemberConnection(edges=_as_they_are(members), page_info=info) for members, info in pages]


@thin("Account.identifiers")
async def _identifier_records(
    context: Loaders, accounts: Sequence[OfAccount], first: int = 20, after: str | None = None
) -> list[IdentifierConnection]:
    return [
        IdentifierConnection(edges=_as_they_are(uses), nodes=_as_they_are(uses), page_info=info)
        for uses, info in await use_pages(context, accounts, first, after)
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

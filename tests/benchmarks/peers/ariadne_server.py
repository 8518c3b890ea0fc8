"""A peer of the API: Ariadne over the same Neo4j, with the same statements and a DataLoader for each of them.

Run: python ariadne_server.py PORT SCHEMA CYPHER_FOLDER, with BOLT, USER and PASSWORD in the environment; in a virtual
environment of its own, with ariadne, aiodataloader, neo4j, neo4j-rust-ext and uvicorn.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from aiodataloader import DataLoader
from ariadne import ObjectType, QueryType, load_schema_from_path, make_executable_schema
from ariadne.asgi import GraphQL
from neo4j import AsyncGraphDatabase

PORT, SCHEMA, CYPHER = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
LIST_RINGS, LIST_MEMBERS, LIST_ACCOUNTS, LIST_USES = (
    (CYPHER / f"list_{name}.cypher").read_text() for name in ("given_rings", "members", "accounts", "uses")
)
driver = AsyncGraphDatabase.driver(
    os.environ["BOLT"],
    auth=(os.environ["USER"], os.environ["PASSWORD"]),
    notifications_disabled_classifications=["UNRECOGNIZED"],
)


async def rows(statement: str, **params: Any) -> list[Any]:
    """Returns the rows of a statement that reads."""

    async def work(transaction: Any) -> list[Any]:
        return [record async for record in await transaction.run(statement, params)]

    async with driver.session(database="neo4j") as session:
        return await session.execute_read(work)


class Loaders:
    """What one request reads."""

    def __init__(self) -> None:
        self.rings = DataLoader(self._rings)
        self.members = DataLoader(self._members)
        self.accounts = DataLoader(self._accounts)
        self.uses = DataLoader(self._uses)

    async def _rings(self, ids: list[str]) -> list[Any]:
        found = {row["ring_id"]: row for row in await rows(LIST_RINGS, rings=ids)}
        return [found.get(one) for one in ids]

    async def _members(self, keys: list[tuple[str, int]]) -> list[Any]:
        found = {
            row["ring_id"]: row["members"]
            for row in await rows(LIST_MEMBERS, rings=[ring for ring, _ in keys], limit=keys[0][1])
        }
        return [found.get(ring, []) for ring, _ in keys]

    async def _accounts(self, ids: list[str]) -> list[Any]:
        found = {values[0]: values for values in (await rows(LIST_ACCOUNTS, ids=ids))[0]["accounts"]}
        return [found[one] for one in ids]

    async def _uses(self, keys: list[tuple[str, int]]) -> list[Any]:
        asked = await rows(LIST_USES, accounts=[account for account, _ in keys], limit=keys[0][1])
        found = dict(asked[0]["accounts"])
        return [found.get(account, []) for account, _ in keys]


query, ring, member, account = QueryType(), ObjectType("Ring"), ObjectType("MemberEdge"), ObjectType("Account")


@query.field("ring")
async def resolve_ring(_: Any, info: Any, id: str) -> Any:  # noqa: A002 - the name of the schema
    """Returns the ring."""
    found = await info.context["loaders"].rings.load(id)
    return found and {"ringId": found["ring_id"], "size": found["size"], "score": found["score"]}


@ring.field("members")
async def resolve_members(found: Any, info: Any, first: int) -> Any:
    """Returns its members."""
    listed = await info.context["loaders"].members.load((found["ringId"], first))
    return {"edges": [{"id": name, "role": role.upper(), "bits": bits} for name, role, bits, *_ in listed]}


@member.field("node")
async def resolve_node(found: Any, info: Any) -> Any:
    """Returns the member's account."""
    values = await info.context["loaders"].accounts.load(found["id"])
    return {"accountId": values[0], "status": values[2]}


@account.field("identifiers")
async def resolve_identifiers(found: Any, info: Any, first: int) -> Any:
    """Returns what the account used."""
    uses = await info.context["loaders"].uses.load((found["accountId"], first))
    return {"edges": [{"requests": use[8], "node": {"key": use[0], "kind": use[1], "bits": use[4]}} for use in uses]}


app = GraphQL(
    make_executable_schema(load_schema_from_path(SCHEMA), query, ring, member, account),
    context_value=lambda request, _=None: {"request": request, "loaders": Loaders()},
    execute_get_queries=True,
    introspection=False,
)

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, log_level="warning", access_log=False, http="h11")

"""The root of the schema, and the schema itself."""

from __future__ import annotations

import strawberry
from graphql import GraphQLSchema

from linkage.serve import ids
from linkage.serve.faults import Code, Fault
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account
from linkage.serve.types.evidence import Evidence
from linkage.serve.types.page import check_first, page_of
from linkage.serve.types.ring import Ring, RingConnection, RingEdge
from linkage.serve.types.run import Run, Stats
from linkage.serve.types.values import CONFIG, Info, Node


@strawberry.type(description="What can be asked of the current run.")
class Query:
    """The root."""

    @strawberry.field(description="An account by its id, global or the provider's own; null if unknown.")
    async def account(self, info: Info, id: strawberry.ID) -> Account | None:  # noqa: A002 - the API's name
        """Returns an account."""
        found = await info.context.account.load(ids.plain_id(ids.NodeType.ACCOUNT, id))
        return Account.of(found) if found else None

    @strawberry.field(description="A ring by its id, also one that has ended; null if there never was one.")
    async def ring(self, info: Info, id: strawberry.ID) -> Ring | None:  # noqa: A002 - the API's name
        """Returns a ring."""
        found = await info.context.ring.load(ids.plain_id(ids.NodeType.RING, id))
        return Ring.of(found) if found else None

    @strawberry.field(description="Rings of the current run, highest score first, 1 to 100 on a page.")
    async def rings(self, info: Info, first: int = 20, after: str | None = None) -> RingConnection:
        """Returns a page of rings."""
        check_first(first, PAGE)
        run = await info.context.current_run()
        run_id = run.run_id if run else ""
        found = await info.context.rings.load((first + 1, _ring_after(after, run_id)))
        rows = [(ids.cursor(run_id, ring.ring_id), Ring.of(ring)) for ring in found]
        page = page_of(rows, first, after)
        edges = [RingEdge(cursor=at, node=ring) for at, ring in page.rows]
        return RingConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page.info)

    @strawberry.field(description="Why two accounts are linked, or are not; null if one of them is unknown.")
    async def why_linked(self, info: Info, a: strawberry.ID, b: strawberry.ID) -> Evidence | None:
        """Returns the waterfall of a pair."""
        one, other = sorted(ids.plain_id(ids.NodeType.ACCOUNT, given) for given in (a, b))
        if one == other:
            raise Fault(Code.BAD_USER_INPUT, "a and b are one account; give two")
        found = await info.context.evidence.load((one, other))
        return Evidence.of(found) if found else None

    @strawberry.field(description="The run that is published; null before the first.")
    async def run(self, info: Info) -> Run | None:
        """Returns the current run."""
        found = await info.context.current_run()
        return Run.of(found) if found else None

    @strawberry.field(description="How much the store holds.")
    async def stats(self, info: Info) -> Stats:
        """Returns counts."""
        return Stats.of(await info.context.counts())


def _ring_after(after: str | None, run_id: str) -> str | None:
    """Returns the ring behind which a page begins; Fault if the cursor is of a run that is no longer current:
    scores change with every run, so pages of two runs do not fit together."""
    if after is None:
        return None
    of_run, ring_id = ids.cursor_parts(after, str, str)
    if of_run != run_id:
        raise Fault(Code.BAD_USER_INPUT, "a new run was published since this cursor was made; start again")
    return str(ring_id)


def build() -> strawberry.Schema:
    """Returns the schema."""
    return strawberry.Schema(query=Query, types=[Node], config=CONFIG)


def core(schema: strawberry.Schema) -> GraphQLSchema:
    """Returns the engine's own schema, on which documents are checked and executed."""
    return schema._schema  # strawberry has no public name for it


def sdl() -> str:
    """Returns the schema in the schema definition language, as docs/schema.graphql holds it."""
    return build().as_str() + "\n"

"""Root fields that find anything by its global id."""

from __future__ import annotations

import strawberry

from linkage.serve import ids
from linkage.serve.access.fields import needed
from linkage.serve.faults import Code, Fault
from linkage.serve.ids import NodeType
from linkage.serve.roots.runs import ALL_RUNS
from linkage.serve.types.account import Account
from linkage.serve.types.groups import Campaign, Operator
from linkage.serve.types.ring import Ring
from linkage.serve.types.run import Run
from linkage.serve.types.used import Identifier
from linkage.serve.types.values import Info, Node

MOST = 100


@strawberry.type
class NodeQueries:
    """Anything by its global id."""

    @strawberry.field(description="What has this global id; null if it is unknown.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - Relay's name
        """Returns a node."""
        return (await _load(info, [id]))[0]

    @strawberry.field(description="What has these global ids, 100 at most, in their order; null for each unknown one.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Returns nodes."""
        if len(ids) > MOST:
            raise Fault(Code.BAD_USER_INPUT, f"{len(ids)} ids are too many; {MOST} are taken at once")
        return await _load(info, list(ids))


async def _load(info: Info, given: list[strawberry.ID]) -> list[Node | None]:
    """Returns nodes in order; those of a type are read together."""
    places = [ids.node_of(one) for one in given]
    wanted: dict[NodeType, list[str]] = {}
    for place in places:
        if place is not None and needed(place[0], "id") <= info.context.principal.rank:
            wanted.setdefault(place[0], []).append(place[1])
    found: dict[tuple[NodeType, str], Node] = {}
    for kind, names in wanted.items():
        found |= {(kind, name): node for name, node in zip(names, await _of(info, kind, names), strict=True) if node}
    return [found.get(place) if place else None for place in places]


async def _of(info: Info, kind: NodeType, names: list[str]) -> list[Node | None]:
    context = info.context
    if kind is NodeType.ACCOUNT:
        return [Account.of(one) if one else None for one in await context.account.load_many(names)]
    if kind is NodeType.RING:
        return [Ring.of(one) if one else None for one in await context.ring.load_many(names)]
    if kind is NodeType.IDENTIFIER:
        return [Identifier.of(one) if one else None for one in await context.identifier.load_many(names)]
    if kind is NodeType.RUN:
        runs = {run.run_id: run for run in await context.read(lambda store: store.runs(ALL_RUNS))}
        return [Run.of(runs[name]) if name in runs else None for name in names]
    view = await context.view()
    if kind is NodeType.OPERATOR:
        return [Operator.of(view.operators[name]) if name in view.operators else None for name in names]
    return [Campaign.of(view.campaigns[name]) if name in view.campaigns else None for name in names]

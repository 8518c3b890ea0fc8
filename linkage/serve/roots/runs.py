"""Root fields about runs: what was published when, and how it changed."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry

from linkage.errors import NotFound
from linkage.model import history as model
from linkage.serve import ids
from linkage.serve.faults import Code, Fault
from linkage.serve.settings import PAGE
from linkage.serve.types.decision import Decision
from linkage.serve.types.history import PastRing, RingDiff, RingEventConnection, place_of
from linkage.serve.types.page import check_first
from linkage.serve.types.run import Run, Stats
from linkage.serve.types.values import Info
from linkage.stores.base import Store

ALL_RUNS = 100_000
"""More runs than there will be: a run each night for centuries."""


@strawberry.type
class RunQueries:
    """What can be asked of runs."""

    @strawberry.field(description="The run that is published; null before the first.")
    async def run(self, info: Info) -> Run | None:
        """Returns the current run."""
        found = await info.context.current_run()
        return Run.of(found) if found else None

    @strawberry.field(description="The runs that were published, the newest first.")
    async def runs(self, info: Info, first: int = 20) -> list[Run]:
        """Returns the newest runs."""
        check_first(first, PAGE)
        return [Run.of(run) for run in await info.context.read(lambda store: store.runs(first))]

    @strawberry.field(description="A ring as a run left it; null if there was none yet. An unknown run is an error.")
    async def past_ring(self, info: Info, id: strawberry.ID, as_of: strawberry.ID) -> PastRing | None:  # noqa: A002
        """Returns a ring of an earlier run."""
        ring_id, run_id = ids.plain_id(ids.NodeType.RING, id), ids.plain_id(ids.NodeType.RUN, as_of)
        found = await info.context.read(lambda store: _past(store, ring_id, run_id))
        return PastRing.of(found) if found else None

    @strawberry.field(
        description="How a ring changed from one run to a later one. An unknown ring, or an unknown run, is an error."
    )
    async def ring_diff(
        self,
        info: Info,
        id: strawberry.ID,  # noqa: A002 - the API's name
        from_run: strawberry.ID,
        to_run: strawberry.ID,
    ) -> RingDiff:
        """Returns the difference; a Fault where the second run is the earlier one, or something is unknown."""
        ring_id = ids.plain_id(ids.NodeType.RING, id)
        earlier, later = (ids.plain_id(ids.NodeType.RUN, one) for one in (from_run, to_run))
        return RingDiff.of(await info.context.read(lambda store: _changes(store, ring_id, earlier, later)))

    @strawberry.field(description="What happened to rings, in the order of runs; a cursor stays good for ever.")
    async def events(self, info: Info, first: int = 50, after: str | None = None) -> RingEventConnection:
        """Returns a page of ring events."""
        check_first(first, PAGE)
        place = place_of(after)
        found = await info.context.read(lambda store: store.events_after(place, first + 1))
        return RingEventConnection.of(found, first, after)

    @strawberry.field(description="What analysts decided, the newest first; what counts now, or every decision.")
    async def decisions(self, info: Info, first: int = 20, every: bool = False) -> list[Decision]:
        """Returns decisions."""
        check_first(first, PAGE)
        now = datetime.now(UTC)
        found = await info.context.read(lambda store: store.decisions())
        wanted = [one for one in reversed(found) if every or one.holds(now)]
        return [Decision.of(one) for one in wanted[:first]]

    @strawberry.field(description="How much the store holds.")
    async def stats(self, info: Info) -> Stats:
        """Returns counts."""
        return Stats.of(await info.context.counts())


def _past(store: Store, ring_id: str, run_id: str) -> model.PastRing | None:
    _check_runs(store, asOf=run_id)
    return store.ring_as_of(ring_id, run_id)


def _changes(store: Store, ring_id: str, earlier: str, later: str) -> model.RingDiff:
    _check_runs(store, fromRun=earlier, toRun=later)
    if earlier > later:
        raise Fault(Code.BAD_USER_INPUT, "fromRun is later than toRun; give the earlier run first")
    found = store.ring_diff(ring_id, earlier, later)
    if found.before is None and found.after is None and store.ring(ring_id) is None:
        raise NotFound("there is no ring of this id; give the id of one that `rings` or `events` name")
    return found


def _check_runs(store: Store, **given: str) -> None:
    """Raises NotFound for an id of no run: the store takes any text for a place in the order of runs."""
    known = {run.run_id for run in store.runs(ALL_RUNS)}
    for name, run_id in given.items():
        if run_id not in known:
            raise NotFound(f"{name} names no run that was published; `runs` lists those that were")

"""Subscriptions: what happens to rings, as it is published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from linkage.errors import StoreUnavailable
from linkage.model.filters import EventPlace
from linkage.model.rings import RingEvent as Record
from linkage.serve.loaders import Loaders
from linkage.serve.types.history import RingEventEdge, cursor_of, place_of
from linkage.serve.types.ring import RingEvent
from linkage.serve.types.values import Info
from linkage.stores.base import Store

BATCH = 100
LAST = "\U0010ffff"
"""Comes behind every id."""


@strawberry.type(description="Something that a run said.")
class RunNote:
    """A line of a run."""

    line: int
    at: datetime | None
    level: str
    message: str
    exit_status: int | None = strawberry.field(description="0 for a run that went well; null until it has ended.")

    @classmethod
    def of(cls, line: int, note: Mapping[str, Any]) -> RunNote:
        """Returns the GraphQL object of a note."""
        at = note.get("at")
        return cls(
            line=line,
            at=datetime.fromisoformat(at) if at else None,
            level=str(note.get("level", "info")),
            message=str(note["message"]),
            exit_status=note.get("exit_status"),
        )


@strawberry.type(description="What is told as it happens.")
class Subscription:
    """The root of subscriptions."""

    @strawberry.subscription(
        description="Each event of a ring as its run is published. With `after`, the cursor of the last one seen, it "
        "goes on there, also after the connection was lost; without, it begins with the next run."
    )
    async def ring_changed(self, info: Info, after: str | None = None) -> AsyncGenerator[RingEventEdge, None]:
        """Yields events, each once, in the order in which they were published."""
        context = info.context
        place = place_of(after) if after is not None else EventPlace((await context.view()).run_id, LAST)
        looked_at = None
        while not context.closing():
            context = context.renewed()
            run_id, found = await _news(context, place, looked_at)
            for event in found:
                place = EventPlace(event.run_id, event.ring_id, event.event.value, event.other_ring_id)
                yield RingEventEdge(cursor=cursor_of(event), node=RingEvent.of(event))
            if len(found) < BATCH:
                looked_at = run_id
                await asyncio.sleep(context.pause_s)

    @strawberry.subscription(
        description="What the run says that startRun started last, line by line, to its end; `after` is the number of "
        "the last line seen. It ends where a newer run is started."
    )
    async def run_progress(self, info: Info, after: int = 0) -> AsyncGenerator[RunNote, None]:
        """Yields what a run says."""
        context = info.context
        seen, begun = max(after, 0), None
        while not context.closing():
            notes = await asyncio.to_thread(context.acts.notes) if context.acts else []
            if begun is None:
                begun = notes[:1]
                seen = seen if seen <= len(notes) else 0  # a line of an earlier run: this one has not come so far
            if notes[:1] != begun:  # another run's, started between two looks
                return
            for line, note in enumerate(notes[seen:], seen + 1):
                yield RunNote.of(line, note)
            seen = max(seen, len(notes))
            if not notes or "exit_status" in notes[-1]:
                return
            await asyncio.sleep(context.pause_s)


async def _news(context: Loaders, place: EventPlace, looked_at: str | None) -> tuple[str | None, list[Record]]:
    """Returns the published run and the events behind a place, none where that run was looked at already; what a
    store that is away cannot tell is asked for again later."""
    try:
        run_id = (await context.view()).run_id
        if run_id == looked_at or context.away:
            return looked_at, []
        return run_id, await context.read(partial(_events, place))
    except StoreUnavailable:
        return looked_at, []


def _events(place: EventPlace, store: Store) -> list[Record]:
    return store.events_after(place, BATCH)

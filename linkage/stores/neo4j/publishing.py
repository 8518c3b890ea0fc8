"""Publishing a run: its rings, members and events, and the pointer, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from linkage.errors import StoreUnavailable
from linkage.model.rings import Event, Member, Ring, RingEvent, Run
from linkage.stores.base import Publication
from linkage.stores.neo4j.batches import BATCH_ROWS
from linkage.stores.neo4j.session import Row, Session, Work
from linkage.stores.neo4j.writes import check

T = TypeVar("T")
ANCESTRY = {Event.MERGED: "MERGED_INTO", Event.SPLIT: "SPLIT_FROM", Event.REVIVED: "REVIVES"}


def publish(session: Session, publication: Publication) -> None:
    """Writes the publication; a reader sees the run before or this one, and a failure leaves that before.

    Reads wait while the server makes the transaction visible (see `seqlock`), not while it is written.
    """
    held = 0

    def task(work: Work) -> None:
        nonlocal held
        _publish(work, publication)
        held = session.lock_reads()  # nobody else does before this transaction gives back the pointer

    try:
        session.work("publish", task)
    except BaseException:
        with suppress(StoreUnavailable):
            session.unlock_reads(held)
        raise
    session.unlock_reads(held)


def _publish(work: Work, publication: Publication) -> None:
    run_id = publication.run.run_id
    work.run("publish/lock_pointer", run=run_id)
    work.run("publish/merge_run", run=_run(publication.run))
    rings = sorted(publication.rings, key=lambda ring: ring.ring_id)
    _merge(work, "publish/merge_rings", rings, _ring, run=run_id)
    work.run("publish/remove_members")
    members = sorted(publication.members, key=lambda member: (member.ring_id, member.account_id))
    _merge(work, "publish/merge_members", members, _member)
    _keep(work, rings, run_id)
    work.run("publish/remove_events", run=run_id)
    _merge(work, "publish/merge_events", publication.events, _event)
    work.run("publish/remove_conflicts", run=run_id)
    _merge(work, "publish/merge_conflicts", publication.conflicts, asdict)
    work.run("publish/merge_ancestry", rows=_ancestry(publication.events))
    work.run("publish/remove_orphans")
    work.run("publish/move_pointer", run=run_id)


def _keep(work: Work, rings: Sequence[Ring], run_id: str) -> None:
    """Adds what the run published to the history; what the same run wrote there before is taken back first."""
    work.run("publish/remove_versions", run=run_id)
    _merge(work, "publish/merge_versions", rings, _ring, run=run_id)
    work.run("publish/reopen_stays", run=run_id)
    work.run("publish/close_stays", run=run_id)
    work.run("publish/open_stays", run=run_id)


def _merge(work: Work, query: str, things: Sequence[T], row: Callable[[T], Row], **params: Any) -> None:
    for begin in range(0, len(things), BATCH_ROWS):
        rows = [row(thing) for thing in things[begin : begin + BATCH_ROWS]]
        check(query, len(rows), work.run(query, rows=rows, **params)[0]["rows"])


def _run(run: Run) -> Row:
    return {
        "id": run.run_id,
        "started": _utc(run.started),
        "finished": _utc(run.finished),
        "settings": json.dumps(run.settings, sort_keys=True),
        "counts": json.dumps(run.counts, sort_keys=True),
    }


def _ring(ring: Ring) -> Row:
    return {
        "ring_id": ring.ring_id,
        "status": ring.status.value,
        "size": ring.size,
        "score": ring.score,
        "first_seen": _utc(ring.first_seen),
        "last_seen": _utc(ring.last_seen),
        "operator_id": ring.operator_id,
        "campaign_id": ring.campaign_id,
        "facets": [facet.value for facet in ring.facets],
        "context": ring.context,
        "requests": ring.requests,
    }


def _member(member: Member) -> Row:
    return {
        "ring_id": member.ring_id,
        "account_id": member.account_id,
        "role": member.role.value,
        "bits": member.bits,
        "weakest_facet": member.weakest_facet.value if member.weakest_facet else None,
        "since": _utc(member.since),
    }


def _event(event: RingEvent) -> Row:
    return {
        "id": "|".join((event.run_id, event.ring_id, event.event.value, event.other_ring_id)),
        "at": _utc(event.at),
        "run_id": event.run_id,
        "ring_id": event.ring_id,
        "event": event.event.value,
        "other_ring_id": event.other_ring_id,
    }


def _ancestry(events: Sequence[RingEvent]) -> list[Row]:
    return [
        {"ring_id": event.ring_id, "other_ring_id": event.other_ring_id, "type": ANCESTRY[event.event]}
        for event in events
        if event.event in ANCESTRY and event.other_ring_id
    ]


def _utc(moment: datetime | None) -> datetime | None:
    """Returns the moment in UTC by offset, as all times of the store are; one without a zone is UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

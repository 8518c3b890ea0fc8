"""The change file: what a run changed, for other tools, as JSON lines.

The first line is the run, then come its events, then the accounts whose place in rings is another than in the run
before.
It is made from what the store keeps of the run, so it can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from linkage.jobs.night.journal import replace
from linkage.model.history import Stay
from linkage.model.rings import Role, Run
from linkage.stores.base import Store
from linkage.stores.history import ALL_EVENTS


def write_changes(store: Store, run: Run, folder: Path) -> tuple[Path, dict[str, int]]:
    """Writes the change file of a run, in one piece; returns where, and how many there are of each event and change."""
    path = folder / f"{run.run_id}.ndjson"
    counts: dict[str, int] = {}
    lines = []
    for row in _rows(store, run):
        name = row.get("event") or row.get("change")
        if name:
            counts[name] = counts.get(name, 0) + 1
        lines.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
    folder.mkdir(parents=True, exist_ok=True)
    replace(path, b"".join(lines))
    return path, counts


def _rows(store: Store, run: Run) -> Iterator[dict[str, Any]]:
    yield {"record": "run", "run_id": run.run_id, "finished": run.finished, "counts": run.counts}
    events = store.events(limit=ALL_EVENTS, run_id=run.run_id)
    for event in sorted(events, key=lambda one: (one.ring_id, one.event.value, one.other_ring_id)):
        yield {
            "record": "event",
            "at": event.at,
            "run_id": event.run_id,
            "ring_id": event.ring_id,
            "event": event.event.value,
            "other_ring_id": event.other_ring_id,
        }
    yield from _members(store.stays(), run.run_id)


def _members(stays: list[Stay], run_id: str) -> Iterator[dict[str, Any]]:
    """Yields one row an account and role that began or ended with the run: bystanders apart from those in a ring."""
    began = {_who(stay): stay for stay in stays if stay.from_run == run_id}
    ended = {_who(stay): stay for stay in stays if stay.until_run == run_id}
    for who in sorted(began.keys() | ended.keys()):
        now, before = began.get(who), ended.get(who)
        yield {
            "record": "member",
            "run_id": run_id,
            "account_id": who[0],
            "change": _change(now, before),
            "ring_id": now.ring_id if now else None,
            "role": now.role.value if now else None,
            "from_ring_id": before.ring_id if before else None,
            "from_role": before.role.value if before else None,
        }


def _who(stay: Stay) -> tuple[str, str]:
    """Returns the account, and the ring where it is a bystander: it may be one of several."""
    return stay.account_id, stay.ring_id if stay.role is Role.BYSTANDER else ""


def _change(now: Stay | None, before: Stay | None) -> str:
    if now is None or before is None:
        return "left" if now is None else "joined"
    return "moved" if now.ring_id != before.ring_id else "changed_role"

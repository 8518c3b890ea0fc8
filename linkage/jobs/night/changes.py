"""Change files: what a run changed, for other tools, as JSON lines.

The first line is the run, then come its events, then the accounts whose place in rings is another than in the run
before.
It is made from what the store keeps of the run, so it can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from linkage.jobs.night.journal import replace
from linkage.model.history import Stay
from linkage.model.rings import Role, Run
from linkage.stores.base import Store
from linkage.stores.history import ALL_EVENTS

Who = tuple[str, str]
"""An account, and the ring where it is a bystander."""


class Told:
    """Up to which run change files were written, kept in a file: they themselves may have been taken away since."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder = path, folder

    def untold(self, store: Store, run: Run) -> list[Run]:
        """Returns the runs up to `run` of which no change file tells yet, the earliest first.

        They are more than one where runs were published by other commands than a night.
        """
        last = max([self._noted(), *(_number(path.stem) for path in self._folder.glob("run-*.ndjson"))])
        missing = _number(run.run_id) - last
        runs = [one for one in store.runs(missing) if one.run_id <= run.run_id] if missing > 0 else []
        return runs[::-1]

    def note(self, run: Run) -> None:
        """Notes that all runs up to this one were told of."""
        replace(self._path, f"{run.run_id}\n".encode())

    def _noted(self) -> int:
        try:
            return _number(self._path.read_text(encoding="ascii").strip())
        except (FileNotFoundError, UnicodeDecodeError):
            return 0


def write_changes(store: Store, runs: Sequence[Run], folder: Path) -> tuple[Path, dict[str, int]]:
    """Writes the change files of runs, each in one piece.

    Returns of the last one where it is, and how many there are in it of each event and change.
    """
    stays = store.stays()
    folder.mkdir(parents=True, exist_ok=True)
    for run in runs:
        path = folder / f"{run.run_id}.ndjson"
        counts: dict[str, int] = {}
        lines = []
        for row in _rows(store, run, stays):
            name = row.get("event") or row.get("change")
            if name:
                counts[name] = counts.get(name, 0) + 1
            lines.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
        replace(path, b"".join(lines))
    return path, counts


def _number(run_id: str) -> int:
    digits = run_id.removeprefix("run-")
    return int(digits) if digits.isdecimal() else 0


def _rows(store: Store, run: Run, stays: Sequence[Stay]) -> Iterator[dict[str, Any]]:
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
    yield from members(stays, run.run_id)


def members(stays: Sequence[Stay], run_id: str) -> Iterator[dict[str, Any]]:
    """Yields one row an account and role that began or ended with the run: bystanders apart from those in a ring."""
    began = {_who(stay): stay for stay in stays if stay.from_run == run_id}
    ended = {_who(stay): stay for stay in stays if stay.until_run == run_id}
    _pair(began, ended)
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


def _who(stay: Stay) -> Who:
    """Returns the account, and the ring where it is a bystander: it may be one of several."""
    return stay.account_id, stay.ring_id if stay.role is Role.BYSTANDER else ""


def _pair(began: dict[Who, Stay], ended: dict[Who, Stay]) -> None:
    """Brings a member and a bystander of one ring together that are the same account before and after the run."""
    for stay in list(began.values()):
        who = _who(stay)
        other = (stay.account_id, "" if who[1] else stay.ring_id)
        if who not in ended and other not in began and other in ended and ended[other].ring_id == stay.ring_id:
            ended[who] = ended.pop(other)


def _change(now: Stay | None, before: Stay | None) -> str:
    if now is None or before is None:
        return "left" if now is None else "joined"
    return "moved" if now.ring_id != before.ring_id else "changed_role"

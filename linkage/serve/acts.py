"""What the API may have done to the store, given by whoever starts it: the jobs are not the API's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from linkage.explore import Cases
from linkage.model.decisions import Decision, Ruling
from linkage.stores.base import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDecision:
    """A decision that somebody wants to make; equal ids stand for one decision, however often it is sent."""

    decision_id: str
    ruling: Ruling
    accounts: Sequence[str] = ()
    ring_id: str = ""
    author: str
    reason: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acts:
    """The jobs behind mutations.

    `decide` and `revoke` (by id, version and author) return the decision as it is kept. `start_run` starts to link and
    find rings in a process of its own, LockHeld while another does; `notes` returns what that process said so far: maps
    with `at`, `level`, `message`, and `exit_status` in the last one. `assess` returns what a sign-up would link to, an
    `Attachment` of the job, from its facts by table; `cases` tells those of members and rings. `export` writes tables
    in a format (ndjson or parquet) into a folder and returns their rows. `unmask` returns the clear value behind a
    keyed hash, NotFound where none is kept.
    """

    decide: Callable[[Store, WantedDecision], Decision]
    revoke: Callable[[Store, str, int, str], Decision]
    start_run: Callable[[], None]
    assess: Callable[[Store, Mapping[str, Any]], Any]
    cases: Cases
    export: Callable[[Path, str, Sequence[str]], dict[str, int]]
    notes: Callable[[], list[Mapping[str, Any]]]
    unmask: Callable[[Store, str], str]

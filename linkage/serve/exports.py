"""Bulk: tables of the current run written to files by a job, and links to them that are signed and expire.

Each export has a folder of its own with its state beside its files, so that every process of a service, and the next
one, knows it. Folders are removed a day after they were made.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from linkage.errors import LinkageError, LockHeld

log = logging.getLogger("linkage.serve")

LINK_S = 900
"""How long a link is good; who may read the export can ask for another."""
KEPT_S = 24 * 3600
LONGEST_S = 3600
MOST_WAITING = 4
_ID = re.compile(r"export-[0-9a-f]{24}")
_STATE = "state.json"

Write = Callable[[Path, str, Sequence[str]], dict[str, int]]
"""Writes tables (by name) in a format into a folder, and returns how many rows each has."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export: `state` is running, ready or failed; `rows` are known once it is ready."""

    export_id: str
    form: str
    tables: tuple[str, ...]
    state: str
    made: float
    rows: dict[str, int] = field(default_factory=dict)


class Exports:
    """The exports of a service below one folder; one is written at a time."""

    def __init__(self, folder: Path, secret: bytes, write: Write) -> None:
        self._folder = folder
        self._secret = secret
        self._write = write
        self._jobs = ThreadPoolExecutor(1, thread_name_prefix="linkage-export")
        self._waiting = 0

    def start(self, form: str, tables: Sequence[str]) -> Export:
        """Returns an export that is being written; LockHeld where too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise LockHeld(f"{MOST_WAITING} exports are being written already; try again when one is ready")
        self._tidy()
        export = Export(f"export-{secrets.token_hex(12)}", form, tuple(tables), "running", time.time())
        (self._folder / export.export_id).mkdir(parents=True, mode=0o700)
        self._note(export)
        self._waiting += 1
        self._jobs.submit(self._run, export).add_done_callback(partial(self._given_up, export))
        return export

    def find(self, export_id: str) -> Export | None:
        """Returns an export, None for one that is unknown or gone."""
        if not _ID.fullmatch(export_id):
            return None
        try:
            found = json.loads((self._folder / export_id / _STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if found["state"] == "running" and time.time() - found["made"] > LONGEST_S:
            found["state"] = "failed"  # its process was killed
        return Export(**found | {"tables": tuple(found["tables"])})

    def link(self, export: Export, table: str) -> str:
        """Returns the path and query of a link to a table, good for LINK_S from now."""
        name = f"{table}.{export.form}"
        expires = int(time.time()) + LINK_S
        signature = self._sign(export.export_id, name, expires)
        return f"/exports/{export.export_id}/{name}?expires={expires}&signature={signature}"

    def file(self, export_id: str, name: str, expires: str, signature: str) -> Path | None:
        """Returns the file of a link, None unless the link is one of ours and still good."""
        if not expires.isdigit() or len(expires) > 12 or int(expires) < time.time():
            return None
        if not hmac.compare_digest(signature, self._sign(export_id, name, int(expires))):
            return None
        path = self._folder / export_id / name
        return path if path.is_file() else None

    def size(self, export: Export, table: str) -> int:
        """Returns the bytes of a table's file."""
        return (self._folder / export.export_id / f"{table}.{export.form}").stat().st_size

    def close(self) -> None:
        """Waits for the export that is being written, and gives up those that wait."""
        self._jobs.shutdown(wait=True, cancel_futures=True)

    def _run(self, export: Export) -> None:
        try:
            rows = self._write(self._folder / export.export_id, export.form, export.tables)
            done = replace(export, state="ready", rows=rows)
        except (LinkageError, OSError, MemoryError) as error:
            log.error("%s failed: %s", export.export_id, type(error).__name__)
            done = replace(export, state="failed")
        self._waiting -= 1
        self._note(done)

    def _given_up(self, export: Export, job: Future[None]) -> None:
        if job.cancelled():
            self._note(replace(export, state="failed"))

    def _note(self, export: Export) -> None:
        path = self._folder / export.export_id / _STATE
        aside = path.with_suffix(".next")
        aside.write_text(json.dumps(asdict(export)), encoding="utf-8")
        aside.replace(path)

    def _tidy(self) -> None:
        for folder in self._folder.glob("export-*"):
            found = self.find(folder.name)
            if found is not None and time.time() - found.made > KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _sign(self, export_id: str, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{export_id}/{name}:{expires}".encode(), sha256).hexdigest()

"""The audit log: one line for each request, added at the end of a file and never changed.

A line says who asked, with which operation and root fields, what it cost and how it ended. It holds no text of the
document, no variable and no argument: those name accounts. Equal documents are told by their digest. What was unmasked
has a line of its own, with the identifier's keyed hash and the reason.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from linkage.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `operation` is the kind and name, `fields` its root fields, `cost` its points."""

    who: str
    role: str
    way: str
    operation: str
    fields: tuple[str, ...]
    document: str
    cost: int
    code: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Unmasking:
    """Somebody asked for a clear value; `shown`: there was one, and it was given."""

    who: str
    role: str
    way: str
    identifier: str
    reason: str
    shown: bool


class AuditLog:
    """Appends entries to a file that its owner alone can read; every process of a service may write to one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise SettingsError(f"the audit log {path} cannot be written: {error.strerror}") from None

    def add(self, entry: Entry | Unmasking, *, lasting: bool = False) -> None:
        """Adds a line in one write, so that lines of several processes do not mix; `lasting` waits for the disk.

        SettingsError: nothing could be written.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, **asdict(entry)}, separators=(",", ":"), ensure_ascii=False) + "\n"
        with self._lock:
            try:
                os.write(self._file, line.encode("utf-8", "replace"))
                if lasting:
                    os.fsync(self._file)
            except OSError as error:
                raise SettingsError(f"the audit log {self.path} cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)

"""Which files were read before, so that a night need not read them again to know them.

A file of JSON beside the working file, readable by its owner only: digests of facts, by digests of where the file with
them lay and what told it from a later one (see `read.part.Part.mark`). It names no place. What it says of a file is so
whatever the working file holds; without it, files are read and known by their content.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from linkage.errors import StoreError

MOST = 200_000
"""Files that are remembered, the latest: 15 MB."""


class SeenFile:
    """The record at `path`; there need not be one yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        """Returns digests of facts by marks of files; none where there is no sound record."""
        try:
            found = json.loads(self.path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def add(self, marks: Mapping[str, str]) -> None:
        """Adds digests of facts by marks of files; the record is replaced as a whole. The caller holds the lock."""
        known, aside = self.read(), self.path.with_name(f".{self.path.name}.next")
        if all(known.get(mark) == digest for mark, digest in marks.items()):
            return
        latest = dict(list((known | dict(marks)).items())[-MOST:])
        try:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                json.dump(latest, stream)
            aside.replace(self.path)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error

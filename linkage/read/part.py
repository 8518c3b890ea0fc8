"""One file of a table of facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from linkage.errors import InputError
from linkage.model.facts import BY_NAME, Table

Stamp = tuple[int, int, int]
"""A file's number, its bytes and the time of its last change in nanoseconds."""


class Format(StrEnum):
    """How a part is written, by the ending of its name."""

    PARQUET = ".parquet"
    CSV = ".csv"
    CSV_GZ = ".csv.gz"
    JSONL = ".jsonl"
    JSONL_GZ = ".jsonl.gz"

    @property
    def compressed(self) -> bool:
        """Returns whether the whole file is one gzip stream."""
        return self.value.endswith(".gz")


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its path, format and table; `source` is its path below the facts folder, for messages."""

    path: Path
    format: Format
    table: str
    source: str

    @property
    def shape(self) -> Table:
        """Returns the table of the facts format that it is a part of."""
        return BY_NAME[self.table]

    @property
    def size(self) -> int:
        """Returns the bytes on disk; InputError where the file is gone."""
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise unreadable(self, error) from error

    def stamp(self) -> Stamp:
        """Returns what tells whether the file was written to; InputError where it is gone."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise unreadable(self, error) from error
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def digest(self) -> str:
        """Returns a digest of table, format and bytes (not of the name): equal parts are the same facts.

        SHA-256: 1.7 GB/s where the processor has it, beside 0.7 GB/s for BLAKE2b.
        """
        try:
            with self.path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(self, error) from error
        return hashlib.sha256(f"{self.table}{self.format}:{content}".encode()).hexdigest()[:32]


def format_of(name: str) -> tuple[str, Format | None]:
    """Returns the name of a file without its ending, and its format (None: the ending is of none)."""
    for kind in (Format.CSV_GZ, Format.JSONL_GZ, Format.PARQUET, Format.CSV, Format.JSONL):
        if name.endswith(kind.value):
            return name.removesuffix(kind.value), kind
    return name.partition(".")[0], None


def unreadable(part: Part, error: Exception) -> InputError:
    """Returns the error for a part that the system does not let us read."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    return InputError(f"{part.source} cannot be read: {reason}")

"""One file of an object store or of another machine, as bytes, ranges, and a copy in memory."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from linkage.read.faults import told
from linkage.read.storage import File, LocalFile, RemoteError, Stamp

RANGE_BYTES = 8 << 20
"""Bytes that are asked for at once when a whole file is fetched, several times at a time."""

HELD_BYTES = 256 << 20
"""The largest file that is held in memory, one at a time."""

_AT_A_TIME = 4
_BUFFER_BYTES = 1 << 20
_SETTLED_SECONDS = 3600
"""How long a file must have lain still where its store tells its time alone: clocks differ, and may count seconds."""

_CONTENT = ("etag", "md5hash", "md5", "content_md5", "generation")
_TIME = ("lastmodified", "last_modified", "mtime", "modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its store listed it."""

    fs: Any = field(repr=False, compare=False)
    path: str = field(repr=False)
    location: str
    size: int
    said: Stamp
    sure: bool

    @property
    def name(self) -> str:
        """Returns its last name."""
        return self.path.rsplit("/", maxsplit=1)[-1]

    def stamp(self) -> Stamp:
        """Returns its bytes and what its store said of its content and time, when it was listed."""
        return (self.size, *self.said)

    def mark(self) -> str:
        """Returns its place and stamp, '' where these would not tell it from another content of the same size."""
        return f"{self.location} {self.stamp()}" if self.sure else ""

    def open(self) -> IO[bytes]:
        """Returns its bytes as a stream, which asks for what is read and for no more than a megabyte beyond."""
        return cast("IO[bytes]", io.BufferedReader(_Ranges(self.fs, self.path, self.size), _BUFFER_BYTES))

    def content(self) -> str:
        """Returns the SHA-256 of its bytes, which are fetched once for it."""
        made = hashlib.sha256()
        for piece in self._pieces():
            made.update(piece)
        return made.hexdigest()

    def arrow(self) -> Any:
        """Returns a stream for Arrow, which asks for the columns and row groups that it reads."""
        import pyarrow as pa

        return pa.PythonFile(_Ranges(self.fs, self.path, self.size), mode="r")

    def absolute(self) -> RemoteFile:
        """Returns the file itself: its store is where it is from anywhere."""
        return self

    @contextmanager
    def at_hand(self) -> Iterator[File]:
        """Yields a copy in memory, fetched once: prompts are in it, which are never written to a disk.

        A larger file than can be held is itself: it is fetched to be known, and again as far as it is read.
        """
        if self.size > HELD_BYTES or not hasattr(os, "memfd_create"):
            yield self
            return
        with os.fdopen(os.memfd_create("facts"), "wb") as stream:
            for piece in self._pieces():
                stream.write(piece)
            stream.flush()
            yield LocalFile(Path(f"/proc/self/fd/{stream.fileno()}"))

    def _pieces(self) -> Iterator[bytes]:
        """Yields all bytes in order; several ranges are on their way at once where the library can have it so."""
        edges = [*range(0, self.size, RANGE_BYTES), self.size]
        for first in range(0, len(edges) - 1, _AT_A_TIME):
            starts = edges[first : first + _AT_A_TIME]
            ends = edges[first + 1 : first + 1 + _AT_A_TIME]
            starts = starts[: len(ends)]
            with told():
                pieces = self.fs.cat_ranges([self.path] * len(starts), starts, ends, on_error="raise")
                for piece, start, end in zip(pieces, starts, ends, strict=True):
                    if isinstance(piece, Exception):
                        raise piece
                    _require(piece, end - start)
            yield from pieces


def _require(piece: bytes, size: int) -> None:
    if len(piece) != size:
        raise RemoteError(5, "it is not as long as its store says: was it written to?")


class _Ranges(io.RawIOBase):
    """A file's bytes, of which each read asks for a range."""

    def __init__(self, fs: Any, path: str, size: int) -> None:
        self._fs, self._path, self._size, self._at = fs, path, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        return self._size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:  # the interpreter's own buffers
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._at + size, self._size)
        if end <= self._at:
            return b""
        with told():
            piece = bytes(self._fs.cat_file(self._path, start=self._at, end=end))
            _require(piece, end - self._at)
        self._at = end
        return piece


def remote_file(fs: Any, path: str, location: str, info: Mapping[str, Any]) -> RemoteFile:
    """Returns a file by what its store says of it."""
    given = {name.lower(): value for name, value in info.items() if value is not None}
    content = [f"{name}={given[name]}" for name in _CONTENT if name in given]
    times = [f"{name}={_moment(given[name])}" for name in _TIME if name in given]
    sure = bool(content) or any(_settled(given[name]) for name in _TIME if name in given)
    return RemoteFile(fs, path, location, int(given["size"]), (*content, *times), sure)


def _moment(told: object) -> object:
    """Returns the seconds of a time, whatever zone it was told in; what is in another form as it is."""
    return told.replace(tzinfo=told.tzinfo or UTC).timestamp() if isinstance(told, datetime) else told


def _settled(told: object) -> bool:
    """Returns whether a moment that a store tells lies well behind; one of another form does not tell."""
    moment = _moment(told)
    return isinstance(moment, (int, float)) and moment < datetime.now(UTC).timestamp() - _SETTLED_SECONDS

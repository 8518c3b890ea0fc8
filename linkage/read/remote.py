"""Files in object stores and on other machines, by fsspec, which is imported where a URL is given and nowhere else.

No message of a library is passed on: it may hold the address with its secrets. Retries are the libraries'.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from linkage.errors import InputError
from linkage.read.storage import Entry, File, LocalFile, RemoteError, Stamp

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
_LIBRARIES = {"s3": '"linkage[cloud]"', "s3a": '"linkage[cloud]"', "gs": "gcsfs", "gcs": "gcsfs", "sftp": "paramiko"}
_LIBRARIES |= dict.fromkeys(("abfs", "abfss", "az", "adl"), "adlfs")

_MISSING = "it is not there"
_DENIED = "access is denied: look at the credentials, and at what they may read"
_NOBODY = "no credentials were found: give them as the library of the store wants them (for S3, AWS_… variables)"
_AWAY = "its store cannot be reached: look at the network and the endpoint"
_REASONS: tuple[tuple[str, str], ...] = (
    (r"FileNotFoundError|NoSuch|NotFound", _MISSING),
    (r"Credential|ProfileNotFound|TokenRetrieval|SSOToken|UnauthorizedSSO", _NOBODY),
    (r"PermissionError|Forbidden|Unauthorized|ClientAuthentication", _DENIED),
    (r"ParamValidation|^ValueError", "its library does not understand the address"),
    (r"Connect|Timeout|TimedOut|Endpoint|ServiceRequest|gaierror|SSLError|Proxy", _AWAY),
)
"""What an error says by the name of its kind: the trees of the libraries have no root in common."""


def hidden(url: str) -> str:
    """Returns a URL without users, passwords, signatures and other parameters, for people and for the disk."""
    plain = (re.split(r"[?#]", _anonymous(link))[0] for link in url.split("::"))
    return "::".join(re.sub(r"(?<=[^/])/+$", "", link) if link.count("/") > 2 else link for link in plain)


def _anonymous(link: str) -> str:
    if re.match(r"(abfss?|wasbs?)://[^/:@]*@", link):  # a container, and an account as a host
        return link
    return re.sub(r"(?<=://)([^/]*:.*|[^/]*)@", "", link)


def open_remote(url: str) -> RemoteRoot:
    """Returns the folder at a URL, with all that is below it, in one listing.

    InputError where its library is not installed, nothing is there, or the store does not let us list it.
    """
    shown = hidden(url)
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(f'{shown} needs fsspec: pip install "linkage[cloud]"') from error
    try:
        with _told():
            fs, path = url_to_fs(url)
    except RemoteError as error:
        raise InputError(_not_opened(shown, error)) from error
    return _listed(fs, path, shown)


def _not_opened(shown: str, error: RemoteError) -> str:
    protocol = shown.split("://", maxsplit=1)[0].rsplit("::", maxsplit=1)[-1]
    if isinstance(error.__cause__, ImportError):
        library = _LIBRARIES.get(protocol, f"the library of fsspec for {protocol}://")
        return f"{shown} needs a library that is not installed: pip install {library}"
    if isinstance(error.__cause__, ValueError):
        return f"{shown} is of no kind that fsspec knows, or not complete"
    return f"{shown} cannot be opened: {error.strerror}"


def _listed(fs: Any, path: str, shown: str) -> RemoteRoot:
    try:
        with _told():
            found = _find(fs, path)
    except RemoteError as error:
        if error.strerror == _MISSING:
            raise InputError(f"there is no folder {shown}") from error
        raise InputError(f"{shown} cannot be listed: {error.strerror}") from error
    if path in found:
        raise InputError(f"{shown} is a file: give the folder that holds the tables")
    if not found:
        raise InputError(f"there is no folder {shown}")
    return RemoteRoot(fs, path.rstrip("/"), shown, found)


def _find(fs: Any, path: str) -> dict[str, dict[str, Any]]:
    """Returns all files below a path as the store has them now, by their paths there."""
    fs.invalidate_cache()
    found: dict[str, dict[str, Any]] = fs.find(path, detail=True)
    return {name: info for name, info in found.items() if info.get("type") == "file" and not name.endswith("/")}


@contextmanager
def _told() -> Iterator[None]:
    """Makes every error of a library a RemoteError, which says what people may know of it."""
    try:
        yield
    except (RemoteError, InputError, MemoryError):
        raise
    except Exception as error:
        raise RemoteError(getattr(error, "errno", None) or 5, _reason(error)) from error


def _reason(error: BaseException) -> str:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    names = [" ".join(kind.__name__ for kind in type(one).__mro__) for one in links]
    for name in names:
        for pattern, reason in _REASONS:
            if re.search(pattern, name):
                return reason
    return type(error).__name__


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
            with _told():
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
        with _told():
            piece = bytes(self._fs.cat_file(self._path, start=self._at, end=end))
            _require(piece, end - self._at)
        self._at = end
        return piece


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file, or a folder with what is in it."""

    name: str
    source: str
    listed: RemoteFile | None = None
    inside: dict[str, _Entry] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return self.listed is None

    @property
    def file(self) -> File:
        if self.listed is None:
            raise IsADirectoryError(self.source)
        return self.listed

    def entries(self) -> Sequence[Entry]:
        return [self.inside[name] for name in sorted(self.inside)]

    def put(self, names: list[str], file: RemoteFile) -> None:
        """Puts a file where its names below this folder say; where a store has both by one name, the folder stays."""
        source = f"{self.source}/{names[0]}".lstrip("/")
        if len(names) > 1:
            under = self.inside.get(names[0])
            if under is None or not under.is_folder:
                under = self.inside[names[0]] = _Entry(names[0], source)
            under.put(names[1:], file)
        elif names[0] not in self.inside:
            self.inside[names[0]] = _Entry(names[0], source, file)


@dataclass(frozen=True, slots=True)
class RemoteRoot:
    """A folder of facts as it was listed: `found` is what its store says of each file, by paths there."""

    fs: Any = field(repr=False)
    path: str = field(repr=False)
    shown: str
    found: dict[str, dict[str, Any]] = field(repr=False)
    name: str = ""
    source: str = ""
    is_folder: bool = True
    looks: int = 16

    @property
    def location(self) -> str:
        """Returns its place without secrets."""
        return self.shown

    @property
    def file(self) -> File:
        """Raises IsADirectoryError: it is none."""
        raise IsADirectoryError(self.shown)

    def entries(self) -> Sequence[Entry]:
        """Returns what is in it, by name."""
        top = _Entry("", "")
        for path, info in self.found.items():
            source = self._below(path)
            top.put(source.split("/"), _file(self.fs, path, f"{self.shown}/{source}", info))
        return top.entries()

    def inner(self, name: str) -> RemoteRoot:
        """Returns a folder in it, as one of facts."""
        path = f"{self.path}/{name}"
        found = {one: info for one, info in self.found.items() if one.startswith(f"{path}/")}
        return RemoteRoot(self.fs, path, f"{self.shown}/{name}", found)

    def now(self, files: dict[str, File]) -> dict[str, Stamp]:
        """Returns the stamps that files have now, by one more listing, without those that are gone."""
        with _told():
            listed = {self._below(path): info for path, info in _find(self.fs, self.path).items()}
        return {source: _file(self.fs, "", "", listed[source]).stamp() for source in files if source in listed}

    def _below(self, path: str) -> str:
        return path.removeprefix(self.path).lstrip("/")


def _file(fs: Any, path: str, location: str, info: Mapping[str, Any]) -> RemoteFile:
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

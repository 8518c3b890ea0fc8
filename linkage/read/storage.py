"""Where facts lie: folders and files by one face, whether on this machine's disks or in an object store."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from linkage.errors import InputError

Stamp = tuple[int | str, ...]
"""What tells whether a file was written to: of a local one its number, its bytes and the time of its last change in
nanoseconds; of a remote one its bytes and what its store says of its content and time."""

_SETTLED_NS = 2_000_000_000
"""How long a file must have lain still for its times to tell it from a later one: some systems count whole seconds."""


class RemoteError(OSError):
    """A store of files failed; `strerror` is for people, and holds neither an address nor a secret."""


class File(Protocol):
    """One file; OSError where it cannot be read."""

    @property
    def name(self) -> str:
        """Returns its last name."""

    @property
    def size(self) -> int:
        """Returns its bytes."""

    def stamp(self) -> Stamp:
        """Returns what tells whether it was written to: of a remote file, as of when its folder was listed."""

    def mark(self) -> str:
        """Returns a text that no other content at any place has, '' where nothing tells for sure."""

    def open(self) -> IO[bytes]:
        """Returns its bytes as a stream, in which places can be sought."""

    def content(self) -> str:
        """Returns the SHA-256 of its bytes, as hexadecimal digits."""

    def arrow(self) -> Any:
        """Returns what Arrow reads it by: a path or a stream."""

    def absolute(self) -> File:
        """Returns the file for a process whose working folder is another."""

    def at_hand(self) -> AbstractContextManager[File]:
        """Yields the file with its bytes on this machine: itself, or a copy in memory if it is not too large."""


class Entry(Protocol):
    """A file or folder below the folder of facts."""

    @property
    def name(self) -> str:
        """Returns its last name."""

    @property
    def source(self) -> str:
        """Returns its path below the folder of facts."""

    @property
    def is_folder(self) -> bool:
        """Returns whether it is a folder."""

    @property
    def file(self) -> File:
        """Returns it as a file, which it is."""

    def entries(self) -> Sequence[Entry]:
        """Returns what is in it, by name; InputError where it cannot be read."""


class Root(Entry, Protocol):
    """A folder of facts."""

    @property
    def shown(self) -> str:
        """Returns its place for messages: no user, password or signature is in it."""

    @property
    def location(self) -> str:
        """Returns its place from anywhere, without these too."""

    @property
    def looks(self) -> int:
        """Returns how many files are best looked at at a time."""

    def inner(self, name: str) -> Root:
        """Returns a folder in it, as one of facts."""

    def now(self, files: dict[str, File]) -> dict[str, Stamp]:
        """Returns the stamps that files have now, by their paths below it, without those that are gone."""


def is_url(where: str) -> bool:
    """Returns whether a text is the address of a folder that is not on this machine's disks."""
    return "://" in where and not where.startswith("file://")


def local_path(where: Path | str) -> Path:
    """Returns the path of a folder on this machine's disks."""
    return Path(where.removeprefix("file://")) if isinstance(where, str) else where


def shown(where: str) -> str:
    """Returns a path or URL for people: no user, password or signature of a URL is in it."""
    if not is_url(where):
        return where
    from linkage.read.faults import hidden

    return hidden(where)


def send(where: str, files: Mapping[str, Path], gone: Collection[str] = ()) -> None:
    """Puts files into the folder at a URL and takes away those that are gone (see `remote.send`)."""
    from linkage.read import remote

    remote.send(where, files, gone)


def open_root(where: Path | str) -> Root:
    """Returns the folder at a path or URL; InputError where it is missing, no folder, or cannot be reached."""
    if isinstance(where, str) and is_url(where):
        from linkage.read.remote import open_remote

        return open_remote(where)
    path = local_path(where)
    if not path.exists():
        raise InputError(f"there is no folder {path}")
    if not path.is_dir():
        raise InputError(f"{path} is a file: give the folder that holds the tables")
    return LocalRoot(path, path)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine's disks."""

    path: Path

    @property
    def name(self) -> str:
        """Returns its last name."""
        return self.path.name

    @property
    def size(self) -> int:
        """Returns its bytes."""
        return self.path.stat().st_size

    def stamp(self) -> Stamp:
        """Returns its number, its bytes, and the time of its last change in nanoseconds."""
        found = self.path.stat()
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def mark(self) -> str:
        """Returns its path, disk and stamp, with the time that nobody can set back; '' while it may be written to."""
        found = self.path.stat()
        if max(found.st_mtime_ns, found.st_ctime_ns) > time.time_ns() - _SETTLED_NS:
            return ""
        numbers = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        return f"{self.path.resolve()} {numbers}"

    def open(self) -> IO[bytes]:
        """Returns its bytes as a stream."""
        return self.path.open("rb")

    def content(self) -> str:
        """Returns the SHA-256 of its bytes."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def arrow(self) -> Any:
        """Returns its path."""
        return self.path

    def absolute(self) -> LocalFile:
        """Returns the file by its whole path."""
        return LocalFile(self.path.resolve())

    @contextmanager
    def at_hand(self) -> Iterator[LocalFile]:
        """Yields the file itself."""
        yield self


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A path below the folder of facts."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        """Returns its last name."""
        return self.path.name

    @property
    def source(self) -> str:
        """Returns its path below the folder of facts."""
        return str(self.path.relative_to(self.root))

    @property
    def is_folder(self) -> bool:
        """Returns whether it is a folder, or a link to one."""
        return self.path.is_dir()

    @property
    def file(self) -> LocalFile:
        """Returns it as a file."""
        return LocalFile(self.path)

    def entries(self) -> list[LocalEntry]:
        """Returns what is in it, by name; InputError where it cannot be read or has a link to nowhere."""
        try:
            found = sorted(self.path.iterdir())
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}") from error
        for path in found:
            if path.is_symlink() and not path.exists():
                raise InputError(f"{path.relative_to(self.root)} is a link to a file that is not there")
            if path.is_symlink() and self.path.resolve().is_relative_to(path.resolve()):
                raise InputError(f"{path.relative_to(self.root)} is a link that leads back to where it lies")
        return [LocalEntry(path, self.root) for path in found]


@dataclass(frozen=True, slots=True)
class LocalRoot(LocalEntry):
    """A folder of facts on this machine's disks."""

    @property
    def shown(self) -> str:
        """Returns its path as it was given."""
        return str(self.path)

    @property
    def location(self) -> str:
        """Returns its whole path."""
        return str(self.path.resolve())

    @property
    def looks(self) -> int:
        """Returns one: a disk has no way to go."""
        return 1

    def inner(self, name: str) -> LocalRoot:
        """Returns a folder in it, as one of facts."""
        return LocalRoot(self.path / name, self.path / name)

    def now(self, files: dict[str, File]) -> dict[str, Stamp]:
        """Returns the stamps that files have now, by their paths below it, without those that are gone."""
        found = {}
        for source, file in files.items():
            with suppress(FileNotFoundError):
                found[source] = file.stamp()
        return found

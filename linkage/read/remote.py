"""Folders in object stores and on other machines, by fsspec, which is imported where a URL is given and nowhere else.

Retries are its libraries'.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from linkage.errors import InputError
from linkage.read.faults import MISSING, hidden, told
from linkage.read.objects import RemoteFile, remote_file
from linkage.read.storage import Entry, File, RemoteError, Stamp

_LIBRARIES = {"s3": '"linkage[cloud]"', "s3a": '"linkage[cloud]"', "gs": "gcsfs", "gcs": "gcsfs", "sftp": "paramiko"}
_LIBRARIES |= dict.fromkeys(("abfs", "abfss", "az", "adl"), "adlfs")


def open_remote(url: str) -> RemoteRoot:
    """Returns the folder at a URL, with all that is below it, in one listing.

    InputError where its library is not installed, nothing is there, or the store does not let us list it.
    """
    return _listed(*_opened(url))


def send(url: str, files: Mapping[str, Path], gone: Collection[str] = ()) -> None:
    """Puts files of this machine into the folder at a URL, by the names there, and then takes away those that are gone.

    A file appears there as a whole or not at all where its store is one of objects. InputError where its library is not
    installed, the address means nothing, or the store does not let us write; some may be there then.
    """
    fs, path, shown = _opened(url)
    try:
        with told():
            if fs.root_marker == "/":  # a tree of folders; where there are objects alone, this would make a bucket
                fs.makedirs(path, exist_ok=True)
            for name, file in files.items():
                fs.put_file(str(file), f"{path.rstrip('/')}/{name}")
            for name in gone:
                with suppress(FileNotFoundError):
                    fs.rm_file(f"{path.rstrip('/')}/{name}")
    except RemoteError as error:
        raise InputError(f"{shown} cannot be written: {error.strerror}") from error


def _opened(url: str) -> tuple[Any, str, str]:
    """Returns the file system of a URL, the path in it, and the URL without secrets."""
    shown = hidden(url)
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(f'{shown} needs fsspec: pip install "linkage[cloud]"') from error
    try:
        with told():
            fs, path = url_to_fs(url)
    except RemoteError as error:
        raise InputError(_not_opened(shown, error)) from error
    return fs, path, shown


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
        with told():
            found = _find(fs, path)
    except RemoteError as error:
        if error.strerror == MISSING:
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
            top.put(source.split("/"), remote_file(self.fs, path, f"{self.shown}/{source}", info))
        return top.entries()

    def inner(self, name: str) -> RemoteRoot:
        """Returns a folder in it, as one of facts."""
        path = f"{self.path}/{name}"
        found = {one: info for one, info in self.found.items() if one.startswith(f"{path}/")}
        return RemoteRoot(self.fs, path, f"{self.shown}/{name}", found)

    def now(self, files: dict[str, File]) -> dict[str, Stamp]:
        """Returns the stamps that files have now, by one more listing, without those that are gone."""
        with told():
            listed = {self._below(path): info for path, info in _find(self.fs, self.path).items()}
        return {source: remote_file(self.fs, "", "", listed[source]).stamp() for source in files if source in listed}

    def _below(self, path: str) -> str:
        return path.removeprefix(self.path).lstrip("/")

"""Where a run takes place: the store, its working file and its key."""

from __future__ import annotations

import hashlib
from pathlib import Path

from linkage.errors import SettingsError, StoreUnavailable
from linkage.keys import Keyring, load_or_create_key
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.registry import LOCAL_NEO4J, is_embedded, open_store
from linkage.working import WorkingFile
from linkage.working.schema import get_meta

KEY_PRINT = "key"
"""Under this name a working file has the print of its secret."""


def print_of(keyring: Keyring) -> str:
    """Returns what tells a secret from others and does not tell what it is."""
    return keyring.hash("the key itself", "linkage")


class Site:
    """The store of `settings`, with the working file that belongs to it; nothing is opened yet."""

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self.settings = settings
        self.progress = progress or Progress(quiet=True)
        self.working = WorkingFile(working_path(settings), settings)
        self._filled: tuple[tuple[int, ...], str | None] = (), None

    @property
    def local(self) -> bool:
        """Returns whether the store lives on this machine under this user, who may keep its key beside it."""
        return is_embedded(self.settings.store) or self.settings.store == LOCAL_NEO4J

    def keyring(self) -> Keyring:
        """Returns the keys of this store's hashes; a local store makes its own, any other must be given one.

        SettingsError where it was filled under another secret, or under one that is not there any more.
        """
        filled = self._filled_under()
        keyring = Keyring(self._secret(make=filled is None))
        if filled not in (None, print_of(keyring)):
            raise SettingsError(
                "this store was filled under another LINKAGE_KEY: set that one, or load all facts into a new store"
            )
        return keyring

    def _secret(self, *, make: bool) -> str | bytes:
        if self.settings.key:
            return self.settings.key
        if not self.local:
            raise SettingsError(
                f"set LINKAGE_KEY: the hashes in {self.settings.store} need a secret that is kept apart from it"
            )
        path = self.working.beside(".key")
        if not make and not path.exists():
            raise SettingsError(f"set LINKAGE_KEY: this store was filled under it, and there is no {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return load_or_create_key(path)

    def _filled_under(self) -> str | None:
        """Returns the print of the secret that the store was filled under, None where nothing was loaded yet.

        A file is asked once: that takes a quarter of what a sign-up may.
        """
        try:
            found = self.working.path.stat()
        except FileNotFoundError:
            return None
        stamp = found.st_ino, found.st_mtime_ns, found.st_size
        if self._filled[0] != stamp:
            with self.working.read() as con:
                self._filled = stamp, get_meta(con, KEY_PRINT)
        return self._filled[1]

    def require_store(self) -> None:
        """Raises StoreUnavailable where an embedded store is not there, before anything is made beside it."""
        if is_embedded(self.settings.store) and not self.working.exists:
            raise StoreUnavailable(f"there is no store at {self.working.path}: run `linkage load DIR` first")

    def open(self, patience: float | None = None) -> Store:
        """Returns the store, opened; a local Neo4j is found or started.

        `patience`: seconds for which each call waits for a server, fewer than a job's for whoever has a deadline.
        """
        return open_store(self.settings, self.working, self.progress, patience)


def working_path(settings: Settings) -> Path:
    """Returns the path of the working file: the embedded store itself, or one kept for the remote store."""
    if is_embedded(settings.store):
        given = settings.store.removeprefix("duckdb:")
        path = Path(given).expanduser()
        if not given or not path.name or path.is_dir():
            what = f"names a folder, {path}" if given else "lacks a path"
            raise SettingsError(f"the store URL «{settings.store}» {what}: give a file, as in duckdb:linkage.duckdb")
        return path
    if settings.store == LOCAL_NEO4J:
        return settings.home_folder() / "neo4j-local.duckdb"
    name = hashlib.sha256(settings.store.encode()).hexdigest()[:16]
    return settings.home_folder() / "stores" / f"{name}.duckdb"

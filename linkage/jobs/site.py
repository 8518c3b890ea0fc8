"""Where a run takes place: the store, its working file and its key."""

from __future__ import annotations

import hashlib
from pathlib import Path

from linkage.errors import SettingsError
from linkage.keys import Keyring, load_or_create_key
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.registry import LOCAL_NEO4J, is_embedded, open_store
from linkage.working import WorkingFile


class Site:
    """The store of `settings`, with the working file that belongs to it; nothing is opened yet."""

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self.settings = settings
        self.progress = progress or Progress(quiet=True)
        self.working = WorkingFile(working_path(settings), settings)

    @property
    def local(self) -> bool:
        """Returns whether the store lives on this machine under this user, who may keep its key beside it."""
        return is_embedded(self.settings.store) or self.settings.store == LOCAL_NEO4J

    def keyring(self) -> Keyring:
        """Returns the keys of this store's hashes; a local store makes its own, any other must be given one."""
        if self.settings.key:
            return Keyring(self.settings.key)
        if not self.local:
            raise SettingsError(
                f"set LINKAGE_KEY: the hashes in {self.settings.store} need a secret that is kept apart from it"
            )
        self.working.path.parent.mkdir(parents=True, exist_ok=True)
        return Keyring(load_or_create_key(self.working.beside(".key")))

    def open(self, patience: float | None = None) -> Store:
        """Returns the store, opened; a local Neo4j is found or started.

        `patience`: seconds for which each call waits for a server, fewer than a job's for whoever has a deadline.
        """
        return open_store(self.settings, self.working, self.progress, patience)


def working_path(settings: Settings) -> Path:
    """Returns the path of the working file: the embedded store itself, or one kept for the remote store."""
    if is_embedded(settings.store):
        return Path(settings.store.removeprefix("duckdb:")).expanduser()
    if settings.store == LOCAL_NEO4J:
        return settings.home_folder() / "neo4j-local.duckdb"
    name = hashlib.sha256(settings.store.encode()).hexdigest()[:16]
    return settings.home_folder() / "stores" / f"{name}.duckdb"

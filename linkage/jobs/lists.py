"""Whether the lists of networks are those with which a store was filled."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.progress import Progress
from linkage.working.schema import get_meta, set_meta

if TYPE_CHECKING:
    import duckdb

_NAME = "lists"


def note_lists(con: duckdb.DuckDBPyConnection, folder: str, progress: Progress) -> None:
    """Notes which lists this load goes by, and says so when the load before went by others.

    An address is looked up when it is first met, and only its keyed hash is kept: no later list can find it.
    """
    before, now = get_meta(con, _NAME), _digest(folder)
    if before not in (None, now):
        progress.say(
            "the lists of networks have changed: addresses that are known keep their place, since only their hashes "
            "are stored; to look them up again, load all facts into a new store"
        )
    set_meta(con, _NAME, now)


def _digest(folder: str) -> str:
    """Returns a digest of the lists' names and bytes; that of nothing where there is no folder."""
    digest = hashlib.sha256()
    for file in sorted(Path(folder).glob("*.txt*")) if folder else ():
        digest.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()

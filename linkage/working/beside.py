"""Names of the file of uses by key (see `keyed`), which lies beside the working file under a new name each time."""

from __future__ import annotations

import glob
import secrets
from pathlib import Path

META = "keyed"
"""The name of the value by which the working file knows its own: the end of its name."""

VARIABLE = "keyed_path"
"""The variable of a writer's connection that says where to make a new one."""


def path_of(path: Path, ending: str) -> Path:
    """Returns where the file of the working file at `path` is that has this ending."""
    return path.with_name(f"{path.name}.keyed-{ending}")


def new_path(path: Path) -> Path:
    """Returns where there is none yet."""
    return path_of(path, secrets.token_hex(8))


def ending_of(path: Path) -> str:
    """Returns the end of the name of such a file."""
    return path.name.rpartition("-")[2]


def remove_others(path: Path, ending: str) -> None:
    """Removes all such files of the working file at `path` but the one with this ending."""
    for other in path.parent.glob(f"{glob.escape(path.name)}.keyed-*"):
        if other != path_of(path, ending):
            other.unlink(missing_ok=True)

"""Puts the pinned jars into the cache folder, and gives them back checked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import LocalServerError
from linkage.progress import Progress
from linkage.stores.neo4j.local.fetch import fetch
from linkage.stores.neo4j.local.filelock import held
from linkage.stores.neo4j.local.pins import FOLDERS, NEO4J_VERSION, Pin, digest, is_intact, read_pins

LEAST_FREE_BYTES = 600 * 1024**2
"""Room for the jars (160 MB), twice while they arrive, and for the class archive (130 MB)."""

WAIT_SECONDS = 1200.0


@dataclass(frozen=True, slots=True)
class Installation:
    """The jars of one version, in a folder that all local servers of a user share."""

    folder: Path
    jars: tuple[Path, ...]

    @property
    def plugins(self) -> Path:
        """Returns the folder in which the server looks for procedures."""
        return self.folder / "plugins"

    @property
    def class_path(self) -> str:
        """Returns the class path: plugins first, always in the same order, so that a class archive fits."""
        return os.pathsep.join(str(jar) for jar in self.jars)


def install(cache: Path, progress: Progress, pins: Sequence[Pin] | None = None) -> Installation:
    """Returns the installation with every jar present and intact, getting those that are not.

    Each start checks all checksums (0.3 s), so a damaged jar is replaced and an interrupted install goes on.
    A jar appears under its name only when whole and checked. Two installs at once: one works, one waits.
    LocalServerError when there is no room or a jar cannot be had.
    """
    chosen = read_pins() if pins is None else tuple(pins)
    installation = installed(cache, chosen)
    folder = installation.folder
    if _damaged(folder, chosen):
        with held(folder.parent / "install.lock", WAIT_SECONDS, "installing Neo4j"):
            _repair(folder, _damaged(folder, chosen), progress)
    return installation


def installed(cache: Path, pins: Sequence[Pin] | None = None) -> Installation:
    """Returns where the jars are, or will be, without a look at them."""
    chosen = read_pins() if pins is None else tuple(pins)
    folder = (cache / "neo4j" / f"{NEO4J_VERSION}-{digest(chosen)}").absolute()
    return Installation(folder, tuple(folder / pin.path for pin in chosen))


def _damaged(folder: Path, pins: Sequence[Pin]) -> list[Pin]:
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        intact = pool.map(lambda pin: is_intact(folder / pin.path, pin), pins)
        return [pin for pin, is_there in zip(pins, intact, strict=True) if not is_there]


def _repair(folder: Path, pins: Sequence[Pin], progress: Progress) -> None:
    if not pins:
        return  # another process has done it while this one waited
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        require_room(folder, LEAST_FREE_BYTES, "the jars of Neo4j")
        arrivals = folder / "arrivals"
        fetch(pins, arrivals, progress)
        for pin in pins:
            (arrivals / pin.name).replace(folder / pin.path)
        shutil.rmtree(arrivals)
    except OSError as error:
        raise LocalServerError(f"the jars of Neo4j cannot be written to {folder}: {error.strerror}") from error


def require_room(folder: Path, least: int, purpose: str) -> None:
    """Raises LocalServerError unless the folder's disk has so many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < least:
        raise LocalServerError(
            f"{folder} has {free // 1024**2} MB free and {purpose} need {least // 1024**2} MB: "
            "make room, or choose another disk with LINKAGE_CACHE and LINKAGE_HOME"
        )

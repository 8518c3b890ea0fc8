"""The pinned jars of the engines, in the cache folder that the local Neo4j's jars are in too."""

from __future__ import annotations

import os
from pathlib import Path

from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local.fetch import fetch
from linkage.stores.neo4j.local.filelock import held
from linkage.stores.neo4j.local.pins import Pin, digest, parse_pins

WAIT_SECONDS = 900.0


def pins(engine: str) -> tuple[Pin, ...]:
    """Returns the jars of an engine, in class path order."""
    return parse_pins(Path(__file__).with_name(f"{engine}.txt").read_text(encoding="utf-8"))


def version(engine: str, artifact: str) -> str:
    """Returns the version of one of an engine's jars."""
    return next(pin.version for pin in pins(engine) if pin.artifact == artifact)


def cache() -> Path:
    """Returns the folder of everything that the engines need."""
    return Settings.from_environment().cache_folder().absolute() / "engines"


def installed(engine: str) -> Path:
    """Returns the folder of an engine's jars, all of them there and checked."""
    chosen = pins(engine)
    folder = cache() / f"{engine}-{digest(chosen)}"
    with held(cache() / "install.lock", WAIT_SECONDS, f"installing {engine}"):
        fetch(chosen, folder, Progress(quiet=True))
    return folder


def class_path(engine: str) -> str:
    """Returns the class path of an engine, installed."""
    folder = installed(engine)
    return os.pathsep.join(str(folder / pin.name) for pin in pins(engine))

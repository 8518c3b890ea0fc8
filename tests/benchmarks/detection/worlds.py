"""Worlds of the benchmark and their loaded working files, made once and kept in a folder.

The name of a world's folder has a digest of the code that made it, so a change of the simulator makes new worlds,
and a change of how facts are loaded makes new working files. Detection changes neither.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import linkage
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

KEY = "a fixed key, so that every run sees equal hashes"
_SIMULATED_BY = ("simulate",)
_LOADED_BY = ("read", "validate", "fingerprint", "derive", "kernels", "working", "keys.py", "model/kinds.py")


@dataclass(frozen=True, slots=True, order=True)
class Spec:
    """Which world: honest accounts, seed, and whether all campaigns draw from one pool of questions."""

    accounts: int
    seed: int
    shared: bool = False

    @property
    def name(self) -> str:
        """Returns a name for people and folders."""
        return f"{self.accounts}-{self.seed}" + ("-shared" if self.shared else "")


@dataclass(frozen=True, slots=True)
class World:
    """A world on disk: its facts, its truth, and the working file in which the facts are loaded."""

    spec: Spec
    folder: Path
    store: Path

    @property
    def facts(self) -> Path:
        """Returns the folder of facts."""
        return self.folder / "facts"

    def truth(self) -> pd.DataFrame:
        """Returns the truth as `evaluate` reads it."""
        from linkage.evaluate.inputs import read_truth

        return read_truth(self.folder)


def prepare(cache: Path, spec: Spec) -> World:
    """Returns the world, made and loaded if it is not there yet."""
    folder = cache / "worlds" / f"{spec.name}-{code_digest(*_SIMULATED_BY)}"
    if not (folder / "world.json").exists():
        _forget(cache / "worlds", spec)
        simulate(folder, spec.accounts, spec.seed, shared_questions=spec.shared)
    store = cache / "stores" / f"{spec.name}-{code_digest(*_SIMULATED_BY, *_LOADED_BY)}" / "loaded.duckdb"
    if not store.exists():
        _forget(cache / "stores", spec)
        load(Site(Settings(store=f"duckdb:{store}", key=KEY)), folder / "facts")
    return World(spec, folder, store)


def code_digest(*parts: str) -> str:
    """Returns a digest of the source of these packages and modules of linkage."""
    root = Path(linkage.__file__).parent
    made = hashlib.sha256()
    for part in parts:
        for path in sorted((root / part).rglob("*.py")) if (root / part).is_dir() else [root / part]:
            made.update(path.name.encode() + b"\0" + path.read_bytes())
    return made.hexdigest()[:10]


def _forget(folder: Path, spec: Spec) -> None:
    """Removes what older code made of this world, finished or not."""
    for old in folder.glob(f"{spec.name}-*"):
        if old.name.removeprefix(f"{spec.name}-").isalnum() and "shared" not in old.name.removeprefix(spec.name + "-"):
            shutil.rmtree(old)

"""The demo: the whole way on a small world that is made for it, in a place of its own."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import SettingsError
from linkage.evaluate import Scores, evaluate
from linkage.jobs.detect import detect
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.rings import Link, Ring, Run
from linkage.progress import Progress
from linkage.read import open_folder
from linkage.settings import Settings
from linkage.simulate import SimulationReport, simulate
from linkage.stores.registry import LOCAL_NEO4J, is_embedded
from linkage.working import WorkingFile

if TYPE_CHECKING:
    from linkage.stores.neo4j.local import LocalServer, ServerInfo

ACCOUNTS = 20_000
SEED = 1000
"""The first seed that nothing is tuned on."""
SHOWN_RINGS = 15
MARK = ".linkage-demo"
"""The file that says that a folder is the demo's, and may be emptied by the next one."""
_NEO4J_MEMORY = "2GB"
_MARK_TEXT = "The next `linkage demo` empties this folder.\n"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a demo takes place: its site, its temporary folder, and its Neo4j if it has one of its own."""

    site: Site
    folder: Path
    server: LocalServer | None

    def running(self) -> ServerInfo | None:
        """Returns the demo's own Neo4j, once the world is loaded into it."""
        return self.server.status() if self.server else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a demo found: the strongest rings, the strongest link of the first one, the score, seconds by step."""

    world: SimulationReport
    run: Run
    rings: list[Ring]
    example: Link | None
    scores: Scores
    steps: dict[str, float]


@contextmanager
def ground(settings: Settings, progress: Progress) -> Iterator[Ground]:
    """Yields the place for a demo, and leaves nothing of it running.

    On `neo4j:local` it is a Neo4j of its own, empty at the start, in `demo` under the home folder: the user's
    own local Neo4j is not touched. It is stopped at the end; its data stays until the next demo. LockHeld
    while another demo runs there.
    """
    with tempfile.TemporaryDirectory(prefix="linkage-demo-") as name:
        folder = Path(name)
        settings = replace(settings, lists=str(folder / "world" / "lists"))
        if settings.store != LOCAL_NEO4J:
            yield Ground(Site(settings, progress), folder, None)
            return
        home = settings.home_folder().absolute() / "demo"
        settings = replace(settings, home=str(home), neo4j_memory=settings.neo4j_memory or _NEO4J_MEMORY)
        with WorkingFile(home, settings).lock(), _own_neo4j(settings, progress) as server:
            yield Ground(Site(settings, progress), folder, server)


@contextmanager
def _own_neo4j(settings: Settings, progress: Progress) -> Iterator[LocalServer]:
    """Yields a Neo4j without a database; it is filled before it is started for the first time."""
    from linkage.stores.neo4j.local import LocalServer

    home = Path(settings.home)
    _require_demo_folder(home)
    server = LocalServer(settings)
    server.stop()  # a demo that was killed left it running
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    (home / MARK).write_text(_MARK_TEXT, encoding="utf-8")
    try:
        server.install(progress)
        yield server
    finally:
        server.stop()


def _require_demo_folder(home: Path) -> None:
    """Raises SettingsError for a folder with files that no demo made: it is about to be emptied."""
    if home.exists() and not (home / MARK).exists() and any(home.iterdir()):
        raise SettingsError(f"{home} is not empty and no demo made it: choose another LINKAGE_HOME")


def run_demo(place: Ground, accounts: int = ACCOUNTS, seed: int = SEED) -> Outcome:
    """Simulates a world, loads it, detects its rings and scores them; SettingsError for a store with other data."""
    site, world_folder = place.site, place.folder / "world"
    if place.server is None:
        _require_empty(site)
    clock = _Clock(site.progress)
    with clock.step("simulate"), site.progress.bar("simulate") as advance:
        world = simulate(world_folder, accounts, seed, progress=advance)
    site.progress.say(
        f"a world of {world.accounts:,} accounts, {world.fakes:,} of them fakes of {world.operators:,} operators, "
        f"and {world.requests:,} requests"
    )
    facts = world_folder / world.facts[0]
    _require_own(site, facts)
    with clock.step("load"):
        load(site, facts)
    with clock.step("detect"):
        detect(site)
    with clock.step("evaluate"):
        export(site, place.folder / "export", names=("rings", "members"))
        scores = evaluate(place.folder / "export", world_folder / world.truth)
    run, rings, example = _found(site)
    return Outcome(world, run, rings, example, scores, clock.seconds)


class _Clock:
    """Says what begins, and remembers how long it took."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)
        self._progress.say(f"{name}: {self.seconds[name]:.1f} s")


def _require_empty(site: Site) -> None:
    """Raises SettingsError for a remote store that holds a graph which was not loaded from here.

    StoreUnavailable at once, not after the world was made.
    """
    if is_embedded(site.settings.store) or site.working.exists:
        return
    with site.open() as store:
        if store.counts().accounts:
            raise SettingsError(_not_mixed(site))


def _require_own(site: Site, facts: Path) -> None:
    """Raises SettingsError for a store into which anything but this very world was loaded."""
    if not site.working.exists:
        return
    with site.working.read() as con:
        loaded = {row[0] for row in con.execute("SELECT digest FROM source").fetchall()}
    if not loaded <= {part.digest() for part in open_folder(facts).parts}:
        raise SettingsError(_not_mixed(site))


def _not_mixed(site: Site) -> str:
    return f"{site.settings.store} holds other facts, which the demo would mix with its own: give it an empty store"


def _found(site: Site) -> tuple[Run, list[Ring], Link | None]:
    with site.open() as store:
        run = store.current_run()
        if run is None:
            raise AssertionError("detect ended without a run")
        rings = store.rings(SHOWN_RINGS)
        links = store.ring_links(rings[0].ring_id) if rings else []
    return run, rings, max(links, key=lambda link: link.bits, default=None)

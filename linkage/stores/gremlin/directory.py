"""What is published, as one snapshot: which runs there were, which rings, and where each was published last.

A store without transactions over several requests still shows a reader the run before or this one: all that a run
publishes is written under a stamp of its own, then one property of one vertex, the pointer, is moved to the stamp.
Whoever reads takes the stamp first, and what that stamp's directory names. What no directory names is not there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import T

from linkage.errors import StoreConflict, StoreError
from linkage.model.rings import RingStatus
from linkage.stores.gremlin.ids import Ids
from linkage.stores.gremlin.merging import Vertex, merge_vertices
from linkage.stores.gremlin.session import Session, g

CHUNK_RINGS = 500
LIVING = (RingStatus.ACTIVE.value, RingStatus.DORMANT.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """A ring as it was published last: under which stamp, and whether accounts are in it in this run."""

    stamp: str
    status: str
    score: float
    filled: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """One snapshot. `runs` are the stamps of all runs by id, `before` is the stamp of the state before this run."""

    stamp: str
    before: str
    runs: dict[str, str]
    rings: dict[str, Entry] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Returns the run that is published."""
        return run_of(self.stamp)

    def living(self) -> list[str]:
        """Returns the rings of the run, those that sleep too, highest score first, then by id."""
        found = [(-one.score, ring_id) for ring_id, one in self.rings.items() if one.status in LIVING]
        return [ring_id for _, ring_id in sorted(found)]

    def filled(self) -> list[str]:
        """Returns the rings that accounts are in, by id."""
        return sorted(ring_id for ring_id, one in self.rings.items() if one.filled)


def new_stamp(run_id: str, rings: int) -> str:
    """Returns a stamp that nothing was written under: the run, a random part, and how many parts its directory has."""
    return f"{run_id}~{uuid4().hex}~{max(1, -(-rings // CHUNK_RINGS))}"


def run_of(stamp: str) -> str:
    """Returns the id of the run that a stamp is of."""
    return stamp.rsplit("~", 2)[0]


def vertices(ids: Ids, stamp: str) -> list[Any]:
    """Returns the ids of the vertices of a stamp's directory."""
    return [ids.of("Directory", stamp, str(number)) for number in range(int(stamp.rsplit("~", 1)[1]))]


def write(session: Session, ids: Ids, directory: Directory) -> None:
    """Writes a directory, which nothing points to yet."""
    names = sorted(directory.rings)
    made = []
    for number, vertex in enumerate(vertices(ids, directory.stamp)):
        entries = {name: directory.rings[name] for name in names[number * CHUNK_RINGS : (number + 1) * CHUNK_RINGS]}
        body: dict[str, Any] = {"rings": {k: [e.stamp, e.status, e.score, e.filled] for k, e in entries.items()}}
        if number == 0:
            body |= {"before": directory.before, "runs": directory.runs}
        made.append(Vertex(vertex, "Directory", {"name": directory.stamp, "part": number, "body": json.dumps(body)}))
    merge_vertices(session, made)


def read(session: Session, ids: Ids, stamp: str) -> Directory:
    """Returns the directory of a stamp; StoreError where it is no longer there."""
    wanted = vertices(ids, stamp)
    found = session.rows("read directory", g.V(*wanted).project("i", "b").by(T.id).by("body"))
    bodies = {row["i"]: json.loads(row["b"]) for row in found}
    if len(bodies) < len(wanted):
        raise StoreError(f"{session.url} no longer holds what {run_of(stamp)} published; ask again")
    rings = {name: Entry(*entry) for one in bodies.values() for name, entry in one["rings"].items()}
    first = bodies[wanted[0]]
    return Directory(stamp, first["before"], first["runs"], rings)


def pointed(session: Session, ids: Ids) -> str:
    """Returns the stamp of what is published, an empty text before the first run."""
    return session.one("read pointer", g.V(ids.of("Current", "run")).values("points")) or ""


def point(session: Session, ids: Ids, before: str, after: str) -> None:
    """Moves the pointer from one stamp to another; StoreConflict where somebody else moved it meanwhile."""
    pointer = ids.of("Current", "run")
    if not before:
        merge_vertices(session, [Vertex(pointer, "Current", {"name": "run"})])
    now = __.has("points", before) if before else __.not_(__.values("points"))
    session.rows("move pointer", g.V(pointer).where(now).property("points", after).count())
    if pointed(session, ids) != after:
        raise StoreConflict(f"another run was published in {session.url} meanwhile; run it again")


def read_all(session: Session, ids: Ids, stamps: Sequence[str]) -> list[Directory]:
    """Returns the directories of those of the stamps that still have one."""
    found = []
    for stamp in stamps:
        held = session.one("find directory", g.V(*vertices(ids, stamp)).count())
        if held == len(vertices(ids, stamp)):
            found.append(read(session, ids, stamp))
    return found

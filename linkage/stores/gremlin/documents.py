"""What runs leave behind, each a vertex that is written once: versions of rings, events, stays, conflicts.

Two indexed properties find them: `of_ring` and `of_run`, each of the label and the ring or the run's stamp.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import P

from linkage.stores.gremlin.ids import Ids
from linkage.stores.gremlin.merging import Vertex
from linkage.stores.gremlin.session import Session, chunks, g

OF_RUNS = ("Run", "RingVersion", "RingEvent", "Stay", "StayEnd", "Conflict")
ASKED_AT_ONCE = 100


def document(ids: Ids, label: str, stamp: str, names: Sequence[str], values: dict[str, Any], ring: str = "") -> Vertex:
    """Returns the vertex of a document of a run, about a ring or none; its names tell it from others of the run."""
    found = {"stamp": stamp, "of_run": f"{label}/{stamp}"} | ({"of_ring": f"{label}/{ring}"} if ring else {})
    return Vertex(ids.of(label, stamp, *names), label, values | found)


def of_runs(session: Session, label: str, stamps: Sequence[str]) -> list[dict[str, Any]]:
    """Returns the values of the documents of this label that runs wrote."""
    return _found(session, "of_run", [f"{label}/{stamp}" for stamp in stamps])


def of_rings(session: Session, label: str, rings: Iterable[str]) -> list[dict[str, Any]]:
    """Returns the values of the documents of this label about rings, of every stamp."""
    return _found(session, "of_ring", [f"{label}/{ring}" for ring in rings])


def _found(session: Session, name: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    return [
        row
        for part in chunks(wanted, ASKED_AT_ONCE)
        for row in session.rows(f"read {name}", g.V().has(name, P.within(list(part))).value_map().by(__.unfold()))
    ]


def by_id(session: Session, wanted: Sequence[Any], names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Returns the values (all, or those named) of those of the vertices that are held."""
    return [
        row
        for part in chunks(wanted, 500)
        for row in session.rows("read vertices", g.V(*part).value_map(*names).by(__.unfold()))
    ]


def remove_of_run(session: Session, stamp: str) -> None:
    """Removes all documents that were written under a stamp."""
    for label in OF_RUNS:
        session.rows(f"drop {label}", g.V().has("of_run", f"{label}/{stamp}").drop())

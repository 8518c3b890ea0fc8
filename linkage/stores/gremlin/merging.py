"""Merging vertices and edges: what is held is read first, and only what is new or differs is written.

A night brings all accounts and identifiers again, of which most are as they were; a store reads ten times faster
than it writes. Each vertex and edge carries a digest of its values. A batch that was cut short is told by its digests,
and what two clients write at once is the same, or the later one's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import Direction, Merge, P, T

from linkage.errors import StoreError
from linkage.stores.gremlin.batches import Row, value
from linkage.stores.gremlin.ids import Ids, bucket
from linkage.stores.gremlin.session import Session, chunks, g

REQUEST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Vertex:
    """A vertex to be merged: its id, and all its properties."""

    vertex: Any
    label: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge to be merged between two vertices; `told` are those of its values that tell it from others."""

    out: Any
    into: Any
    label: str
    values: dict[str, Any]
    told: tuple[str, ...] = ()


def merge_rows(session: Session, ids: Ids, label: str, rows: Sequence[Row], nullable: Sequence[str]) -> None:
    """Merges vertices named by their rows; of `nullable` what a row does not know goes."""
    by_id = {ids.of(label, *row.names): row for row in rows}
    held = _held_vertices(session, list(by_id))
    changed = [one for one in by_id if one in held and held[one] != by_id[one].digest]
    if changed and nullable:
        session.rows(f"forget {label}", g.V(*changed).properties(*nullable).drop())
    fresh = [one for one in by_id if one not in held]
    merge_vertices(session, [_vertex(one, label, by_id[one]) for one in (*fresh, *changed)])


def _held_vertices(session: Session, wanted: Sequence[Any]) -> dict[Any, Any]:
    """Returns the digests of those of the vertices that are held."""
    asked = g.V(*wanted).project("i", "d").by(T.id).by(__.coalesce(__.values("digest"), __.constant(-1)))
    return {row["i"]: row["d"] for row in session.rows("read digests", asked)} if wanted else {}


def _vertex(vertex: Any, label: str, row: Row) -> Vertex:
    named = {"name": row.names[0], "bucket": bucket(label, vertex), "digest": row.digest}
    return Vertex(vertex, label, row.values | named)


def merge_vertices(session: Session, vertices: Sequence[Vertex]) -> None:
    """Merges vertices by id, with all properties that are given."""
    for part in chunks(vertices, REQUEST_ROWS):
        rows = [{"of": {T.id: one.vertex, T.label: one.label}, "is": one.values} for one in part]
        asked = (
            g.inject(rows)
            .unfold()
            .as_("row")
            .merge_v(__.select("of"))
            .option(Merge.on_create, __.select("is"))
            .option(Merge.on_match, __.select("row").select("is"))
        )
        session.rows(f"merge {part[0].label}", asked.count())


def merge_edges(session: Session, ids: Ids, edges: Sequence[Edge]) -> None:
    """Merges edges by their ends; StoreError where the store does not hold one of them."""
    for part in chunks(edges, REQUEST_ROWS):
        ends = list({end: None for one in part for end in (one.out, one.into)})
        rows = [{"of": _told(ids, one), "is": one.values} for one in part]
        asked = (
            g.V(*ends)  # both ends are read at once, not one by one while edges are merged
            .fold()
            .constant(rows)
            .unfold()
            .as_("row")
            .merge_e(__.select("of"))
            .option(Merge.on_create, __.select("is"))
            .option(Merge.on_match, __.select("row").select("is"))
        )
        label = part[0].label
        try:
            session.rows(f"merge {label}", asked.count())
        except StoreError as error:
            if not error.transient:
                require_held(session, ends, label)
            raise


def _told(ids: Ids, edge: Edge) -> dict[Any, Any]:
    told = {name: edge.values[name] for name in edge.told}
    ends = {T.label: edge.label, Direction.OUT: edge.out, Direction.IN: edge.into}
    return ends | ({T.id: ids.of_edge(edge.label, edge.out, edge.into, *told.values())} if ids.edges else told)


def require_held(session: Session, wanted: Sequence[Any], label: str) -> None:
    """Raises StoreError unless the store holds all of the vertices."""
    held = {one for part in chunks(wanted, REQUEST_ROWS) for one in session.rows("find ends", g.V(*part).id_())}
    missing = len(set(wanted) - held)
    if missing:
        raise StoreError(
            f"{missing} of {len(set(wanted))} accounts, identifiers or rings that {label} names are such as the "
            "store does not hold; load the facts into it first"
        )


def held_edges(session: Session, label: str, outs: Sequence[Any]) -> dict[tuple[Any, Any], Any]:
    """Returns the digests of all edges of a label that leave these vertices, by both ends."""
    asked = (
        g.V(*outs)
        .out_e(label)
        .project("o", "i", "d")
        .by(__.out_v().id_())
        .by(__.in_v().id_())
        .by(__.coalesce(__.values("digest"), __.constant(-1)))
    )
    found = session.rows(f"read {label}", asked) if outs else []
    return {(value(row["o"]), value(row["i"])): value(row["d"]) for row in found}


def merge_edge_rows(
    session: Session,
    ids: Ids,
    label: str,
    rows: Sequence[Row],
    ends: Callable[[Row], tuple[Any, Any]],
    columns: tuple[str, str],
    nullable: Sequence[str],
) -> dict[tuple[Any, Any], Any]:
    """Merges edges given by rows, whose names go into `columns`; returns what their first ends held before."""
    by_ends = {ends(row): row for row in rows}
    held = held_edges(session, label, list({out: None for out, _ in by_ends}))
    changed = [pair for pair in by_ends if pair in held and held[pair] != by_ends[pair].digest]
    if changed and nullable:
        _forget(session, label, changed, held, nullable)
    fresh = [pair for pair in by_ends if pair not in held]
    edges = [
        Edge(*pair, label, row.values | dict(zip(columns, row.names, strict=True)) | {"digest": row.digest})
        for pair in (*fresh, *changed)
        for row in (by_ends[pair],)
    ]
    merge_edges(session, ids, edges)
    return held


def _forget(
    session: Session,
    label: str,
    pairs: Sequence[tuple[Any, Any]],
    held: dict[tuple[Any, Any], Any],
    names: Sequence[str],
) -> None:
    session.rows(f"forget {label}", _by_digest(label, pairs, held).properties(*names).drop())


def drop_edges(
    session: Session, label: str, pairs: Sequence[tuple[Any, Any]], held: dict[tuple[Any, Any], Any]
) -> None:
    """Removes those of the edges of these vertices that have these ends."""
    for part in chunks(pairs, REQUEST_ROWS):
        session.rows(f"drop {label}", _by_digest(label, part, held).drop())


def _by_digest(label: str, pairs: Sequence[tuple[Any, Any]], held: dict[tuple[Any, Any], Any]) -> Any:
    """Returns a traversal of edges by their first ends and digests: not every store lets an edge's id be read."""
    outs = list({out: None for out, _ in pairs})
    return g.V(*outs).out_e(label).has("digest", P.within([held[pair] for pair in pairs]))

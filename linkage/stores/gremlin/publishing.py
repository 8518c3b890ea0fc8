"""Publishing a run: all of it under a new stamp, then the pointer, then what nobody reads any more goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from gremlin_python.process.traversal import P

from linkage.errors import LinkageError, StoreError
from linkage.stores.base import Publication
from linkage.stores.gremlin import directory, rows
from linkage.stores.gremlin.directory import Directory, Entry
from linkage.stores.gremlin.documents import document, remove_of_run
from linkage.stores.gremlin.ids import Ids, bucket
from linkage.stores.gremlin.merging import Edge, Vertex, merge_edges, merge_vertices
from linkage.stores.gremlin.session import Session, chunks, g

_RINGS_AT_ONCE = 50
Triple = tuple[str, str, str]


def publish(session: Session, ids: Ids, publication: Publication) -> None:
    """Writes the publication; a reader sees the run before or this one, and a failure leaves that before."""
    stands = directory.pointed(session, ids)
    base = _base(session, ids, stands, publication.run.run_id)
    made = _directory(publication, base)
    _require_rings(publication, made)
    _attempt(session, ids, made.stamp)
    try:
        directory.write(session, ids, made)
        _write(session, ids, publication, made, base)
        directory.point(session, ids, stands, made.stamp)
    except LinkageError:
        with suppress(LinkageError):  # the first error is the one to tell; what is left the next run removes
            if directory.pointed(session, ids) != made.stamp:
                _remove(session, ids, made.stamp, kept=False)
        raise
    _clean(session, ids, made)


def _base(session: Session, ids: Ids, stands: str, run_id: str) -> Directory | None:
    """Returns the state that the run follows: not its own, where it is published again."""
    if not stands:
        return None
    current = directory.read(session, ids, stands)
    if current.run_id != run_id:
        return current
    return directory.read(session, ids, current.before) if current.before else None


def _directory(publication: Publication, base: Directory | None) -> Directory:
    known = dict(base.rings) if base else {}
    stamp = directory.new_stamp(publication.run.run_id, len(known.keys() | {one.ring_id for one in publication.rings}))
    filled = {member.ring_id for member in publication.members}
    rings = {name: Entry(one.stamp, one.status, one.score, name in filled) for name, one in known.items()}
    for one in publication.rings:
        rings[one.ring_id] = Entry(stamp, one.status.value, one.score, one.ring_id in filled)
    runs = (base.runs if base else {}) | {publication.run.run_id: stamp}
    return Directory(stamp, base.stamp if base else "", runs, rings)


def _require_rings(publication: Publication, made: Directory) -> None:
    named = {one.ring_id for one in publication.members} | {one.ring_id for one in publication.events}
    missing = len(named - made.rings.keys())
    if missing:
        raise StoreError(f"{missing} rings that members or events name are such as the store does not hold")


def _attempt(session: Session, ids: Ids, stamp: str) -> None:
    """Notes the stamp before anything is written under it, so that what is left of a failure can be found."""
    vertex = ids.of("Attempt", stamp)
    merge_vertices(session, [Vertex(vertex, "Attempt", {"name": stamp, "bucket": bucket("Attempt", vertex)})])


def _write(session: Session, ids: Ids, publication: Publication, made: Directory, base: Directory | None) -> None:
    stamp, run = made.stamp, publication.run
    merge_vertices(session, [document(ids, "Run", stamp, [], rows.run_values(run))])
    merge_vertices(session, [_ring(ids, one.ring_id) for one in publication.rings])
    merge_vertices(
        session,
        [
            document(ids, "RingVersion", stamp, [one.ring_id], rows.ring_values(one) | {"run": run.run_id}, one.ring_id)
            for one in publication.rings
        ],
    )
    merge_edges(
        session,
        ids,
        [
            Edge(
                ids.of("Account", one.account_id),
                ids.of("Ring", one.ring_id),
                "MEMBER_OF",
                rows.member_values(one) | {"stamp": stamp},
                told=("stamp",),
            )
            for one in publication.members
        ],
    )
    _write_stays(session, ids, made, base, {(m.ring_id, m.account_id, m.role.value) for m in publication.members})
    merge_vertices(
        session,
        [
            document(
                ids,
                "RingEvent",
                stamp,
                [one.run_id, one.ring_id, one.event.value, one.other_ring_id],
                rows.event_values(one),
                one.ring_id,
            )
            for one in publication.events
        ],
    )
    merge_vertices(
        session,
        [
            document(
                ids,
                "Conflict",
                stamp,
                [one.decision_id, one.said],
                {"run": one.run_id, "decision_id": one.decision_id, "said": one.said},
            )
            for one in publication.conflicts
        ],
    )


def _ring(ids: Ids, ring_id: str) -> Vertex:
    vertex = ids.of("Ring", ring_id)
    return Vertex(vertex, "Ring", {"name": ring_id, "bucket": bucket("Ring", vertex)})


def _write_stays(session: Session, ids: Ids, made: Directory, base: Directory | None, now: set[Triple]) -> None:
    """Writes who came into a ring in a role with this run, and who is no longer in it so."""
    before = {
        (row["ring_id"], row["account_id"], row["role"])
        for row in (members(session, ids, base.stamp, base.filled()) if base else [])
    }
    documents = []
    for label, triples in (("Stay", now - before), ("StayEnd", before - now)):
        for ring_id, account_id, role in sorted(triples):
            values = {"ring_id": ring_id, "account_id": account_id, "role": role, "run": made.run_id}
            documents.append(document(ids, label, made.stamp, [ring_id, account_id, role], values, ring_id))
    merge_vertices(session, documents)


def members(session: Session, ids: Ids, stamp: str, ring_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Returns the values of the memberships of rings under a stamp."""
    wanted = [ids.of("Ring", ring_id) for ring_id in ring_ids]
    return [
        row
        for part in chunks(wanted, _RINGS_AT_ONCE)
        for row in session.rows("read members", g.V(*part).in_e("MEMBER_OF").has("stamp", stamp).value_map())
    ]


def _clean(session: Session, ids: Ids, made: Directory) -> None:
    """Removes what no reader may still be reading: all but the documents of runs, of all states but the last two."""
    with suppress(StoreError):  # the run is published; what is left the next one removes
        attempts = session.rows("find attempts", g.V().has("bucket", P.within(["Attempt/0"])).values("name"))
        for stamp in attempts:
            if stamp not in (made.stamp, made.before):
                _remove(session, ids, stamp, kept=stamp in made.runs.values())


def _remove(session: Session, ids: Ids, stamp: str, *, kept: bool) -> None:
    """Removes memberships and directory of a stamp, and its documents unless they are `kept` as history."""
    for found in directory.read_all(session, ids, [stamp]):
        rings: Sequence[Any] = [ids.of("Ring", ring_id) for ring_id in found.filled()]
        for part in chunks(rings, _RINGS_AT_ONCE):
            session.rows("drop members", g.V(*part).in_e("MEMBER_OF").has("stamp", stamp).drop())
    if not kept:
        remove_of_run(session, stamp)
    session.rows("drop directory", g.V(*directory.vertices(ids, stamp)).drop())
    session.rows("drop attempt", g.V(ids.of("Attempt", stamp)).drop())

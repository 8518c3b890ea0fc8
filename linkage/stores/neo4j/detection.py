"""Components and communities of links, found by Cypher inside Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from linkage.errors import StoreError
from linkage.stores.neo4j.session import Row, Session

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


def has_gds(session: Session) -> bool:
    """Returns whether the server has the graph algorithms."""
    try:
        return bool(session.read("detect/find_gds_version"))
    except StoreError as error:
        if error.transient:
            raise
        return False


def components(session: Session, *, gds: bool) -> pa.Table:
    """Returns account_id, component: numbers from 0 in the order of each component's first account id."""
    if gds:
        rows = _projected(session, lambda graph: session.write("detect/stream_components", graph=graph))
    else:
        rows = session.read("detect/list_components")
    return _table(rows, "component")


def communities(session: Session, resolution: float) -> pa.Table:
    """Returns account_id, component, community: Leiden communities (modularity), numbered likewise."""

    def found(graph: str) -> tuple[list[Row], list[Row]]:
        return (
            session.write("detect/stream_components", graph=graph),
            session.write("detect/stream_communities", graph=graph, resolution=resolution),
        )

    parts, groups = _projected(session, found, ([], []))
    table = _table(groups, "community")
    return table.add_column(1, "component", _table(parts, "component").column("component"))


def _projected(session: Session, task: Callable[[str], Any], none: Any = ()) -> Any:
    """Returns what the task finds on a projection of the links, which is dropped whatever happens.

    Projections live in the memory of one server, so all of this goes where writes go.
    """
    graph = f"linkage-{uuid4().hex}"
    try:
        projected = session.write("detect/project_links", graph=graph)
        found = task(graph) if projected and projected[0]["nodes"] else none
    except BaseException:
        with suppress(StoreError):  # the first error is the one to tell
            session.write("detect/drop_projection", graph=graph)
        raise
    session.write("detect/drop_projection", graph=graph)
    return found


def _table(rows: Iterable[Row], name: str) -> pa.Table:
    import pyarrow as pa

    ordered = sorted(rows, key=lambda row: row["account_id"])
    numbers: dict[Any, int] = {}
    values = [numbers.setdefault(row[name], len(numbers)) for row in ordered]
    return pa.table(
        {
            "account_id": pa.array([row["account_id"] for row in ordered], pa.string()),
            name: pa.array(values, pa.int64()),
        }
    )

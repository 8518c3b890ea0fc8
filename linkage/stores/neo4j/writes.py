"""Loading: accounts, identifiers, uses and links, merged in ordered batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError
from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.kinds import KINDS
from linkage.queries import names
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.batches import batches, in_seconds, link_batches
from linkage.stores.neo4j.session import Session

if TYPE_CHECKING:
    import pyarrow as pa

LABELS = {kind.name: kind.label for kind in KINDS}
REMOVE_ROWS = 50_000
INDEX_SECONDS = 600


def prepare(session: Session) -> None:
    """Makes constraints and indexes and waits until they are online."""
    for name in names():
        if name.startswith("schema/"):
            session.write(name)
    session.read("maintain/await_indexes", seconds=INDEX_SECONDS)


def load(session: Session, graph: GraphTables) -> None:
    """Merges a graph: nodes first, so that every use finds both of its ends."""
    _merge(session, "load/merge_accounts", graph.accounts, accounts_schema(), ["id"])
    _merge(session, "load/merge_identifiers", graph.identifiers, identifiers_schema(), ["key"])
    uses = (in_seconds(table) for table in graph.uses)
    _merge(session, "load/merge_uses", uses, in_seconds(uses_schema().empty_table()).schema, ["account_id", "key"])


def replace_links(session: Session, links: Iterable[pa.Table], run_id: str) -> None:
    """Merges links stamped with the run, then removes those of other runs."""
    query = "load/merge_links"
    for table in links:
        for rows in link_batches(table, links_schema()):
            check(query, len(rows), session.write(query, rows=rows, run=run_id)[0]["rows"])
    while session.write("load/remove_links", run=run_id, limit=REMOVE_ROWS)[0]["rows"]:
        pass


def remove_uses(session: Session, uses: Iterable[pa.Table]) -> None:
    """Removes uses in batches, then what they leave without a reason to be there."""
    for table in uses:
        for begin in range(0, table.num_rows, REMOVE_ROWS):
            session.write("maintain/remove_uses", rows=table.slice(begin, REMOVE_ROWS).to_pylist())
    while session.write("maintain/remove_unused", limit=REMOVE_ROWS)[0]["rows"]:
        pass


def _merge(session: Session, query: str, tables: Iterable[pa.Table], schema: pa.Schema, order: Sequence[str]) -> None:
    for table in tables:
        for rows in batches(table, schema, order):
            if "kind" in schema.names:
                _label(rows)
            merged = session.write(query, rows=rows)[0]["rows"]
            check(query, len(rows), merged)


def _label(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["kind"] not in LABELS:
            raise StoreError(f"«{row['kind']}» is no kind of identifier; known are {', '.join(LABELS)}")
        row["label"] = LABELS[row["kind"]]


def check(query: str, given: int, written: int) -> None:
    """StoreError unless all rows were written: one that names an unknown node is left out by the query."""
    if given != written:
        raise StoreError(
            f"{given - written} of {given} rows for {query} name accounts, identifiers or rings that the store "
            "does not hold; load the facts into it first"
        )

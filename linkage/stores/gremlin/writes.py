"""Loading: accounts, identifiers, uses and links, merged in ordered batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import P
from gremlin_python.statics import long

from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.kinds import BY_NAME
from linkage.stores.base import GraphTables
from linkage.stores.gremlin.batches import BATCH_ROWS, PROPERTIES, Row, batches, value
from linkage.stores.gremlin.ids import Ids, bucket_groups, digest
from linkage.stores.gremlin.merging import (
    Vertex,
    drop_edges,
    held_edges,
    merge_edge_rows,
    merge_rows,
    merge_vertices,
)
from linkage.stores.gremlin.rows import link_body
from linkage.stores.gremlin.session import Session, chunks, g

if TYPE_CHECKING:
    import pyarrow as pa

_SEEN = ("first_seen", "last_seen")
_OF_ACCOUNTS = (
    "created_at", "plan", "country", "email_domain", "organization", PROPERTIES["label"], *_SEEN, "starts", "breadth",
)  # fmt: skip
_LINK_ENDS = ("account_a", "account_b")
_LONE = BY_NAME["prompt"].name


def load(session: Session, ids: Ids, graph: GraphTables) -> None:
    """Merges a graph: vertices first, so that every use finds both of its ends."""
    for table in graph.accounts:
        for rows in batches(table, accounts_schema(), ["id"]):
            merge_rows(session, ids, "Account", rows, _OF_ACCOUNTS)
    for table in graph.identifiers:
        for rows in batches(table, identifiers_schema(), ["key"]):
            merge_rows(session, ids, "Identifier", rows, ("place", *_SEEN))
    for table in graph.uses:
        for rows in batches(table, uses_schema(), ["account_id", "key"]):
            merge_edge_rows(
                session, ids, "USED", rows, lambda row: _use(ids, row), ("account_id", "ekey"), ("days", *_SEEN)
            )


def _use(ids: Ids, row: Row) -> tuple[Any, Any]:
    return ids.of("Account", row.names[0]), ids.of("Identifier", row.names[1])


def replace_links(session: Session, ids: Ids, links: Iterable[pa.Table]) -> None:
    """Makes the links those that are given: new ones are made, others are changed, and the rest goes.

    They come account by account, so that what an account no longer has is known when its links have come.
    """
    done: set[Any] = set()
    for rows in _by_account(links):
        held = merge_edge_rows(
            session,
            ids,
            "LINKED",
            rows,
            lambda row: (ids.of("Account", row.names[0]), ids.of("Account", row.names[1])),
            _LINK_ENDS,
            _SEEN,
        )
        given = {(ids.of("Account", a), ids.of("Account", b)) for a, b in (row.names for row in rows)}
        drop_edges(session, "LINKED", [pair for pair in held if pair not in given and pair[0] not in done], held)
        done |= {out for out, _ in given}
    for group in bucket_groups("Account"):
        outs = session.rows("find links", g.V().has("bucket", P.within(group)).where(__.out_e("LINKED").limit(1)).id_())
        for part in chunks([value(out) for out in outs if out not in done], BATCH_ROWS):
            held = held_edges(session, "LINKED", part)
            drop_edges(session, "LINKED", list(held), held)


def _by_account(links: Iterable[pa.Table]) -> Iterator[list[Row]]:
    """Yields links in batches, those of an account together, as far as its links lie together."""
    waiting: list[Row] = []
    rows = (row for table in links for part in batches(table, links_schema(), list(_LINK_ENDS)) for row in part)
    for _, group in groupby(map(_with_body, rows), key=lambda row: row.names[0]):
        waiting += group
        if len(waiting) >= BATCH_ROWS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _with_body(row: Row) -> Row:
    body = link_body(dict(zip(_LINK_ENDS, row.names, strict=True)) | row.values)
    return Row(row.names, row.values | {"body": body}, digest(row.names, (body,)))


def remove_uses(session: Session, ids: Ids, uses: Iterable[pa.Table]) -> None:
    """Removes uses in batches, each with the identifiers that it leaves without a reason to be there."""
    for table in uses:
        for begin in range(0, table.num_rows, BATCH_ROWS):
            part = table.slice(begin, BATCH_ROWS)
            names = zip(part.column("account_id").to_pylist(), part.column("key").to_pylist(), strict=True)
            pairs = [(ids.of("Account", account), ids.of("Identifier", key)) for account, key in names]
            held = held_edges(session, "USED", list({account: None for account, _ in pairs}))
            drop_edges(session, "USED", [pair for pair in pairs if pair in held], held)
            _remove_unused(session, list({key: None for _, key in pairs}))


def _remove_unused(session: Session, keys: Sequence[Any]) -> None:
    """Removes those of the identifiers that nobody uses, and prompts of one account."""
    users = __.in_e("USED").limit(2).count()
    asked = g.V(*keys).project("i", "k", "n").by(__.id_()).by("kind").by(users)
    found = session.rows("find unused", asked)
    unused = [value(row["i"]) for row in found if row["n"] < (2 if row["k"] == _LONE else 1)]
    if unused:
        session.rows("drop unused", g.V(*unused).drop())


def mark_loaded(session: Session, ids: Ids, load_number: int) -> None:
    """Notes that the store holds all loads through this one whole."""
    values = {"name": "load", "number": long(load_number)}
    merge_vertices(session, [Vertex(ids.of("Current", "load"), "Current", values)])

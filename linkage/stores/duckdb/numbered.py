"""The whole graph with numbers in place of ids, for a store that is filled in bulk.

An account's number is its place in the table of accounts, an identifier's its place in that of identifiers, both from
0. Uses are made range by range of keys, so that tens of millions of them need neither a sort nor much memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from linkage.model.graph import accounts_schema, identifiers_schema, numbered_uses_schema
from linkage.stores.base import GraphTables
from linkage.stores.duckdb import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

RANGE_NODES = 500_000
"""Identifiers of one range: with five uses each, a few hundred megabytes at most."""
BATCH_ROWS = 200_000

_NODES = f"""
CREATE OR REPLACE TEMP TABLE node AS
SELECT (row_number() OVER (ORDER BY i.key) - 1)::INTEGER AS identifier, i.key FROM identifier i WHERE {sql.NODE}
"""

_BOUNDS = "SELECT key FROM node WHERE identifier % $step = 0 ORDER BY key"

_RANGE = """
CREATE OR REPLACE TEMP TABLE piece AS
SELECT u.account, n.identifier, u.key, min(u.block) AS block, max(u.block) AS last_block, bit_or(u.days) AS days,
    sum(u.requests)::BIGINT AS requests, min(u.first_minute) FILTER (u.first_minute >= 0) AS first_minute,
    max(u.last_minute) FILTER (u.last_minute >= 0) AS last_minute
FROM use u JOIN (FROM node WHERE key BETWEEN $low AND $high) n ON n.key = u.key
WHERE u.key BETWEEN $low AND $high
GROUP BY u.account, n.identifier, u.key
"""

_SEEN = f"p.requests, {sql.time_of('p.first_minute')} AS first_seen, {sql.time_of('p.last_minute')} AS last_seen"

_PIECE = f"""
SELECT p.account, p.identifier, {sql.days_of("p.block", "p.days")} AS days, {_SEEN}
FROM piece p WHERE p.block = p.last_block
UNION ALL
SELECT p.account, p.identifier, d.days, {_SEEN}
FROM piece p JOIN (
    SELECT u.account, u.key, {sql.all_days("u.block", "u.days")} AS days
    FROM use u SEMI JOIN (FROM piece WHERE block <> last_block) q ON q.account = u.account AND q.key = u.key
    GROUP BY u.account, u.key) d ON d.account = p.account AND d.key = p.key
"""
"""The days of a use within one block are read off its mask; few uses span several, and only these need lists."""

Connect = Callable[[], "duckdb.DuckDBPyConnection"]


def numbered_graph(connect: Connect) -> GraphTables:
    """Returns the whole graph; each table is made when it is asked for, on a connection of its own."""
    return GraphTables(
        _table(connect, sql.ACCOUNT_ROWS + " ORDER BY a.account", accounts_schema()),
        _table(connect, sql.IDENTIFIER_ROWS + " ORDER BY i.key", identifiers_schema()),
        _uses(connect),
    )


def _table(connect: Connect, query: str, schema: pa.Schema) -> Iterator[pa.Table]:
    con = connect()
    yield from _batches(con, query, schema)
    con.close()


def _uses(connect: Connect) -> Iterator[pa.Table]:
    con = connect()
    con.execute(_NODES)
    lows = [row[0] for row in con.execute(_BOUNDS, {"step": RANGE_NODES}).fetchall()]
    for low, high in zip(lows, [*(key - 1 for key in lows[1:]), 2**64 - 1], strict=False):  # no bounds, no range
        con.execute(_RANGE, {"low": low, "high": high})
        yield from _batches(con, _PIECE, numbered_uses_schema())
    con.execute("DROP TABLE node")
    con.execute("DROP TABLE IF EXISTS piece")
    con.close()


def _batches(con: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema) -> Iterator[pa.Table]:
    import pyarrow as pa

    for batch in con.sql(query).to_arrow_reader(BATCH_ROWS):
        yield pa.Table.from_batches([batch]).cast(schema)

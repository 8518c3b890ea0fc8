"""Old uses that are no longer kept: what nobody has used for long says nothing about anybody.

A use goes as a whole, once its last time is too long ago; one without a time stays. All uses of some accounts are
spared: those of terminated ones and of those labelled abuse, which are the ghosts that link the next head of the
hydra, and those of accounts that the caller names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from linkage.derive.weigh import weigh

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH_ROWS = 50_000

_SPARED = """
CREATE OR REPLACE TEMP TABLE spared AS
SELECT account FROM account WHERE status = 'terminated' OR list_contains($named, id)
UNION
SELECT account FROM label GROUP BY account HAVING arg_max(label, (moment IS NOT NULL, moment, label)) = 'abuse'
"""

_OLD = """
CREATE OR REPLACE TEMP TABLE old AS
SELECT account, key FROM use ANTI JOIN spared USING (account)
GROUP BY account, key HAVING min(last_minute) >= 0 AND max(last_minute) < $before
"""


def mark_old(con: duckdb.DuckDBPyConnection, before: int, spared: Sequence[str]) -> int:
    """Notes for this connection which uses ended before the minute `before`; returns how many."""
    con.execute(_SPARED, {"named": list(spared)})
    con.execute(_OLD, {"before": before})
    return int(con.execute("SELECT count(*) FROM old").fetchall()[0][0])


def old_uses(con: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    """Yields account_id and key of the uses that were marked, by both."""
    import pyarrow as pa

    query = "SELECT id AS account_id, printf('%016x', key) AS key FROM old JOIN account USING (account) ORDER BY ALL"
    for batch in con.sql(query).to_arrow_reader(BATCH_ROWS):
        yield pa.Table.from_batches([batch])


def forget(con: duckdb.DuckDBPyConnection, before: int) -> None:
    """Removes the uses that were marked and the sessions of the same age, and weighs what is left."""
    for table in ("once", "often"):
        con.execute(f"DELETE FROM {table} USING old WHERE {table}.account = old.account AND {table}.key = old.key")
    con.execute("DELETE FROM sealed WHERE key NOT IN (SELECT key FROM use)")
    con.execute(
        "DELETE FROM activity WHERE list_max(ends) < ? AND account NOT IN (SELECT account FROM spared)", [before]
    )
    weigh(con)

"""A working file without some accounts and identifiers: as if they had never been loaded.

Whatever holds neither is brought over as it is. Accounts are numbered anew in the order that they had, so that what is
derived is what a load of the facts that are left derives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from linkage.derive.weigh import weigh
from linkage.working import BEFORE

if TYPE_CHECKING:
    import duckdb

_WHOLE = ("source", "run", "event")
_OF_ACCOUNTS = ("account", "label", "activity")
_USES = ("once", "often")
_OF_KEYS = ("listed_place", "sealed")
_BY_ID = ("member", "stay")
_RINGS = ("ring", "ring_version")

_KEPT = f"""
CREATE TEMP TABLE kept AS
SELECT account AS was, (row_number() OVER (ORDER BY account) - 1)::INTEGER AS account
FROM {BEFORE}.account ANTI JOIN gone_ids USING (id)
"""

_SHRUNK = f"""
CREATE TEMP TABLE shrunk AS
SELECT m.ring_id, r.run_id, count(*)::INTEGER AS fewer
FROM {BEFORE}.member m JOIN {BEFORE}.ring r USING (ring_id)
SEMI JOIN gone_ids g ON g.id = m.account_id
WHERE m.role <> 'bystander'
GROUP BY ALL
"""


def erase(con: duckdb.DuckDBPyConnection, ids: Sequence[str], keys: Sequence[str], decisions: Sequence[str]) -> None:
    """Fills the new file of `WorkingFile.rewrite` with all but what is of these accounts, these identifiers (keys of 16
    hex digits), and of conflicts with these decisions; then weighs what is left."""
    import pyarrow as pa

    con.register("gone_ids", pa.table({"id": pa.array(ids, pa.string())}))
    con.register("gone_keys", pa.table({"key": pa.array([int(key, 16) for key in keys], pa.uint64())}))
    con.register("gone_decisions", pa.table({"decision_id": pa.array(decisions, pa.string())}))
    con.execute(_KEPT)
    con.execute(_SHRUNK)
    con.execute("DELETE FROM meta")
    for table in ("meta", *_WHOLE):
        con.execute(f"INSERT INTO {table} FROM {BEFORE}.{table}")
    for table in (*_OF_ACCOUNTS, *_USES):
        passed_over = "ANTI JOIN gone_keys USING (key)" if table in _USES else ""
        con.execute(
            f"INSERT INTO {table} SELECT k.account, t.* EXCLUDE (account) FROM {BEFORE}.{table} t "
            f"JOIN kept k ON k.was = t.account {passed_over} {'ORDER BY k.account' if table == 'account' else ''}"
        )
    for table in _OF_KEYS:
        con.execute(f"INSERT INTO {table} FROM {BEFORE}.{table} WHERE key IN (SELECT key FROM use)")
    for table in _BY_ID:
        con.execute(f"INSERT INTO {table} FROM {BEFORE}.{table} ANTI JOIN gone_ids ON id = account_id")
    for table in _RINGS:
        con.execute(
            f"INSERT INTO {table} SELECT r.* REPLACE (r.size - coalesce(s.fewer, 0) AS size) FROM {BEFORE}.{table} r "
            "LEFT JOIN shrunk s ON s.ring_id = r.ring_id AND s.run_id = r.run_id"
        )
    con.execute(f"INSERT INTO conflict FROM {BEFORE}.conflict ANTI JOIN gone_decisions USING (decision_id)")
    con.execute(
        f"INSERT INTO link SELECT a.account, b.account, l.* EXCLUDE (a, b) FROM {BEFORE}.link l "
        "JOIN kept a ON a.was = l.a JOIN kept b ON b.was = l.b"
    )
    con.execute("DROP TABLE kept; DROP TABLE shrunk")
    for view in ("gone_ids", "gone_keys", "gone_decisions"):
        con.unregister(view)
    weigh(con)

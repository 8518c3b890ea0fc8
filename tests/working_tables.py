"""The raw worlds of `oracle` as tables of a working file, for the steps that work on its columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from linkage.derive.aggregate import Uses
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.working.incidence import READ_ORDER
from linkage.working.schema import ensure_schema
from linkage.working.uses import UseWriter
from linkage.working.vectors import Vectors

DAY = 1440


def connect() -> duckdb.DuckDBPyConnection:
    """Returns an empty working file in memory."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    ensure_schema(con, "memory")
    return con


def sessions(starts: list[int]) -> list[int]:
    """Returns those minutes that start a session if nothing else happened than these."""
    ordered = sorted(starts)
    return [now for at, now in enumerate(ordered) if at == 0 or now - ordered[at - 1] > 30]


def fill(
    con: duckdb.DuckDBPyConnection,
    accounts: list[dict[str, Any]],
    uses: list[dict[str, Any]],
    later: Sequence[dict[str, Any]] = (),
) -> None:
    """Writes a raw world; accounts are numbered as they come, and their starts are all that they did.

    A second load brings the uses of `later`.
    """
    number = {one["id"]: at for at, one in enumerate(accounts)}
    tenant = {one["id"]: one.get("organization") for one in accounts}
    insert(
        con,
        "account (account, hash, id, status, organization, load)",
        [(at, at, name, "active", tenant[name], 1) for name, at in number.items()],
    )
    labels = [(number[one["id"]], one["label"], 1) for one in accounts if one.get("label")]
    insert(con, "label (account, label, load)", labels)
    active = [
        (number[one["id"]], one["starts"], one["starts"], len(one["starts"]), 1) for one in accounts if one["starts"]
    ]
    insert(con, "activity", active)
    for load, given in ((1, uses), (2, later)):
        write_uses(con, [row for use in given for row in _rows(use, number)], load)
    places = {int(use["key"], 16): use["place"] for use in uses if use["place"]}
    insert(con, "listed_place", [(key, PLACE_CODES[Place(place)]) for key, place in places.items()])


def _rows(use: dict[str, Any], number: dict[str, int]) -> list[tuple[int, ...]]:
    """Returns the rows of a use, one a block of 64 days; a use without a known day has one of its own."""
    blocks: dict[int, list[int]] = defaultdict(list)
    for day in use["days"]:
        blocks[day // 64].append(day)
    head = number[use["account_id"]], int(use["key"], 16), BY_NAME[use["kind"]].code
    if not blocks:
        return [(*head, -1, 0, 1, -1, -1)]
    return [
        (*head, block, sum(1 << day % 64 for day in days), len(days), min(days) * DAY, max(days) * DAY)
        for block, days in blocks.items()
    ]


def write_uses(con: duckdb.DuckDBPyConnection, rows: list[tuple[int, ...]], load: int) -> None:
    """Writes rows of (account, key, kind, block, days, requests, first minute, last minute)."""
    names = Uses.__slots__
    kinds = (np.int32, np.uint64, np.uint8, np.int16, np.uint64, np.int64, np.int32, np.int32)
    columns = (np.array([row[at] for row in rows], kind) for at, kind in enumerate(kinds))
    UseWriter(con, load).write(Uses(**dict(zip(names, columns, strict=True))))


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Writes rows to a table, or to columns of it: `name` or `name (column, …)`."""
    if not rows:
        return
    names = [f"c{at}" for at in range(len(rows[0]))]
    columns = {name: pa.array([row[at] for row in rows]) for at, name in enumerate(names)}
    con.register("inserted", pa.table(columns))
    con.execute(f"INSERT INTO {table} SELECT {', '.join(names)} FROM inserted")
    con.unregister("inserted")


def by_thing(shared: dict[str, Any], kind: Any, place: Any, millibits: Any) -> Vectors:
    """Returns rows of (account, identifier, block, days), in any order, as the vectors of an incidence.

    `kind`, `place` and `millibits` are those of the identifiers, of which some may be worth nothing.
    """
    order = np.lexsort((-millibits, np.where(millibits > 0, READ_ORDER[kind], 9)))[: np.count_nonzero(millibits > 0)]
    number = np.full(len(millibits), len(order))
    number[order] = np.arange(len(order))
    thing = number[shared["identifier"]]
    rows = np.lexsort((shared["block"], shared["account"], thing))[: np.count_nonzero(thing < len(order))]
    size = np.bincount(thing[rows], minlength=len(order)).astype(np.int32)
    of_things = {"kind": kind[order], "place": place[order], "millibits": millibits[order], "size": size}
    return of_things | {name: shared[name][rows] for name in ("account", "block", "days")}

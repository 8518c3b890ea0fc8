"""A part of the facts, absorbed on its own where it lies, and later included in a load (see `Absorber.include`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from linkage.derive.absorb import Absorber
from linkage.derive.places import PlaceLists
from linkage.derive.sealer import Sealer
from linkage.keys import Keyring
from linkage.working.erased import Erased
from linkage.working.schema import ensure_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from linkage.derive.held import PromptKeys

_TABLES = {
    "account": "SELECT id FROM account ORDER BY account",
    "use": "SELECT account, key, kind, block, days, requests, first_minute, last_minute FROM use",
    "activity": "SELECT account, starts, ends, requests FROM activity",
    "listed_place": "SELECT key, place FROM listed_place",
    "sealed": "SELECT key, value FROM sealed",
}
TABLES = tuple(_TABLES)
"""Accounts are numbered as they come in the part."""


def absorb_part(
    batches: Iterable[tuple[pa.RecordBatch, PromptKeys | None]],
    keyring: Keyring,
    places: PlaceLists,
    erased: Erased,
    *,
    seal: bool,
) -> tuple[dict[str, pa.Table], int]:
    """Returns what clean batches of requests come to, as tables, and how many erased values were passed over."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as con:
        ensure_schema(con, "a part of the facts")
        absorber = Absorber(con, keyring, places, 1, None, Sealer(con, keyring, 1) if seal else None, erased)
        for batch, prompts in batches:
            absorber.absorb("requests", batch, prompts)
        absorber.finish()
        return {name: con.sql(query).to_arrow_table() for name, query in _TABLES.items()}, absorber.passed_over

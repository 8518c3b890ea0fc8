"""The export job: the current run as the four tables of the facts format, for other tools."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkage.errors import InputError, NotFound
from linkage.jobs.explain import explainer
from linkage.jobs.site import Site
from linkage.link.rows import evidence_schema
from linkage.model.rings import Member, Ring, RingEvent
from linkage.stores.base import Store

FORMATS = ("parquet", "csv")
NDJSON = "ndjson"
"""A format for other services: a line of JSON for each row, times as ISO 8601."""
TABLES = ("rings", "members", "links", "events")
_TIME = pa.timestamp("us", tz="UTC")
_ALL = 10_000_000
_PAIRS_AT_ONCE = 50_000

_RINGS = pa.schema(
    [
        ("ring_id", pa.string()),
        ("status", pa.string()),
        ("size", pa.int64()),
        ("score", pa.float64()),
        ("first_seen", _TIME),
        ("last_seen", _TIME),
        ("operator_id", pa.string()),
        ("campaign_id", pa.string()),
        ("facets", pa.string()),
        ("context", pa.string()),
        ("requests", pa.int64()),
    ]
)
_MEMBERS = pa.schema(
    [
        ("ring_id", pa.string()),
        ("account_id", pa.string()),
        ("role", pa.string()),
        ("bits", pa.float64()),
        ("weakest_facet", pa.string()),
        ("since", _TIME),
    ]
)
_EVENTS = pa.schema(
    [
        ("at", _TIME),
        ("run_id", pa.string()),
        ("ring_id", pa.string()),
        ("event", pa.string()),
        ("other_ring_id", pa.string()),
    ]
)


def export(site: Site, folder: Path, form: str = "parquet", names: Sequence[str] = TABLES) -> dict[str, int]:
    """Writes the named tables of the current run into the folder; returns the rows of each.

    Tables are written beside and put in place together at the end. Lists are joined by a space.
    """
    if form not in (*FORMATS, NDJSON):
        raise InputError(f"«{form}» is no format of an export: use {' or '.join((*FORMATS, NDJSON))}")
    with site.open() as store:
        if store.current_run() is None:
            raise NotFound(f"nothing is published in {store.url}: run `linkage detect` first")
        tables = {name: _MAKERS[name](site, store) for name in names}
    _write(folder, tables, form)
    return {name: table.num_rows for name, table in tables.items()}


def _rings(store: Store) -> list[Ring]:
    rings: list[Ring] = []
    while page := store.rings(1000, rings[-1].ring_id if rings else None):
        rings += page
    return sorted(rings, key=lambda ring: ring.ring_id)


def _event_order(event: RingEvent) -> tuple[str, str, str, str]:
    return event.run_id, event.ring_id, event.event.value, event.other_ring_id


def _table(records: Sequence[Ring] | Sequence[Member] | Sequence[RingEvent], schema: pa.Schema) -> pa.Table:
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for record in records:
        for field in fields(record):
            columns[field.name].append(_plain(getattr(record, field.name)))
    return pa.table(columns, schema=schema)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(str(_plain(one)) for one in value)
    return value.value if isinstance(value, Enum) else value


def _links(site: Site, store: Store) -> pa.Table:
    """Returns the evidence of all links inside rings."""
    parts = [part for ring in _rings(store) for part in _links_of(site, store, ring.ring_id)]
    table = pa.concat_tables(parts) if parts else evidence_schema().empty_table()
    order = [(name, "ascending") for name in ("account_a", "account_b", "facet", "kind", "identifier")]
    return table.sort_by(order)


def _links_of(site: Site, store: Store, ring_id: str) -> Iterator[pa.Table]:
    import pandas as pd

    members = [member.account_id for member in store.members(ring_id, _ALL) if member.role.value != "bystander"]
    inside = set(members)
    links = [one for one in store.ring_links(ring_id, _ALL) if one.account_a in inside and one.account_b in inside]
    if not links:
        return
    explain = explainer(store, members, site.settings)
    for at in range(0, len(links), _PAIRS_AT_ONCE):
        some = links[at : at + _PAIRS_AT_ONCE]
        pairs = pd.DataFrame([(one.account_a, one.account_b) for one in some], columns=["account_a", "account_b"])
        yield pa.Table.from_pandas(explain.rows(pairs), schema=evidence_schema(), preserve_index=False)


_MAKERS: dict[str, Callable[[Site, Store], pa.Table]] = {
    "rings": lambda _, store: _table(_rings(store), _RINGS),
    "members": lambda _, store: _table(store.all_members(), _MEMBERS),
    "links": _links,
    "events": lambda _, store: _table(sorted(store.events(limit=_ALL), key=_event_order), _EVENTS),
}


def _write(folder: Path, tables: dict[str, pa.Table], form: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    try:
        for name, table in tables.items():
            _write_table(table, aside / f"{name}.{form}", form)
        for name in tables:
            for other in (*FORMATS, NDJSON):
                (folder / f"{name}.{other}").unlink(missing_ok=True)
            (aside / f"{name}.{form}").replace(folder / f"{name}.{form}")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_table(table: pa.Table, path: Path, form: str) -> None:
    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, path, compression="zstd")
    elif form == NDJSON:
        import orjson

        with path.open("wb") as file:
            for batch in table.to_batches(_PAIRS_AT_ONCE):
                option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
                file.writelines(orjson.dumps(row, option=option) for row in batch.to_pylist())
    else:
        import pyarrow.csv as pc

        pc.write_csv(table, path)

"""The export job: the current run as the four tables of the facts format, for other tools."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkage.errors import InputError, NotFound
from linkage.jobs.decisions import holding
from linkage.jobs.explain import explainer
from linkage.jobs.site import Site
from linkage.jobs.tables import FORMATS, NDJSON, require_format, write_table
from linkage.jobs.unchanged import INPUT, input_digest
from linkage.link import listing
from linkage.link.rows import evidence_schema
from linkage.model.rings import Member, Ring, RingEvent, Role
from linkage.read import is_url, local_path, send
from linkage.stores.base import Capability, Store

TABLES = ("rings", "members", "links", "events")
_TIME = pa.timestamp("us", tz="UTC")
_ALL = 10_000_000
_ACCOUNTS_AT_ONCE = 1000

Pair = tuple[str, str]

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


def export(site: Site, folder: Path | str, form: str = "parquet", names: Sequence[str] = TABLES) -> dict[str, int]:
    """Writes the named tables of the current run into the folder, at a path or URL; returns the rows of each.

    Tables are written beside (for a URL: on this machine) and put in place together at the end. Lists are joined by a
    space.
    """
    require_format(form)
    url = str(folder) if is_url(str(folder)) else ""
    with site.open() as store:
        if store.current_run() is None:
            raise NotFound(f"nothing is published in {store.url}: run `linkage detect` first")
        path = None if url else _folder(local_path(folder))
        aside = Path(tempfile.mkdtemp(prefix=".export-", dir=path))
        try:
            rows = {}
            for name in names:
                schema, make = _MAKERS[name]
                rows[name] = write_table(make(site, store), schema, aside / f"{name}.{form}", form)
            made = {f"{name}.{form}": aside / f"{name}.{form}" for name in names}
            gone = {f"{name}.{other}" for name in names for other in (*FORMATS, NDJSON)} - set(made)
            if path is None:
                send(url, made, sorted(gone))
            else:
                _put(path, made, gone)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return rows


def _folder(path: Path) -> Path:
    """Returns a folder that is there, made where it was not; InputError where it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path} is no folder that can be written to: {error.strerror}") from error
    return path


def _put(folder: Path, made: Mapping[str, Path], gone: Collection[str]) -> None:
    for name, path in made.items():
        path.replace(folder / name)
    for name in gone:
        (folder / name).unlink(missing_ok=True)


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


def _links(site: Site, store: Store) -> Iterator[pa.Table]:
    """Yields the evidence of the links inside each ring, ring by ring."""
    members: dict[str, list[str]] = {ring.ring_id: [] for ring in _rings(store)}
    for member in store.all_members([Role.CORE, Role.MEMBER]):
        if member.ring_id in members:
            members[member.ring_id].append(member.account_id)
    if _holds_the_run(site, store):
        with site.working.read() as con:
            yield from listing(con, site.settings, list(members.values()))
    else:
        for ring_id, accounts in members.items():
            yield from _asked(site, store, _pairs(store, ring_id, set(accounts)))


def _pairs(store: Store, ring_id: str, inside: set[str]) -> list[Pair]:
    """Returns the linked pairs of a ring's members, in order."""
    links = store.ring_links(ring_id, _ALL)
    return sorted((one.account_a, one.account_b) for one in links if {one.account_a, one.account_b} <= inside)


def _holds_the_run(site: Site, store: Store) -> bool:
    """Whether the working file holds what the current run was made of, so that nothing has to be asked for."""
    if Capability.EMBEDDED in store.capabilities:
        return True
    run = store.current_run()
    if run is None or not site.working.exists:
        return False
    return run.settings.get(INPUT) == input_digest(site, holding(store, run.started))


def _asked(site: Site, store: Store, pairs: Sequence[Pair]) -> Iterator[pa.Table]:
    """Yields the evidence of pairs from the store, of so many accounts at once as fit in memory."""
    import pandas as pd

    begin, accounts = 0, set[str]()
    for at, pair in enumerate([*pairs, None]):
        if pair is None or len(accounts.union(pair)) > _ACCOUNTS_AT_ONCE:
            some = pd.DataFrame(pairs[begin:at], columns=["account_a", "account_b"])
            rows = explainer(store, sorted(accounts), site.settings).rows(some)
            yield pa.Table.from_pandas(rows, schema=evidence_schema(), preserve_index=False)
            begin, accounts = at, set()
        accounts.update(pair or ())


_MAKERS: dict[str, tuple[pa.Schema, Callable[[Site, Store], Iterable[pa.Table]]]] = {
    "rings": (_RINGS, lambda _, store: [_table(_rings(store), _RINGS)]),
    "members": (_MEMBERS, lambda _, store: [_table(store.all_members(), _MEMBERS)]),
    "links": (evidence_schema(), _links),
    "events": (_EVENTS, lambda _, store: [_table(sorted(store.events(limit=_ALL), key=_event_order), _EVENTS)]),
}

"""Rows of Neo4j to the records of the model and to Arrow tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from linkage.model.history import Stay
from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.model.rings import Account, Event, Identifier, Link, Member, Ring, RingEvent, RingStatus, Role, Run, Use
from linkage.stores.neo4j.session import Row

if TYPE_CHECKING:
    import pyarrow as pa


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROLES = {role.value: role for role in Role}
_FACETS = {facet.value: facet for facet in Facet}


def when(value: Any) -> datetime | None:
    """Returns the driver's time as a datetime in UTC."""
    if value is None:
        return None
    moment: datetime = value.to_native()
    return moment.astimezone(UTC)


def moment(micros: int | None) -> datetime | None:
    """Returns the time so many microseconds after 1970."""
    return None if micros is None else _EPOCH + timedelta(0, 0, micros)


def account(values: Sequence[Any]) -> Account:
    """Returns an account from the values of one in the row of `serve/list_accounts`."""
    name, created, status, plan, country, domain, tenant, label, first, last, requests, ring_id, role = values
    times = moment(created), moment(first), moment(last)
    known = plan, country, domain, tenant, label
    return Account(name, times[0], status, *known, *times[1:], requests, ring_id, _ROLES[role] if role else None)


def use(values: Sequence[Any]) -> Use:
    """Returns a use from the values of one in the row of `serve/list_uses`."""
    key, kind, place, degree, bits, first, last, days, requests = values
    return Use(key, kind, BY_NAME[kind].facet, place, degree, bits, _at(first), _at(last), days, requests)


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else _EPOCH + timedelta(0, seconds)


def identifier(row: Row) -> Identifier:
    """Returns an identifier from a row of `serve/list_identifiers`."""
    return Identifier(**{**row, **_seen(row), "facet": Facet(row["facet"])})


def link(row: Row) -> Link:
    """Returns a link from a row of `serve/list_links`."""
    return Link(
        account_a=row["account_a"],
        account_b=row["account_b"],
        bits=row["bits"],
        facets={facet: row[facet.value] for facet in FACETS},
        grade=row["grade"],
        **_seen(row),
    )


def ring(row: Row) -> Ring:
    """Returns a ring from a row of `serve/list_given_rings`."""
    facets = tuple(Facet(name) for name in row["facets"])
    return Ring(**{**row, **_seen(row), "status": RingStatus(row["status"]), "facets": facets})


def member(ring_id: str, account_id: str, role: str, bits: float, weakest: str | None, since: int | None) -> Member:
    """Returns a member from the values of one in a row of `serve/list_members` or `serve/list_all_members`."""
    return Member(ring_id, account_id, _ROLES[role], bits, _FACETS[weakest] if weakest else None, moment(since))


def stay(row: Row) -> Stay:
    """Returns a stay from a row of `serve/list_stays`."""
    return Stay(**{**row, "role": Role(row["role"])})


def event(row: Row) -> RingEvent:
    """Returns an event from a row of `serve/list_events`."""
    return RingEvent(**{**row, "at": when(row["at"]), "event": Event(row["event"])})


def run(row: Row) -> Run:
    """Returns a run from a row of `serve/find_current_run` or `serve/list_runs`."""
    started, finished = row["started"].to_native(), row["finished"].to_native()
    return Run(
        run_id=row["run_id"],
        started=started.astimezone(UTC),
        finished=finished.astimezone(UTC),
        settings=json.loads(row["settings"]),
        counts=json.loads(row["counts"]),
    )


def _seen(row: Row) -> dict[str, datetime | None]:
    return {name: when(row[name]) for name in ("first_seen", "last_seen")}


def table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Returns rows, whose values are in the order of the schema and whose times are microseconds, as a table."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [
        pa.array(column, _wire(field.type)).cast(field.type) for column, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _wire(kind: pa.DataType) -> pa.DataType:
    """Returns the type in which values of a column arrive."""
    import pyarrow as pa

    return pa.int64() if pa.types.is_timestamp(kind) else kind


def by_offset(moment: datetime) -> datetime:
    """Returns a moment in UTC, by offset; one without a zone is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

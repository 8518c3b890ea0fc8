"""Values of a Gremlin store to the records of the model and to Arrow tables, and times to values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gremlin_python.statics import long

from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import Account, Event, Identifier, Link, Member, Ring, RingEvent, RingStatus, Role, Run, Use
from linkage.stores.gremlin.batches import PROPERTIES
from linkage.stores.tables import LIST_DELIMITER

if TYPE_CHECKING:
    import pyarrow as pa

Values = Mapping[str, Any]  # values come from the server; what is not known is not there
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
ROLES = {role: at for at, role in enumerate(Role)}
"""Core, then members, then bystanders."""


def when(microseconds: int | None) -> datetime | None:
    """Returns a time of the store as a datetime in UTC."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def micros(moment: datetime | None) -> Any:
    """Returns a moment as the store keeps it; one without a zone is UTC."""
    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return long((aware - _EPOCH) // _MICROSECOND)


def known(values: Values) -> dict[str, Any]:
    """Returns what is known of the values, as it is sent."""
    return {name: long(value) if type(value) is int else value for name, value in values.items() if value is not None}


def _seen(row: Values) -> dict[str, Any]:  # datetime | None, which mypy does not tell from the other fields
    return {name: when(row.get(name)) for name in ("first_seen", "last_seen")}


def account(row: Values, ring_id: str | None, role: Role | None) -> Account:
    """Returns an account from the values of its vertex."""
    texts = ("plan", "country", "email_domain", "organization")
    return Account(
        account_id=row["name"],
        created_at=when(row.get("created_at")),
        status=row["status"],
        requests=row["requests"],
        ring_id=ring_id,
        role=role,
        label=row.get(PROPERTIES["label"]),
        **{name: row.get(name) for name in texts},
        **_seen(row),
    )


def identifier(row: Values) -> Identifier:
    """Returns an identifier from the values of its vertex."""
    return Identifier(**_thing(row), **_seen(row))


def use(thing: Values, used: Values) -> Use:
    """Returns a use from the values of its identifier and of its edge."""
    days = used["days"].count(LIST_DELIMITER) + 1 if used.get("days") else 0
    return Use(**_thing(thing), **_seen(used), days=days, requests=used["requests"])


def _thing(row: Values) -> dict[str, Any]:
    return {
        "key": row["name"],
        "kind": row["kind"],
        "facet": Facet(row["facet"]),
        "place": row.get("place"),
        "degree": row["degree"],
        "bits": row["bits"],
    }


LINK = ("account_a", "account_b", "bits", *(facet.value for facet in FACETS), "grade", "first_seen", "last_seen")


def link_body(values: Values) -> str:
    """Returns all values of a link as one text: readers take hundreds of links of a ring at once.

    The values stand on their edge one by one as well, for queries by hand.
    """
    return json.dumps([values.get(name) for name in LINK], separators=(",", ":"))


def link_values(body: str) -> dict[str, Any]:
    """Returns the values of a link from its text."""
    return dict(zip(LINK, json.loads(body), strict=True))


def link(body: str) -> Link:
    """Returns a link from its text."""
    row = link_values(body)
    facets = {facet: row[facet.value] for facet in FACETS}
    return Link(row["account_a"], row["account_b"], row["bits"], facets, row["grade"], **_seen(row))


def member(row: Values) -> Member:
    """Returns a member from the values of its edge."""
    weakest = Facet(row["weakest_facet"]) if row.get("weakest_facet") else None
    return Member(row["ring_id"], row["account_id"], Role(row["role"]), row["bits"], weakest, when(row.get("since")))


def member_values(one: Member) -> dict[str, Any]:
    """Returns the values of a member's edge."""
    weakest = one.weakest_facet.value if one.weakest_facet else None
    ends = {"ring_id": one.ring_id, "account_id": one.account_id}
    return known(
        ends | {"role": one.role.value, "bits": one.bits, "weakest_facet": weakest, "since": micros(one.since)}
    )


def ring(row: Values) -> Ring:
    """Returns a ring from the values of its version."""
    facets = tuple(Facet(name) for name in row["facets"].split(LIST_DELIMITER) if name)
    plain = ("ring_id", "size", "score", "operator_id", "campaign_id", "context", "requests")
    return Ring(status=RingStatus(row["status"]), facets=facets, **{name: row[name] for name in plain}, **_seen(row))


def ring_values(one: Ring) -> dict[str, Any]:
    """Returns the values of a ring's version."""
    return known(
        {
            "ring_id": one.ring_id,
            "status": one.status.value,
            "size": one.size,
            "score": one.score,
            "first_seen": micros(one.first_seen),
            "last_seen": micros(one.last_seen),
            "operator_id": one.operator_id,
            "campaign_id": one.campaign_id,
            "facets": LIST_DELIMITER.join(facet.value for facet in one.facets),
            "context": one.context,
            "requests": one.requests,
        }
    )


def event(row: Values) -> RingEvent:
    """Returns an event from the values of its vertex."""
    return RingEvent(when(row.get("at")), row["run"], row["ring_id"], Event(row["event"]), row["other"])


def event_values(one: RingEvent) -> dict[str, Any]:
    """Returns the values of an event's vertex."""
    ends = {"ring_id": one.ring_id, "other": one.other_ring_id, "run": one.run_id}
    return known(ends | {"at": micros(one.at), "event": one.event.value})


def run(row: Values) -> Run:
    """Returns a run from the values of its vertex."""
    started, finished = (_EPOCH + timedelta(microseconds=row[name]) for name in ("started", "finished"))
    return Run(row["run"], started, finished, json.loads(row["settings"]), json.loads(row["counts"]))


def run_values(one: Run) -> dict[str, Any]:
    """Returns the values of a run's vertex."""
    return {
        "run": one.run_id,
        "started": micros(one.started),
        "finished": micros(one.finished),
        "settings": json.dumps(one.settings, sort_keys=True),
        "counts": json.dumps(one.counts, sort_keys=True),
    }


def table(found: Iterable[Values], schema: pa.Schema, names: Mapping[str, str] | None = None) -> pa.Table:
    """Returns the values of vertices or edges as a table; `names` are of columns that the store calls otherwise."""
    import pyarrow as pa

    rows = list(found)
    arrays = []
    for field in schema:
        name = (names or {}).get(field.name, field.name)
        arrays.append(_column([row.get(name) for row in rows], field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    if pa.types.is_list(kind):
        made = float if pa.types.is_floating(kind.value_type) else int
        return pa.array([[made(one) for one in text.split(LIST_DELIMITER)] if text else [] for text in values], kind)
    return pa.array(values, kind)

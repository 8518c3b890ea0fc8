"""A small world in a real embedded store: three rings and some strangers, with known figures.

Ring `ring-a` has 10 core, 100 members and 10 bystanders; `ring-b` and `ring-c` have five members each and
equal scores. Neighbours in a ring are linked by a card and the template of their prompts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import working_tables as tables

from linkage.jobs.site import Site
from linkage.model.kinds import BY_NAME, Facet
from linkage.model.rings import Event, Member, Ring, RingEvent, RingStatus, Role, Run
from linkage.settings import Settings
from linkage.stores.base import Publication
from linkage.working.vectors import Vectors, write_vectors

ACCOUNTS = 150
DAY = 20_000
MINUTE = DAY * 1440
WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
RINGS = {"ring-a": range(120), "ring-b": range(120, 125), "ring-c": range(125, 130)}
SCORES = {"ring-a": 900.5, "ring-b": 120.0, "ring-c": 120.0}


def account_id(number: int) -> str:
    """Returns the id of an account of the world."""
    return f"acct-{number:03d}"


def build(folder: Path, run_id: str = "run-1") -> Site:
    """Returns the site of the world, made in `folder`."""
    site = Site(Settings(store=f"duckdb:{folder / 'world.duckdb'}"))
    with site.working.lock():
        with site.working.write() as con:
            for table, rows in _tables().items():
                if table == "use":
                    tables.write_uses(con, rows, load=1)
                else:
                    _insert(con, table, rows)
            write_vectors(con, _incidence(_tables()))
        publish(site, run_id)
    return site


def publish(site: Site, run_id: str) -> None:
    """Publishes the three rings as a run."""
    with site.open() as store:
        store.publish(Publication(run(run_id), rings(), members(), events(run_id)))


def run(run_id: str) -> Run:
    """Returns the run."""
    counts = {"accounts": ACCOUNTS, "rings": 3, "members": 120, "traffic": 1, "chance": 0.0}
    return Run(run_id, WHEN, WHEN, settings={"link_margin": 4.0}, counts=counts)


def rings() -> list[Ring]:
    """Returns the three rings."""
    return [
        Ring(
            ring_id=ring_id,
            status=RingStatus.ACTIVE,
            size=sum(member.role != Role.BYSTANDER for member in members() if member.ring_id == ring_id),
            score=SCORES[ring_id],
            first_seen=WHEN,
            last_seen=WHEN,
            operator_id="op-1",
            campaign_id="",
            facets=(Facet.PAYMENT, Facet.CONTENT),
            context="",
            requests=3_000_000_000,
        )
        for ring_id in RINGS
    ]


def members() -> list[Member]:
    """Returns the members of all rings."""
    return [
        Member(ring_id, account_id(number), _role(ring_id, number), 40.0 - number % 7, Facet.CONTENT, WHEN)
        for ring_id, numbers in RINGS.items()
        for number in numbers
    ]


def _role(ring_id: str, number: int) -> Role:
    if ring_id != "ring-a":
        return Role.MEMBER
    return Role.CORE if number < 10 else Role.BYSTANDER if number >= 110 else Role.MEMBER


def events(run_id: str) -> list[RingEvent]:
    """Returns an event for each ring."""
    return [RingEvent(WHEN, run_id, ring_id, Event.FORMED) for ring_id in RINGS]


def _tables() -> dict[str, list[tuple[Any, ...]]]:
    card, prompt = BY_NAME["payment"].code, BY_NAME["prompt"].code
    pairs = [(a, a + 1) for numbers in RINGS.values() for a in numbers[:-1]]
    things = [(1 + at, card, 2, pair) for at, pair in enumerate(pairs)]
    things += [(1_000 + at, prompt, len(numbers), tuple(numbers)) for at, numbers in enumerate(RINGS.values())]
    return {
        "account": [_account(number) for number in range(ACCOUNTS)],
        "habit": [(number, [MINUTE], [0] * 6, 7, MINUTE, MINUTE + 60, 0, number) for number in range(ACCOUNTS)],
        "identifier": [
            (at, key, kind, 0, degree, degree, 9_000 if kind == card else 5_000, MINUTE, MINUTE)
            for at, (key, kind, degree, _) in enumerate(things)
        ],
        "use": [
            (user, key, kind, DAY // 64, 1 << DAY % 64, 3, MINUTE, MINUTE + 5)
            for key, kind, _, users in things
            for user in users
        ],
        "link": [(a, b, 14_000, 0, 9_000, 5_000, 0, 0, 0, 0, MINUTE, MINUTE) for a, b in pairs],
    }


def _incidence(made: dict[str, list[tuple[Any, ...]]]) -> Vectors:
    """Returns who used each thing, in the order of things."""
    number = {row[1]: row[0] for row in made["identifier"]}
    uses = sorted((number[row[1]], row[0], row[3], row[4]) for row in made["use"])
    things = made["identifier"]
    return {
        "kind": np.array([row[2] for row in things], np.uint8),
        "place": np.zeros(len(things), np.uint8),
        "millibits": np.array([row[6] for row in things], np.int32),
        "size": np.array([row[4] for row in things], np.int32),
        "account": np.array([row[1] for row in uses], np.int32),
        "block": np.array([row[2] for row in uses], np.int16),
        "days": np.array([row[3] for row in uses], np.uint64),
    }


def _account(number: int) -> tuple[Any, ...]:
    made = datetime(2026, 1, 1)  # noqa: DTZ001 - the working file keeps UTC without a zone
    return (number, number, account_id(number), made, "active", "pro", "DE", None, None, 1)


def _insert(con: Any, table: str, rows: list[tuple[Any, ...]]) -> None:  # a DuckDB connection
    schema = con.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    con.register("rows", pa.table(columns, names=schema.names))
    con.execute(f"INSERT INTO {table} SELECT * FROM rows")
    con.unregister("rows")

"""Rings as they are published: what their accounts are and did, read from the working file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.publish import RingFacts
from linkage.rank import FoundRing
from linkage.rank.layers import Layers, Rare, contexts, ring_of
from linkage.working.incidence import Incidence

if TYPE_CHECKING:
    import duckdb

_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def describe(
    con: duckdb.DuckDBPyConnection, incidence: Incidence, rare: Rare, rings: Sequence[FoundRing], dormant_days: int
) -> list[RingFacts]:
    """Returns the facts of each ring; one sleeps whose accounts were not seen for so many days."""
    if not rings:
        return []
    layers = Layers.of(rare, ring_of(rings, incidence.accounts))
    context = contexts(incidence, rings)
    known = _accounts_of(con, rings)
    last = con.execute("SELECT max(last_minute) FROM habit").fetchall()[0][0]
    awake = -1 if last is None else last - dormant_days * _MINUTES
    return [
        _facts(ring, known, int(layers.operator[number]), int(layers.campaign[number]), context[number], awake)
        for number, ring in enumerate(rings)
    ]


def _accounts_of(con: duckdb.DuckDBPyConnection, rings: Sequence[FoundRing]) -> dict[int, tuple[Any, ...]]:
    import pyarrow as pa

    wanted = sorted({account for ring in rings for account in ring.accounts})
    con.register("wanted", pa.table({"ordinal": np.array(wanted, np.int32)}))
    rows = con.execute(
        "SELECT ordinal, id, requests, first_minute, last_minute, status FROM wanted JOIN habit USING (ordinal) "
        "JOIN account USING (account)"
    ).fetchall()
    con.unregister("wanted")
    return {row[0]: row[1:] for row in rows}


def _facts(
    ring: FoundRing, known: dict[int, tuple[Any, ...]], operator: int, campaign: int, context: str, awake: int
) -> RingFacts:
    """Returns the facts of a ring; it is awake if an account that is still active was seen from this minute on."""
    members = [known[account] for account in ring.members]
    return RingFacts(
        accounts=tuple(known[account][0] for account in ring.accounts),
        roles=ring.roles,
        bits=ring.bits,
        weakest=ring.weakest,
        score=ring.score,
        facets=ring.facets,
        operator=operator,
        campaign=campaign,
        context=context,
        requests=sum(member[1] for member in members),
        first_seen=_moment(min((member[2] for member in members if member[2] is not None), default=None)),
        last_seen=_moment(max((member[3] for member in members if member[3] is not None), default=None)),
        asleep=not any(member[4] == "active" and (member[3] or -1) >= awake for member in members),
    )


def _moment(minute: int | None) -> datetime | None:
    return None if minute is None or minute < 0 else _EPOCH + timedelta(minutes=minute)


def last_moment(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Returns the last minute at which any account was seen."""
    return _moment(con.execute("SELECT max(last_minute) FROM habit").fetchall()[0][0])

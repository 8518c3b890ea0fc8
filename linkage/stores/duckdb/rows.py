"""Rows of the embedded store to the records of the model."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from linkage.model.history import Stay
from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import (
    Account,
    Event,
    Identifier,
    Link,
    Member,
    Ring,
    RingEvent,
    RingStatus,
    Role,
    Run,
    Use,
)

Row = tuple[Any, ...]  # DuckDB returns rows without types


def account(row: Row, ring_id: str | None, role: str | None) -> Account:
    """Returns an account from a row of `sql.ACCOUNTS`."""
    account_id, created, status, plan, country, domain, organization, label, first, last, requests = row[:11]
    return Account(
        account_id,
        utc(created),
        status,
        plan,
        country,
        domain,
        organization,
        label,
        utc(first),
        utc(last),
        requests,
        ring_id=ring_id,
        role=Role(role) if role else None,
    )


def use(row: Row) -> Use:
    """Returns a use from a row of `sql.USES`."""
    key, kind, facet, place, degree, bits, first, last, days, requests = row
    return Use(key, kind, Facet(facet), place, degree, bits, utc(first), utc(last), days, requests)


def identifier(row: Row) -> Identifier:
    """Returns an identifier from a row of `sql.IDENTIFIERS`."""
    key, kind, facet, place, degree, bits, first, last = row
    return Identifier(key, kind, Facet(facet), place, degree, bits, utc(first), utc(last))


def link(row: Row) -> Link:
    """Returns a link from a row of `sql.LINK_ROWS`."""
    facets = dict(zip(FACETS, row[3 : 3 + len(FACETS)], strict=True))
    grade, first, last = row[3 + len(FACETS) :]
    return Link(row[0], row[1], row[2], facets, grade, utc(first), utc(last))


def ring(row: Row) -> Ring:
    """Returns a ring from a row of `sql.RING_COLUMNS`."""
    ring_id, status, size, score, first, last, operator, campaign, facets, context, requests = row
    backing = tuple(Facet(name) for name in facets)
    return Ring(
        ring_id,
        RingStatus(status),
        size,
        score,
        utc(first),
        utc(last),
        operator,
        campaign,
        backing,
        context,
        requests,
    )


def member(row: Row) -> Member:
    """Returns a member from ring_id, account_id, role, bits, weakest_facet, since."""
    ring_id, account_id, role, bits, weakest, since = row
    return Member(ring_id, account_id, Role(role), bits, Facet(weakest) if weakest else None, utc(since))


def stay(row: Row) -> Stay:
    """Returns a stay from ring_id, account_id, role, from_run, until_run."""
    ring_id, account_id, role, from_run, until_run = row
    return Stay(ring_id, account_id, Role(role), from_run, until_run)


def event(row: Row) -> RingEvent:
    """Returns an event from at, run_id, ring_id, event, other_ring_id."""
    at, run_id, ring_id, name, other = row
    return RingEvent(utc(at), run_id, ring_id, Event(name), other)


def run(row: Row) -> Run:
    """Returns a run from run_id, started, finished, settings, counts."""
    run_id, started, finished, settings, counts = row
    return Run(run_id, utc(started), utc(finished), json.loads(settings), json.loads(counts))


def utc(moment: Any) -> Any:
    """Returns a moment of the file, which keeps UTC without a zone, with its zone."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def naive(moment: datetime | None) -> datetime | None:
    """Returns the moment as the file keeps it: UTC, without a zone."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)

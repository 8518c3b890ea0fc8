"""The detect job: link, detect, rank and publish, as one run behind one pointer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.detect import communities, partition
from linkage.detect.partition import RESOLUTION
from linkage.errors import InputError
from linkage.jobs.ledger import kinship_of, past_rings, standing
from linkage.jobs.site import Site
from linkage.link import link
from linkage.model.columns import read_links
from linkage.model.reports import StepReport
from linkage.model.rings import Run
from linkage.publish import RingFacts, match, publication
from linkage.rank import FoundRing, select
from linkage.rank.layers import Layers, Rare, contexts, ring_of
from linkage.rank.succession import follow
from linkage.stores.base import Capability, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.working.incidence import Incidence, read_incidence

if TYPE_CHECKING:
    import duckdb

_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def detect(site: Site) -> list[StepReport]:
    """Finds rings among all that is loaded, and publishes them as one run."""
    started = datetime.now(UTC)
    with site.working.lock(), site.open() as store:
        _require_facts(site)
        site.progress.say("linking accounts")
        with site.working.write() as con:
            incidence = read_incidence(con)
            linked = link(con, incidence, site.settings)
        run_id = _next_run(store)
        if Capability.EMBEDDED not in store.capabilities:
            store.prepare()
            with DuckDBStore(site.working) as working:
                store.replace_links(working.link_table(), run_id)
        site.progress.say("finding rings")
        found = _find(site, store, incidence)
        return [linked, *found.reports, _publish(site, store, found, run_id, started, linked)]


class _Found:
    """Rings and all that is published of them."""

    def __init__(self, rings: list[RingFacts], at: datetime | None, accounts: int, traffic: bool) -> None:
        self.rings = rings
        self.at = at
        self.accounts = accounts
        self.traffic = traffic
        self.reports: list[StepReport] = []


def _require_facts(site: Site) -> None:
    if not site.working.exists:
        raise InputError(f"nothing is loaded in {site.settings.store}: run `linkage load DIR` first")


def _next_run(store: Store) -> str:
    current = store.current_run()
    number = int(current.run_id.removeprefix("run-")) + 1 if current else 1
    return f"run-{number:06d}"


def _find(site: Site, store: Store, incidence: Incidence) -> _Found:
    with site.working.read() as con:
        began = time.perf_counter()
        accounts = incidence.accounts
        links = read_links(con)
        own = _own_communities(store, con) if Capability.COMMUNITIES in store.capabilities else None
        community = partition(links, accounts, own)
        detected = StepReport(
            "detect",
            rows_in=len(links),
            rows_out=len(np.unique(community[community >= 0])),
            seconds=time.perf_counter() - began,
        )
        began = time.perf_counter()
        rings = select(
            con,
            incidence,
            links,
            community,
            lambda some: partition(some, accounts),
            lambda some: communities(some, accounts),
            site.settings,
        )
        rings = follow(con, incidence, rings)
        facts = _describe(con, incidence, rings, site.settings.dormant_days)
        found = _Found(facts, _last_moment(con), accounts, _has_traffic(con))
        ranked = StepReport("rank", rows_in=detected.rows_out, rows_out=len(facts), seconds=time.perf_counter() - began)
        found.reports += [detected, ranked]
        return found


def _own_communities(store: Store, con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Returns the communities that the store found, by account number."""
    con.register("found", store.communities(RESOLUTION))
    rows = con.execute("SELECT account, community FROM found JOIN account ON id = account_id").fetchnumpy()
    con.unregister("found")
    _, numbers = np.unique(rows["community"], return_inverse=True)
    return dict(zip(rows["account"].tolist(), numbers.tolist(), strict=True))


def _describe(
    con: duckdb.DuckDBPyConnection, incidence: Incidence, rings: Sequence[FoundRing], dormant_days: int
) -> list[RingFacts]:
    if not rings:
        return []
    layers = Layers.of(incidence, Rare.of(incidence), ring_of(rings, incidence.accounts))
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
    con.register("wanted", pa.table({"account": np.array(wanted, np.int32)}))
    rows = con.execute(
        "SELECT account, id, requests, first_minute, last_minute, status FROM wanted JOIN account USING (account) "
        "JOIN habit USING (account)"
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


def _last_moment(con: duckdb.DuckDBPyConnection) -> datetime | None:
    return _moment(con.execute("SELECT max(last_minute) FROM habit").fetchall()[0][0])


def _has_traffic(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT count(*) > 0 FROM activity").fetchall()[0][0])


def _publish(site: Site, store: Store, found: _Found, run_id: str, started: datetime, linked: StepReport) -> StepReport:
    began = time.perf_counter()
    before = standing(store)
    past = past_rings(store, before)
    members = [ring.members for ring in found.rings]
    ledger = match(members, [ring.asleep for ring in found.rings], past, kinship_of(site.working, members, past))
    flagged = sum(len(ring.members) for ring in found.rings)
    run = Run(
        run_id,
        started,
        datetime.now(UTC),
        settings={name: getattr(site.settings, name) for name in _PUBLISHED_SETTINGS},
        counts={
            "accounts": found.accounts,
            "links": linked.rows_out,
            "rings": len(found.rings),
            "members": flagged,
            "traffic": int(found.traffic),
            "chance": float(linked.counts["chance"]),
        },
    )
    store.publish(publication(run, found.at, found.rings, ledger, before))
    return StepReport(
        "publish",
        rows_out=len(found.rings),
        seconds=time.perf_counter() - began,
        counts={"run_id": run_id, "rings": len(found.rings), "members": flagged},
    )


_PUBLISHED_SETTINGS = (
    "link_margin",
    "facet_cap",
    "timing_cap",
    "facet_floor",
    "behaviour_floor",
    "ring_bits",
    "member_bits",
    "min_ring",
)

"""The detect job: link, detect, rank and publish, as one run behind one pointer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.detect import communities, partition
from linkage.detect.partition import RESOLUTION
from linkage.errors import InputError
from linkage.jobs.decisions import conflicts, holding, numbers_of, rejected_rings
from linkage.jobs.explain import CHANCE
from linkage.jobs.labels import honour_labels
from linkage.jobs.ledger import kinship_of, past_rings, standing
from linkage.jobs.site import Site
from linkage.jobs.unchanged import INPUT, PUBLISHED_SETTINGS, input_digest, nothing_to_do, unchanged_run
from linkage.link import link
from linkage.model.columns import read_links
from linkage.model.decisions import Decision
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.model.reports import StepReport
from linkage.model.rings import Member, Run
from linkage.publish import RingFacts, match, publication
from linkage.rank import FoundRing, select
from linkage.rank.decided import decide
from linkage.rank.habits import usual_uses
from linkage.rank.layers import Layers, Rare, contexts, ring_of
from linkage.rank.succession import follow
from linkage.stores.base import Capability, Publication, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.schema import read_chance

if TYPE_CHECKING:
    import duckdb

_MINUTES = 1440
_PLACES = {code: place.value for place, code in PLACE_CODES.items() if place is not Place.UNKNOWN}
_CROWDS = """
SELECT place, round(1 + arg_max(pow(2, millibits / 1000.0) * (peak - 1), millibits))
FROM identifier WHERE kind = ? AND peak > 1 AND millibits > 0 GROUP BY place ORDER BY place
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def detect(site: Site, *, again: bool = False) -> list[StepReport]:
    """Finds rings among all that is loaded, and publishes them as one run.

    Where nothing has changed since the current run it publishes nothing, unless it is to do so `again`.
    """
    started = datetime.now(UTC)
    with site.working.lock(), site.open() as store:
        require_facts(site)
        honour_labels(site, store, started)
        stands = unchanged_run(store, input_digest(site, holding(store, started)))
        if stands is not None and not again:
            return [nothing_to_do(stands)]
        linked, incidence = link_accounts(site)
        run_id = next_run(store)
        send_links(site, store, run_id)
        found = find(site, store, incidence)
        return [linked, *found.reports, publish(site, store, found, Plan(run_id, started), linked)]


@dataclass(frozen=True, slots=True)
class Found:
    """Rings and all that is published of them, with the reports of the steps that found them.

    `against`: decisions that were honoured although evidence says otherwise, and what it says. `usual`: among how
    many accounts addresses of a sort of place are rare (`crowd_PLACE`), and how many things of a facet an account
    uses that uses any (`usual_FACET`). `rare`: the uses that rings were found by, where they are still at hand.
    """

    rings: tuple[RingFacts, ...]
    at: datetime | None
    accounts: int
    traffic: bool
    reports: tuple[StepReport, ...]
    decisions: tuple[Decision, ...] = ()
    against: tuple[tuple[Decision, str], ...] = ()
    usual: Mapping[str, int | float] = field(default_factory=dict)
    rare: Rare | None = None


Guard = Callable[[Publication, Mapping[str, Mapping[str, Member]]], None]
"""Is shown what is about to be published, and the members of the rings that stand, by ring and account."""


@dataclass(frozen=True, slots=True)
class Plan:
    """As what a run is published: its id, when it began, counts and notes of its own, and who may refuse it."""

    run_id: str
    started: datetime
    counts: Mapping[str, int | float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    guard: Guard | None = None


def require_facts(site: Site) -> None:
    """Raises InputError where nothing was loaded yet."""
    if not site.working.exists:
        raise InputError(f"nothing is loaded in {site.settings.store}: run `linkage load DIR` first")


def link_accounts(site: Site) -> tuple[StepReport, Incidence]:
    """Makes the working file's table of links again; returns what it was made of too. The caller holds the lock."""
    site.progress.say("linking accounts")
    with site.working.write() as con:
        incidence = read_incidence(con)
        return link(con, incidence, site.settings), incidence


def send_links(site: Site, store: Store, run_id: str) -> None:
    """Brings the working file's links to a store that is not the working file itself, stamped with the run."""
    if Capability.EMBEDDED not in store.capabilities:
        store.prepare()
        with DuckDBStore(site.working) as working:
            store.replace_links(working.link_table(), run_id)


def next_run(store: Store) -> str:
    """Returns the id of the run that follows the current one."""
    current = store.current_run()
    number = int(current.run_id.removeprefix("run-")) + 1 if current else 1
    return f"run-{number:06d}"


def find(site: Site, store: Store, incidence: Incidence | None = None) -> Found:
    """Finds communities, judges them and describes the rings that they make; what is not given is read."""
    site.progress.say("finding rings")
    with site.working.read() as con:
        incidence = incidence or read_incidence(con)
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
        rare = Rare.of(incidence)
        rings = select(
            con,
            incidence,
            rare,
            links,
            community,
            lambda some: partition(some, accounts),
            lambda some: communities(some, accounts),
            site.settings,
        )
        decisions = holding(store, datetime.now(UTC))
        rings = follow(con, rare, rings)
        decided = decide(rings, decisions, numbers_of(con, decisions), site.settings.min_ring)
        facts = _describe(con, incidence, rare, decided.rings, site.settings.dormant_days)
        ranked = StepReport("rank", rows_in=detected.rows_out, rows_out=len(facts), seconds=time.perf_counter() - began)
        return Found(
            tuple(facts),
            _last_moment(con),
            accounts,
            _has_traffic(con),
            (detected, ranked),
            tuple(decisions),
            tuple(decided.against),
            _crowds(con) | usual_uses(incidence),
            rare,
        )


def _own_communities(store: Store, con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Returns the communities that the store found, by account number."""
    con.register("found", store.communities(RESOLUTION))
    rows = con.execute("SELECT account, community FROM found JOIN account ON id = account_id").fetchnumpy()
    con.unregister("found")
    _, numbers = np.unique(rows["community"], return_inverse=True)
    return dict(zip(rows["account"].tolist(), numbers.tolist(), strict=True))


def _describe(
    con: duckdb.DuckDBPyConnection, incidence: Incidence, rare: Rare, rings: Sequence[FoundRing], dormant_days: int
) -> list[RingFacts]:
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


def _crowds(con: duckdb.DuckDBPyConnection) -> dict[str, int | float]:
    """Returns among how many accounts the addresses of each sort of place are rare, as their bits tell."""
    rows = con.execute(_CROWDS, [BY_NAME["ip"].code]).fetchall()
    return {f"crowd_{_PLACES[place]}": int(crowd) for place, crowd in rows if place in _PLACES}


def _chance(site: Site) -> str:
    with site.working.read() as con:
        return " ".join(map(repr, read_chance(con)))


def _has_traffic(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT count(*) > 0 FROM activity").fetchall()[0][0])


def publish(site: Site, store: Store, found: Found, plan: Plan, linked: StepReport) -> StepReport:
    """Names the rings found after those that stand, and publishes them as one run, unless the plan's guard refuses."""
    began = time.perf_counter()
    before = standing(store)
    past = past_rings(store, before)
    members = [ring.members for ring in found.rings]
    ledger = match(
        members, [ring.asleep for ring in found.rings], past, kinship_of(site.working, members, past, found.rare)
    )
    rejected = rejected_rings(found.decisions)
    sizes = {entry.ring_id: len(one) for entry, one in zip(ledger.found, members, strict=True)}
    told = conflicts(plan.run_id, found.against, rejected, sizes)
    kept = [size for ring_id, size in sizes.items() if ring_id not in rejected]
    run = Run(
        plan.run_id,
        plan.started,
        datetime.now(UTC),
        settings={name: getattr(site.settings, name) for name in PUBLISHED_SETTINGS}
        | {INPUT: input_digest(site, found.decisions), CHANCE: _chance(site)}
        | dict(plan.notes),
        counts={
            "accounts": found.accounts,
            "links": linked.rows_out,
            "rings": len(kept),
            "members": sum(kept),
            "decisions": len(found.decisions),
            "conflicts": len(told),
            "traffic": int(found.traffic),
            "chance": float(linked.counts["chance"]),
            **found.usual,
            **plan.counts,
        },
    )
    made = publication(run, found.at, found.rings, ledger, before, rejected)
    made = replace(made, conflicts=told)
    if plan.guard is not None:
        plan.guard(made, {ring_id: one for ring_id, (_, one) in before.items()})
    store.publish(made)
    return StepReport(
        "publish",
        rows_out=len(kept),
        seconds=time.perf_counter() - began,
        counts={"run_id": plan.run_id, "rings": len(kept), "members": sum(kept), "conflicts": len(told)},
    )

"""What a page tells of the current run, gathered from the store in reads that do not grow with its rings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linkage.errors import NotFound
from linkage.explore import Belonging, Cases, Cohesion
from linkage.model.rings import Event, Evidence, Member, Ring, RingEvent, Run
from linkage.report.charts import Bar, Line, bars, line, waterfall
from linkage.report.picture import Picture, picture
from linkage.stores.base import Store

LARGEST = 5
NEWEST = 5
MEMBERS = 10
THINGS = 8
EVENTS = 100
RUNS = 60
_KNOWN_EVENTS = 5000

Explain = Callable[[Store, Sequence[tuple[str, str]]], Sequence[Evidence | None]]
"""Says why the accounts of each pair are linked."""

_TRENDS = (
    ("rings", "rings", False),
    ("accounts in rings", "members", False),
    ("links", "links", False),
    ("accounts", "accounts", False),
    ("rows of facts in a night", "rows", False),
    ("rejected rows in a night", "rejected", False),
    ("churn", "churn", True),
)


@dataclass(frozen=True, slots=True)
class RingPage:
    """A ring as the page shows it; `example` explains its strongest link, `weakest` its weakest member."""

    ring: Ring
    why: str
    picture: Picture
    members: list[Member]
    events: list[RingEvent]
    example: Evidence | None
    waterfall: list[Bar]
    case: Cohesion | None
    weakest: Belonging | None


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page of a run tells. `rejects` are (table, column, reason, rows), `score` what a truth says."""

    run: Run
    store: str
    runs: int
    events: list[RingEvent]
    event_counts: dict[str, int]
    trends: list[Line]
    rows: list[Run]
    contexts: list[Bar]
    rings: list[RingPage]
    rejects: list[tuple[str, str, str, int]] = field(default_factory=list)
    score: Mapping[str, Any] | None = None


def gather(
    store: Store,
    explain: Explain,
    rejects: Sequence[tuple[str, str, str, int]] = (),
    score: Mapping[str, Any] | None = None,
    cases: Cases | None = None,
) -> Content:
    """Returns the content of the current run; NotFound before the first."""
    run = store.current_run()
    if run is None:
        raise NotFound(f"nothing is published in {store.url}: run `linkage detect` first")
    runs = store.runs(RUNS)
    rings = _rings(store)
    known = store.events(limit=_KNOWN_EVENTS)
    events = [event for event in known if event.run_id == run.run_id]
    return Content(
        run=run,
        store=store.url,
        runs=len(runs),
        events=events[:EVENTS],
        event_counts=dict(Counter(event.event.value for event in events)),
        trends=_trends(runs),
        rows=runs,
        contexts=_contexts(rings),
        rings=[_page(store, explain, cases, ring, why) for ring, why in _chosen(rings, known)],
        rejects=list(rejects),
        score=score,
    )


def _rings(store: Store) -> list[Ring]:
    rings: list[Ring] = []
    while page := store.rings(1000, rings[-1].ring_id if rings else None):
        rings += page
    return rings


def _trends(runs: Sequence[Run]) -> list[Line]:
    found = []
    for title, name, share in _TRENDS:
        values = [float(run.counts[name]) for run in reversed(runs) if name in run.counts]
        if values:
            found.append(line(title, values, share=share))
    return found


def _contexts(rings: Sequence[Ring]) -> list[Bar]:
    number = Counter(ring.context or "none that is known" for ring in rings)
    accounts: Counter[str] = Counter()
    for ring in rings:
        accounts[ring.context or "none that is known"] += ring.size
    ordered = sorted(number, key=lambda name: (-accounts[name], name))
    return bars([(name, accounts[name], f"{number[name]:,}") for name in ordered])


def _chosen(rings: Sequence[Ring], events: Sequence[RingEvent]) -> list[tuple[Ring, str]]:
    """Returns the largest rings and those formed last, each once, with why they are shown."""
    standing = {ring.ring_id: ring for ring in rings}
    largest = sorted(rings, key=lambda ring: (-ring.size, ring.ring_id))[:LARGEST]
    shown = {ring.ring_id: "one of the largest" for ring in largest}
    formed = [event for event in events if event.event in (Event.FORMED, Event.SPLIT) and event.ring_id in standing]
    for event in formed[:NEWEST]:
        new = f"new in {event.run_id}"
        shown[event.ring_id] = f"{shown[event.ring_id]}, {new}" if event.ring_id in shown else new
    return [(standing[ring_id], why) for ring_id, why in shown.items()]


def _page(store: Store, explain: Explain, cases: Cases | None, ring: Ring, why: str) -> RingPage:
    members = store.members(ring.ring_id, MEMBERS)
    example = _example(store, explain, members)
    case = cases.ring(store, ring.ring_id) if cases else None
    weakest = cases.member(store, case.weakest[0].account_id) if cases and case and case.weakest else None
    return RingPage(
        ring=ring,
        why=why,
        picture=picture(store, ring.ring_id),
        members=members,
        events=store.events(ring.ring_id, limit=MEMBERS),
        example=example,
        waterfall=waterfall(example) if example else [],
        case=case,
        weakest=weakest,
    )


def _example(store: Store, explain: Explain, members: Sequence[Member]) -> Evidence | None:
    """Returns why the strongest link of the ring's strongest accounts is one."""
    inside = {member.account_id for member in members}
    links = [link for some in store.links_of(sorted(inside), MEMBERS).values() for link in some]
    within = [link for link in links if link.account_a in inside and link.account_b in inside] or links
    if not within:
        return None
    best = max(within, key=lambda link: (link.bits, link.account_a, link.account_b))
    return explain(store, [(best.account_a, best.account_b)])[0]

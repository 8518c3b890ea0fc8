"""Publishing what was found: rings named after those that stand, as one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from linkage.jobs.decisions import conflicts, rejected_rings
from linkage.jobs.explain import CHANCE
from linkage.jobs.finding import Found
from linkage.jobs.ledger import kinship_of, past_rings, standing
from linkage.jobs.site import Site
from linkage.jobs.unchanged import INPUT, PUBLISHED_SETTINGS, input_digest
from linkage.model.reports import StepReport
from linkage.model.rings import Member, Run
from linkage.publish import match, publication
from linkage.stores.base import Publication, Store
from linkage.working.schema import get_meta

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


def next_run(store: Store) -> str:
    """Returns the id of the run that follows the current one."""
    current = store.current_run()
    number = int(current.run_id.removeprefix("run-")) + 1 if current else 1
    return f"run-{number:06d}"


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
    rings = {entry.ring_id: set(one) for entry, one in zip(ledger.found, members, strict=True)}
    told = conflicts(plan.run_id, found.against, found.decisions, rings)
    kept = [len(one) for ring_id, one in rings.items() if ring_id not in rejected]
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


def _chance(site: Site) -> str:
    with site.working.read() as con:
        return get_meta(con, "chance") or ""

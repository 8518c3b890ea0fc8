"""Who stands at the sanity gate: what a night is about to do is held against what the nights before did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from linkage.errors import GateRefused
from linkage.jobs.night import inputs
from linkage.jobs.night.gate import CHURN, ENOUGH, MEMBERS, REJECTS, RINGS, ROWS, Gate
from linkage.jobs.night.journal import Journal
from linkage.jobs.site import Site
from linkage.model.rings import Member, Role
from linkage.stores.base import Publication, Store

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Keeper:
    """Judges facts and runs; `force` overrules it, which is noted in the journal and told with the run."""

    site: Site
    journal: Journal
    gate: Gate
    force: bool

    @property
    def forced(self) -> list[str]:
        """Returns the reasons that were overruled this night."""
        found: list[str] = self.journal.noted("forced", [])
        return found

    def facts(self, con: duckdb.DuckDBPyConnection, good: int, rejected: int) -> None:
        """Refuses facts of an unusual amount, or with unusually many rejects, before they are put in place."""
        before = inputs.loads(con, self.journal.noted("load_before"), self.site.settings.gate_runs)
        reasons = [
            self.gate.count(ROWS, good, [one.good for one in before]) if len(before) >= ENOUGH else None,
            self.gate.share(REJECTS, _share(rejected, good + rejected), good + rejected, [one.share for one in before]),
        ]
        self._pass("facts", reasons, "nothing of them was loaded")

    def run(self, store: Store, made: Publication, before: Mapping[str, Mapping[str, Member]]) -> None:
        """Refuses a run of unusually many or few rings or members, or in which too many accounts moved.

        It is given the share of those who moved, and the reasons that were overruled.
        """
        churn, stood = _churn(made, before), _stood(before)
        made.run.counts["churn"] = churn
        runs = [run.counts for run in store.runs(self.site.settings.gate_runs)]
        now = made.run.counts
        shares = [one["churn"] for one, before in pairwise(runs) if "churn" in one and before.get("members")]
        reasons = [
            self.gate.count(count, now[name], [one[name] for one in runs if name in one])
            for name, count in (("rings", RINGS), ("members", MEMBERS))
        ]
        reasons.append(self.gate.share(CHURN, churn, stood, shares))
        self._pass("run", reasons, "the last good run still stands")
        if self.forced:
            made.run.settings["forced"] = "; ".join(self.forced)

    def _pass(self, what: str, found: list[str | None], outcome: str) -> None:
        """Raises GateRefused if there are reasons and nobody overrules them."""
        reasons = [reason for reason in found if reason]
        if not reasons:
            return
        if not self.force:
            listed = "\n".join(f"  - {reason}" for reason in reasons)
            raise GateRefused(
                f"the sanity gate refused this night's {what}; {outcome}:\n{listed}\n"
                "look into it, and run the same command with --force if it is right",
                tuple(reasons),
            )
        for reason in reasons:
            self.site.progress.warn(f"forced through the gate: {reason}", reason=reason)
        self.journal.note("forced", sorted({*self.forced, *reasons}))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _churn(made: Publication, before: Mapping[str, Mapping[str, Member]]) -> float:
    """Returns the share of accounts that were in a ring and no longer are in the same one."""
    merged = {event.ring_id: event.other_ring_id for event in made.events if event.event.value == "merged"}
    home = {one.account_id: one.ring_id for one in made.members if one.role is not Role.BYSTANDER}
    moved = sum(
        home.get(one.account_id) not in (one.ring_id, merged.get(one.ring_id, one.ring_id))
        for ring in before.values()
        for one in ring.values()
        if one.role is not Role.BYSTANDER
    )
    return round(_share(moved, _stood(before)), 6)


def _stood(before: Mapping[str, Mapping[str, Member]]) -> int:
    """Returns how many accounts were in rings."""
    return sum(one.role is not Role.BYSTANDER for ring in before.values() for one in ring.values())

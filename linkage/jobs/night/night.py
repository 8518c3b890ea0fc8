"""The steps of a night, in their order, each finished once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from linkage.errors import GateRefused, LinkageError
from linkage.jobs.decisions import holding
from linkage.jobs.detect import link_accounts, send_links
from linkage.jobs.finding import Found, find
from linkage.jobs.labels import honour_labels
from linkage.jobs.load import load
from linkage.jobs.night import inputs
from linkage.jobs.night.changes import Told, write_changes
from linkage.jobs.night.gate import Gate
from linkage.jobs.night.journal import Journal
from linkage.jobs.night.keeper import Keeper
from linkage.jobs.night.kept import keep, kept
from linkage.jobs.night.metrics import write_metrics
from linkage.jobs.night.notify import Webhook
from linkage.jobs.parts import open_facts
from linkage.jobs.publishing import Plan, next_run, publish
from linkage.jobs.retention import due, refresh, remove_old
from linkage.jobs.site import Site
from linkage.jobs.unchanged import input_digest, unchanged_run
from linkage.model.reports import StepReport
from linkage.model.rings import Run
from linkage.stores.base import Capability, Store

Page = Callable[[Site, Store, Path], object]
"""Writes the report of the current run into a file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a night did: its run, the reports of its steps, what changed, what it wrote, and how it came about."""

    run: Run
    reports: list[StepReport]
    changes: dict[str, int]
    written: dict[str, str]
    resumed: list[str]
    forced: list[str]
    unchanged: bool

    @property
    def figures(self) -> dict[str, int | float]:
        """Returns the counts of the run, of one that stands but for the rows: those are what this night took in."""
        if not self.unchanged:
            return dict(self.run.counts)
        taken = next(report for report in self.reports if report.step == "load")
        return dict(self.run.counts) | {"rows": taken.rows_out, "rejected": taken.rejected}


def nightly(site: Site, folder: Path | str, page: Page | None = None, *, force: bool = False) -> Outcome:
    """Takes the facts in `folder` in and publishes what is found, if it is not unusual.

    GateRefused, with the reasons, where it is, unless `force`; LockHeld while another run is under way. A night that
    died is gone on with by the next call with the same facts; another folder begins a night of its own.
    """
    began = time.perf_counter()
    with site.working.lock():
        night = Night(site, page, force=force)
        try:
            outcome = night.go(folder)
        except (LinkageError, OSError, MemoryError) as error:
            night.failed(error, time.perf_counter() - began)
            raise
        night.ended(outcome, time.perf_counter() - began)
    return outcome


@dataclass
class Night:
    """One night under way; the caller holds the lock."""

    site: Site
    page: Page | None
    force: bool = False
    reports: list[StepReport] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    unchanged: bool = False

    def __post_init__(self) -> None:
        settings, working = self.site.settings, self.site.working
        self.out = Path(settings.out) if settings.out else working.beside(".nights")
        self.journal = Journal(working.beside(".night"))
        self.keeper = Keeper(self.site, self.journal, Gate(settings.gate_width), self.force)
        self.webhook = (
            Webhook(settings.webhook, settings.webhook_secret, self.out / "outbox") if settings.webhook else None
        )

    def go(self, folder: Path | str) -> Outcome:
        """Does what of the night is not done yet."""
        inputs.require_clock(self.site)
        opened = open_facts(self.site, folder)
        facts = inputs.of_folder(opened, self.site)
        if self.journal.folder not in ("", facts):
            self._end_the_night_before()
        self.journal.begin(facts, inputs.last_load(self.site))
        self._step("load", facts, lambda: _joined(load(self.site, opened, self.keeper.facts)))
        with self.site.open() as store:
            self._forget(store)
            run = self._detect(store)
            return self._tell(store, run)

    def _forget(self, store: Store) -> None:
        """Removes facts that are too old to be kept; once begun, it is gone through with."""
        if self._published(store) is not None or not (self.journal.noted("forgetting") or due(self.site)):
            return
        self.journal.note("forgetting", True)
        self._step("forget", "", lambda: remove_old(self.site, store))
        if Capability.EMBEDDED not in store.capabilities:
            self._step("refresh", "", lambda: refresh(self.site, store))

    def _detect(self, store: Store) -> Run:
        done = self._published(store)
        if done is not None:
            self._pass_over("link", "find", "publish")
            return done
        now = datetime.now(UTC)
        honour_labels(self.site, store, now)
        state = input_digest(self.site, holding(store, now))
        stands = unchanged_run(store, state)
        if stands is not None:
            self.unchanged = True
            self.site.progress.say(f"nothing has changed since {stands.run_id}, which stands")
            return stands
        run_id = next_run(store)
        self.site.progress.bind(run_id=run_id)
        linked = self._step("link", f"{state} {run_id}", lambda: link_accounts(self.site)[0])
        if Capability.EMBEDDED not in store.capabilities:
            self._step("send", f"{state} {run_id}", lambda: self._send(store, run_id))
        found = self._find(store, f"{state} {run_id}")
        self._step("publish", f"{state} {run_id}", lambda: self._publish(store, found, run_id, linked))
        current = store.current_run()
        if current is None:
            raise AssertionError("published, and no run is current")
        return current

    def _published(self, store: Store) -> Run | None:
        """Returns the current run if it is this night's: its step may have ended without a word."""
        current = store.current_run()
        return current if current is not None and current.started == self.journal.began else None

    def _send(self, store: Store, run_id: str) -> StepReport:
        began = time.perf_counter()
        send_links(self.site, store, run_id)
        return StepReport("send", rows_out=store.counts().links, seconds=time.perf_counter() - began)

    def _find(self, store: Store, state: str) -> Found:
        path = self.site.working.beside(".found")

        made: list[Found] = []

        def work() -> StepReport:
            found = find(self.site, store)
            keep(path, found)
            made.append(found)
            self.reports.extend(found.reports[:-1])
            return found.reports[-1]

        if not path.exists():
            self.journal.forget("find")
        self._step("find", state, work)
        return made[0] if made else kept(path)

    def _publish(self, store: Store, found: Found, run_id: str, linked: StepReport) -> StepReport:
        taken = inputs.taken(self.site, self.journal.noted("load_before"))
        counts: dict[str, int | float] = {"rows": taken.good, "rejected": taken.rejected}
        return publish(
            self.site,
            store,
            found,
            Plan(run_id, self.journal.began, counts, guard=partial(self.keeper.run, store)),
            linked,
        )

    def _tell(self, store: Store, run: Run) -> Outcome:
        """Writes what changed and the report, and tells the webhook."""
        self.site.progress.bind(run_id=run.run_id)
        page, changes = self.out / "report.html", self.out / "changes"
        told = Told(self.site.working.beside(".told"), changes)
        runs = told.untold(store, run)

        def write() -> StepReport:
            began = time.perf_counter()
            path, counts = write_changes(store, runs or [run], changes)
            told.note(run)
            return StepReport(
                "changes", seconds=time.perf_counter() - began, counts={"change_file": str(path), **counts}
            )

        def report() -> StepReport:
            began = time.perf_counter()
            if self.page is not None:  # so it is, for the step
                self.page(self.site, store, page)
            return StepReport("report", seconds=time.perf_counter() - began, counts={"report": str(page)})

        if self.unchanged and not runs:
            return self._outcome(run, {})
        written = self._step("changes", run.run_id, write)
        if self.page is not None:
            self._step("report", run.run_id, report)
        counts = {name: int(value) for name, value in written.counts.items() if name != "change_file"}
        if self.webhook is not None:
            data = {"run_id": run.run_id, "store": store.url, "counts": run.counts, "changes": counts}
            self.webhook.put(f"linkage-{self._store_name()}-{run.run_id}", "linkage.run.published", data)
            self._step("notify", run.run_id, self._deliver)
        return self._outcome(run, counts)

    def _outcome(self, run: Run, changes: dict[str, int]) -> Outcome:
        written = {"change_file": str(self.out / "changes" / f"{run.run_id}.ndjson")}
        if self.page is not None:
            written["report"] = str(self.out / "report.html")
        return Outcome(run, self.reports, changes, written, self.resumed, self.keeper.forced, self.unchanged)

    def _deliver(self) -> StepReport:
        began = time.perf_counter()
        sent = self.webhook.deliver() if self.webhook else 0
        return StepReport("notify", rows_out=sent, seconds=time.perf_counter() - began)

    def _store_name(self) -> str:
        return inputs.digest(self.site.settings.store)[:8]

    def _step(self, name: str, on: str, work: Callable[[], StepReport]) -> StepReport:
        """Returns the report of a step, which is only taken if it is not finished on these inputs."""
        report = self.journal.done(name, on)
        if report is not None:
            self._pass_over(name)
        else:
            report = work()
            self.journal.mark(name, on, report)
            self.site.progress.say(f"{name}: {report.seconds:.1f} s", **report.as_dict())
        self.reports.append(report)
        return report

    def _pass_over(self, *names: str) -> None:
        for name in names:
            self.resumed.append(name)
            self.site.progress.say(f"{name}: was finished before", step=name)

    def _end_the_night_before(self) -> None:
        """Tells of a run that was published by a night which died before it could; this night goes on in any case."""
        if self.journal.finished("find"):
            with self.site.open() as store:
                run = self._published(store)
                if run is not None:
                    self.site.progress.say(f"telling of {run.run_id}, whose night died before it could")
                    try:
                        self._tell(store, run)
                    except (LinkageError, OSError) as error:
                        self.site.progress.warn(f"it could not be told of: {error}")
        self.reports, self.resumed = [], []
        self._close()

    def ended(self, outcome: Outcome, seconds: float) -> None:
        """Writes the metrics of a night that is done, and ends it."""
        figures = {name: float(value) for name, value in outcome.figures.items()}
        write_metrics(self._metrics(), 0, seconds, outcome.reports, figures, outcome.changes)
        self._close()

    def failed(self, error: Exception, seconds: float) -> None:
        """Tells metrics and webhook of a night that failed, as far as that can be done; the error goes on its way."""
        status = error.exit_status if isinstance(error, LinkageError) else 1
        try:
            write_metrics(self._metrics(), status, seconds, self.reports)
            if self.webhook is not None and isinstance(error, GateRefused):
                at = inputs.digest(self.journal.folder + "".join(error.reasons))[:12]
                data = {"reasons": list(error.reasons), "store": self.site.settings.store}
                self.webhook.put(f"linkage-{self._store_name()}-refused-{at}", "linkage.run.refused", data)
                self.webhook.deliver()
        except (LinkageError, OSError) as second:
            self.site.progress.warn(f"and this could not be told: {second}")

    def _metrics(self) -> Path:
        return Path(self.site.settings.metrics) if self.site.settings.metrics else self.out / "linkage.prom"

    def _close(self) -> None:
        self.journal.close()
        self.site.working.beside(".found").unlink(missing_ok=True)


def _joined(reports: list[StepReport]) -> StepReport:
    """Returns one report of what was taken in and sent to the store."""
    first = reports[0]
    counts = {name: value for report in reversed(reports) for name, value in report.counts.items()}
    return StepReport(
        "load", first.rows_in, first.rows_out, first.rejected, sum(report.seconds for report in reports), counts
    )

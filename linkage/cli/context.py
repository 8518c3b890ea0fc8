"""What every command is given: settings, progress, the site, and how to end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from linkage.jobs.site import Site
from linkage.model.reports import StepReport
from linkage.progress import Progress
from linkage.settings import Settings


class Context:
    """The object behind `click.pass_obj`."""

    def __init__(self, settings: Settings, *, as_json: bool, quiet: bool) -> None:
        self.settings = settings
        self.json = as_json
        self.progress = Progress(quiet=quiet, form=settings.log)
        self._began = time.perf_counter()

    def site(self) -> Site:
        """Returns the site of the settings."""
        return Site(self.settings, self.progress)

    def finish(self, figures: Mapping[str, Any]) -> None:
        """Prints the figures as the last line, with the seconds since the start, where JSON was asked for."""
        if self.json:
            seconds = round(time.perf_counter() - self._began, 3)
            print(json.dumps(dict(figures) | {"seconds": seconds}, default=str), flush=True)

    def finish_steps(self, command: str, reports: list[StepReport], figures: Mapping[str, Any] | None = None) -> None:
        """Says what each step did, or prints it as JSON with the counts of all steps and the figures together."""
        if not self.json:
            for report in reports:
                self.progress.say(_line(report))
            return
        counts: dict[str, Any] = {}
        for report in reports:
            counts |= report.counts
        rejected = sum(report.rejected for report in reports)
        steps = [report.as_dict() for report in reports]
        self.finish({"command": command} | counts | {"rejected": rejected} | dict(figures or {}) | {"steps": steps})


def _line(report: StepReport) -> str:
    counts = ", ".join(f"{name} {_figure(value)}" for name, value in report.counts.items())
    rejected = f", {report.rejected:,} rejected" if report.rejected else ""
    return f"{report.step}: {report.rows_in:,} in, {report.rows_out:,} out{rejected}, {report.seconds:.1f} s  {counts}"


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"

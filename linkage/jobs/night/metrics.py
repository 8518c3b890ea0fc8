"""Figures of the last night for node_exporter's textfile collector, in Prometheus' text format."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from linkage.model.reports import StepReport

_SUCCESS = "linkage_nightly_last_success_timestamp_seconds"

FIGURES = {
    "rows": "rows of facts that the last night took in",
    "rejected": "rows of facts that the last night rejected",
    "accounts": "accounts in the store",
    "links": "links between accounts",
    "rings": "rings of the current run",
    "members": "accounts in rings of the current run",
}


def write_metrics(
    path: Path,
    status: int,
    seconds: float,
    reports: Sequence[StepReport] = (),
    figures: Mapping[str, float] | None = None,
    events: Mapping[str, int] | None = None,
) -> None:
    """Writes the file in one piece. A night that failed keeps the time of the last that did not."""
    registry = CollectorRegistry()
    now = time.time()
    success = now if status == 0 else _last_success(path)
    _gauge(registry, "last_end_timestamp_seconds", "when the last night ended").set(now)
    _gauge(registry, "last_exit_status", "exit status of the last night; 3: the gate refused").set(status)
    _gauge(registry, "last_duration_seconds", "wall seconds of the last night").set(seconds)
    if success is not None:
        _gauge(registry, "last_success_timestamp_seconds", "when the last night ended that was done").set(success)
    for name, value in (figures or {}).items():
        if name in FIGURES:
            _gauge(registry, name, FIGURES[name]).set(value)
    steps = _gauge(registry, "step_seconds", "wall seconds of each step", "step")
    for report in reports:
        steps.labels(report.step).set(report.seconds)
    told = _gauge(registry, "events", "ring events and changed accounts of the last run", "event")
    for name, count in (events or {}).items():
        told.labels(name).set(count)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def _gauge(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"linkage_nightly_{name}", text, labels, registry=registry)


def _last_success(path: Path) -> float | None:
    try:
        families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return None
    return next((sample.value for family in families for sample in family.samples if sample.name == _SUCCESS), None)

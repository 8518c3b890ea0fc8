"""The file for node_exporter's textfile collector."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from linkage.jobs.night.metrics import write_metrics
from linkage.model.reports import StepReport


def _read(path: Path) -> dict[str, float]:
    families = text_string_to_metric_families(path.read_text())
    return {
        "/".join([sample.name.removeprefix("linkage_nightly_"), *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_night_that_failed_keeps_the_time_of_the_last_success(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "linkage.prom"
    write_metrics(path, 3, 1.0)
    assert "last_success_timestamp_seconds" not in _read(path)
    write_metrics(path, 0, 2.5, [StepReport("load", seconds=1.5)], {"rings": 7, "chance": 1}, {"formed": 2})
    done = _read(path)
    assert (done["last_exit_status"], done["last_duration_seconds"], done["rings"]) == (0, 2.5, 7)
    assert (done["step_seconds/load"], done["events/formed"]) == (1.5, 2)
    write_metrics(path, 5, 3.0)
    failed = _read(path)
    assert failed["last_exit_status"] == 5
    assert failed["last_success_timestamp_seconds"] == done["last_success_timestamp_seconds"]
    assert failed["last_end_timestamp_seconds"] >= done["last_end_timestamp_seconds"]
    assert [one.name for one in path.parent.iterdir()] == ["linkage.prom"]


def test_a_file_of_something_else_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "linkage.prom"
    path.write_text("not metrics {")
    write_metrics(path, 1, 1.0)
    assert _read(path)["last_exit_status"] == 1

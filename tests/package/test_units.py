"""The ready units of docs/units/, each checked by its own tool or schema, and by the command itself.

The build machine runs the DAG on Airflow, in an environment of its own.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from linkage import __version__
from linkage.cli import cli
from linkage.errors import GateRefused, LockHeld, SettingsError
from linkage.settings import Settings

UNITS = Path(__file__).parents[2] / "docs" / "units"
FINAL = {SettingsError.exit_status, GateRefused.exit_status, LockHeld.exit_status}
KUBERNETES = "1.33"
NEEDS_SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "CI" not in os.environ,
    reason="systemd checks its own units, and is on no Mac; the build machine installs it",
)


def read(name: str) -> str:
    return (UNITS / name).read_text(encoding="utf-8")


def is_nightly(words: list[str]) -> bool:
    """Returns whether the words behind `linkage` are a nightly job that the command takes."""
    context = cli.make_context("linkage", list(words))
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)
    return name == "nightly"


def settings(names: set[str]) -> set[str]:
    """Returns those that are no settings of linkage."""
    return names - {row.metadata["env"] for row in Settings.__dataclass_fields__.values()}


def keys(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


@NEEDS_SYSTEMD
@pytest.mark.parametrize("name", ["linkage-nightly.service", "linkage-nightly.timer"])
def test_systemd_takes_the_units(name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(UNITS / name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@NEEDS_SYSTEMD
def test_systemd_would_refuse_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "broken.service"
    broken.write_text(read("linkage-nightly.service").replace("Restart=on-failure", "Restart=sometimes"))
    command = ["systemd-analyze", "verify", "--man=no", str(broken)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "sometimes" in done.stderr


def test_the_service_runs_the_command_and_does_not_try_again_what_a_person_must_see() -> None:
    service = read("linkage-nightly.service")
    (start,) = keys(service, "ExecStart")
    assert is_nightly(shlex.split(start)[2:])
    assert {int(status) for status in keys(service, "RestartPreventExitStatus")[0].split()} == FINAL
    assert settings({line.split("=")[0] for line in keys(service, "Environment")}) == set()
    assert keys(read("linkage-nightly.timer"), "Persistent") == ["true"]


def test_the_line_for_cron_runs_the_command() -> None:
    lines = [line for line in read("linkage.cron").splitlines() if line and not line.startswith("#")]
    assert all(re.match(r"[A-Z]+=", line) for line in lines[:-1])
    *times, user, command = lines[-1].split(None, 6)[:7]
    assert len(times) == 5
    assert user == "linkage"
    for field, (low, high) in zip(times, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=True):
        assert field == "*" or low <= int(field) <= high
    assert "%" not in command  # cron would end the line there
    assert is_nightly(shlex.split(command.split("&& linkage ")[1]))
    assert subprocess.run(["/bin/sh", "-n", "-c", command], check=False).returncode == 0


@pytest.fixture
def cronjob() -> dict[str, Any]:
    """The manifest."""
    found: dict[str, Any] = yaml.safe_load(read("cronjob.yaml"))
    return found


def test_the_cron_job_follows_the_schema_of_kubernetes(cronjob: dict[str, Any]) -> None:
    kubernetes_validate.validate(cronjob, KUBERNETES, strict=True)
    cronjob["spec"]["jobTemplate"]["spec"]["backofLimit"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(cronjob, KUBERNETES, strict=True)


def test_the_cron_job_runs_the_image_of_the_dockerfile(cronjob: dict[str, Any]) -> None:
    job = cronjob["spec"]["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert container["image"] == f"linkage:{__version__}"
    assert is_nightly(container["args"])
    assert settings({one["name"] for one in container["env"]}) == set()
    assert all("valueFrom" in one for one in container["env"] if one["name"] in ("LINKAGE_PASSWORD", "LINKAGE_KEY"))
    (rule,) = job["podFailurePolicy"]["rules"]
    assert (rule["action"], set(rule["onExitCodes"]["values"])) == ("FailJob", FINAL)
    assert job["template"]["spec"]["restartPolicy"] == "Never"  # which a failure policy needs
    assert cronjob["spec"]["concurrencyPolicy"] == "Forbid"
    user = re.search(r"--uid (\d+)", (UNITS.parents[1] / "Dockerfile").read_text())
    assert user is not None
    assert job["template"]["spec"]["securityContext"]["runAsUser"] == int(user[1])


def test_the_dag_says_what_the_command_takes_and_what_is_final() -> None:
    values = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(read("linkage_nightly_dag.py")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert values["COMMAND"][0] == "linkage"
    assert is_nightly([*values["COMMAND"][1:], values["FACTS"]])
    assert set(values["FINAL"]) == FINAL


@pytest.fixture
def airflow(tmp_path: Path) -> str:
    """Returns a Python that has Airflow: an environment of its own, since Airflow pins what others may not."""
    if "CI" not in os.environ:
        pytest.skip("Airflow takes a minute to install: set CI=1 to run this too")
    python = tmp_path / "airflow" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "airflow")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "apache-airflow-core>=3.1,<4"], check=True)
    return str(python)


def test_airflow_takes_the_dag(airflow: str, tmp_path: Path) -> None:
    text = "import runpy, sys; print(runpy.run_path(sys.argv[1])['linkage_nightly']().task_ids)"
    command = [airflow, "-c", text, str(UNITS / "linkage_nightly_dag.py")]
    environ = os.environ | {"AIRFLOW_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["['nightly']"]), done.stderr


def test_click_would_refuse_a_mistake() -> None:
    with pytest.raises(click.UsageError):
        is_nightly(["nightly"])

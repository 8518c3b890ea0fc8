"""What docs/clients.md shows works as it stands: each example is run against a service."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from graphql import OperationDefinitionNode, OperationType, parse

from linkage.serve.settings import ServeSettings
from tests.serve import world
from tests.serve.conftest import connect
from tests.serve.test_server import serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = _BLOCK.findall(PAGE)
DOCUMENTS = [
    body
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for kind, body in _BLOCK.findall(page.read_text(encoding="utf-8"))
    if kind == "graphql"
]


def blocks(kind: str) -> list[str]:
    return [body for found, body in BLOCKS if found == kind]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(world.build(tmp_path_factory.mktemp("world"))) as (_, address):
        yield f"{address}/graphql"


def shell(command: str, url: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LINKAGE_URL": url, "LINKAGE_CLIENT_KEY": "unused"}
    return subprocess.run(command, shell=True, capture_output=True, text=True, env=environment, check=False, **more)  # noqa: S602 - a line of the page


def test_curl_gets_the_strongest_rings(url: str) -> None:
    (command,) = [body for body in blocks("sh") if "Top" in body]
    data = json.loads(shell(command, url, timeout=60).stdout)["data"]
    assert [ring["ringId"] for ring in data["rings"]["nodes"]] == ["ring-a", "ring-b", "ring-c"]


def test_curl_is_told_of_events(url: str) -> None:
    (command,) = [body for body in blocks("sh") if "event-stream" in body]
    done = shell(command.replace("curl -sN", "curl -sN --max-time 2"), url, timeout=60)
    assert done.returncode == 28, done.stderr  # it went on until its time was over
    assert done.stdout.startswith(":")


def test_the_python_example_runs(url: str) -> None:
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"LINKAGE_URL": url},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ring-a" in done.stdout
    assert done.stdout.endswith("NOT_FOUND\n")


def test_the_grafana_panel_finds_its_columns(url: str) -> None:
    (panel,) = blocks("json")
    (target,) = json.loads(panel)["targets"]
    options = target["url_options"]
    body = {"query": options["body_graphql_query"], "variables": json.loads(options["body_graphql_variables"])}
    found: Any = httpx2.request(options["method"], url, json=body).json()
    for step in target["root_selector"].split("."):
        found = found[step]
    assert len(found) == 3
    for column in target["columns"]:
        assert all(row[column["selector"]] is not None for row in found)


def test_the_siem_gets_each_event_once(url: str) -> None:
    (text,) = blocks("yaml")
    (given,) = yaml.safe_load(text)["filebeat.inputs"]
    seen, after = [], None
    for _ in range(3):
        body = given["request.body"] | {"variables": {"after": after}}
        found: Any = {"body": httpx2.request(given["request.method"], url, json=body).json()}
        for step in given["response.split"]["target"].split("."):
            found = found[step]
        seen += [edge["node"]["ringId"] for edge in found]
        after = found[-1]["cursor"] if found else after
    assert given["cursor"]["after"]["value"] == "[[.last_event.cursor]]"
    assert seen == ["ring-a", "ring-b", "ring-c"]


VARIABLES = {
    "ring": "ring-a",
    "account": "acct-001",
    "card": f"{1:016x}",
    "key": f"{1:016x}",
    "a": "acct-000",
    "b": "acct-001",
    "after": None,
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_of_the_docs_is_answered(document: str, tmp_path: Path) -> None:
    with connect(world.build(tmp_path), ServeSettings(audit=tmp_path / "audit.jsonl")) as client:
        for operation in parse(document).definitions:
            assert isinstance(operation, OperationDefinitionNode)
            assert operation.name is not None
            named = [one.variable.name.value for one in operation.variable_definitions or ()]
            body = {
                "query": document,
                "operationName": operation.name.value,
                "variables": {name: VARIABLES.get(name) for name in named},
            }
            headers = {}
            if operation.operation is OperationType.SUBSCRIPTION:
                client.app.state.service.draining = True  # type: ignore[attr-defined] # so that it ends at once
                headers["accept"] = "text/event-stream"
            answer = client.post("/graphql", json=body, headers=headers)
            assert answer.status_code == 200
            assert '"errors"' not in answer.text, answer.text

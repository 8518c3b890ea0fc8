"""docker-compose.yml is valid, keeps no secret, and starts what the tests start."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from engines.jars import version
from engines.server import janusgraph_on_cassandra
from jsonschema import Draft202012Validator

from linkage import __version__
from linkage.cli import cli
from linkage.cli.serve import serve_command
from linkage.serve.settings import SHORTEST_KEY
from linkage.settings import Settings
from linkage.stores.neo4j.local.pins import NEO4J_VERSION

ROOT = Path(__file__).parents[2]
SERVICES = ("neo4j", "api", "nightly", "cassandra", "janusgraph", "api-janusgraph", "nightly-janusgraph")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The parsed file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """The compose specification's own schema, as check-jsonschema ships it."""
    text = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json").read_text()
    return Draft202012Validator(json.loads(text))


def settings_of(service: dict[str, Any]) -> dict[str, str]:
    return dict(service["environment"])


def test_it_follows_the_compose_specification(compose: dict[str, Any], validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(compose)] == []


def test_the_schema_finds_a_mistake(compose: dict[str, Any], validator: Draft202012Validator) -> None:
    broken = compose | {"services": {"api": compose["services"]["api"] | {"helthcheck": {}}}}
    assert any("helthcheck" in error.message for error in validator.iter_errors(broken))


def test_neo4j_is_the_version_that_the_tests_start_with_graph_algorithms(compose: dict[str, Any]) -> None:
    neo4j = compose["services"]["neo4j"]
    assert neo4j["image"] == f"neo4j:{NEO4J_VERSION}-community"
    assert json.loads(settings_of(neo4j)["NEO4J_PLUGINS"]) == ["graph-data-science"]
    assert settings_of(neo4j)["NEO4J_dbms_usage__report_enabled"] == "false"


def test_the_api_listens_on_the_commands_own_port(compose: dict[str, Any]) -> None:
    port = next(option for option in serve_command.params if option.name == "port").default
    api = compose["services"]["api"]
    assert api["command"] == ["serve", "--host", "0.0.0.0", "--port", str(port)]  # noqa: S104 - in its container
    assert api["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f":{port}/health/ready" in api["healthcheck"]["test"][-1]
    assert f"EXPOSE {port}\n" in (ROOT / "Dockerfile").read_text()


def test_the_image_is_named_after_the_package(compose: dict[str, Any]) -> None:
    assert compose["services"]["api"]["image"] == compose["services"]["nightly"]["image"] == f"linkage:{__version__}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_a_restart_rule_and_the_named_network(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    assert service["healthcheck"]
    assert service["restart"]
    assert service["networks"] == ["linkage"]


def test_nothing_is_reachable_from_other_machines(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_volume_and_network_is_declared(compose: dict[str, Any]) -> None:
    mounted = {
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith("$")
    }
    assert mounted == set(compose["volumes"])
    assert set(compose["networks"]) == {"linkage"}


def test_settings_are_known_and_secrets_have_no_default(compose: dict[str, Any]) -> None:
    rows = {row.metadata["env"]: row.metadata["secret"] for row in Settings.__dataclass_fields__.values()}
    for name in ("api", "nightly", "api-janusgraph", "nightly-janusgraph"):
        given = settings_of(compose["services"][name])
        assert set(given) <= set(rows)
        for variable, value in given.items():
            assert not rows[variable] or value == f"${{{variable}:?set it in .env}}"
    assert settings_of(compose["services"]["neo4j"])["NEO4J_AUTH"] == "neo4j/${LINKAGE_PASSWORD:?set it in .env}"


def test_what_the_head_says_of_the_key_is_so() -> None:
    head = (ROOT / "docker-compose.yml").read_text().split("name:")[0]
    assert f"LINKAGE_API_KEY=…    what clients of the API send as a bearer token, {SHORTEST_KEY} characters" in head


def test_the_nightly_job_only_runs_when_asked_and_reads_facts_it_cannot_change(compose: dict[str, Any]) -> None:
    nightly = compose["services"]["nightly"]
    assert nightly["profiles"] == ["nightly"]
    assert nightly["command"] == ["nightly", "/facts"]
    assert cli.get_command(click.Context(cli), nightly["command"][0]) is not None
    assert "entrypoint" not in nightly
    assert "${LINKAGE_FACTS:-./facts}:/facts:ro" in nightly["volumes"]


def test_janusgraph_and_cassandra_are_those_that_the_tests_start_and_set_alike(compose: dict[str, Any]) -> None:
    cassandra, janusgraph = compose["services"]["cassandra"], compose["services"]["janusgraph"]
    assert cassandra["image"] == f"cassandra:{version('cassandra', 'cassandra-all')}"
    assert janusgraph["image"] == f"janusgraph/janusgraph:{version('janusgraph', 'janusgraph-core')}"
    given = settings_of(janusgraph)
    server = janusgraph_on_cassandra(Path(), ["cassandra"], 9042)
    wanted = {f"janusgraph.{name}": value for name, value in server.properties.items() if name != "gremlin.graph"}
    assert {name: value for name, value in given.items() if name.startswith("janusgraph.")} == wanted
    for name in ("maxContentLength", "resultIterationBatchSize"):
        assert int(given[f"gremlinserver.{name}"]) == server.settings()[name]


def test_janusgraph_starts_only_with_its_profile_and_its_clients_wait_for_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("cassandra", "janusgraph", "api-janusgraph"):
        assert services[name]["profiles"] == ["janusgraph"]
    for name, plain in (("api-janusgraph", "api"), ("nightly-janusgraph", "nightly")):
        assert settings_of(services[name])["LINKAGE_STORE"] == "gremlin+ws://janusgraph:8182"
        assert services[name]["depends_on"] == {"janusgraph": {"condition": "service_healthy"}}
        assert services[name]["command"] == services[plain]["command"]


def test_the_image_runs_without_root_and_holds_only_what_is_needed() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root)\w+$", dockerfile, re.MULTILINE)
    assert dockerfile.count("FROM python:3.13-slim") == 2
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    wanted = {name for line in copied for name in line.split()}
    assert all(f"!{name}" in (ROOT / ".dockerignore").read_text() for name in wanted)

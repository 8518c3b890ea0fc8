"""Servers are started, found, killed, filled and stopped: each test in a home of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import neo4j
import psutil
import pytest

from linkage.errors import LocalServerError
from linkage.progress import Progress
from linkage.stores.neo4j.local import LocalServer, ServerInfo
from linkage.stores.neo4j.local.bulk import ImportOptions, NodeFiles, RelationshipFiles

pytestmark = pytest.mark.neo4j

QUIET = Progress(quiet=True)
MakeServer = Callable[..., LocalServer]


def rows(info: ServerInfo, query: str) -> list[tuple[object, ...]]:
    with neo4j.GraphDatabase.driver(info.bolt, auth=(info.user, info.password)) as driver:
        return [tuple(record.values()) for record in driver.execute_query(query).records]


def begin(home: Path, *words: str) -> subprocess.Popen[str]:
    environ = os.environ | {"LINKAGE_HOME": str(home), "LINKAGE_NEO4J_MEMORY": "1GB"}
    command = [sys.executable, "-m", "linkage", *words]
    return subprocess.Popen(command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(home: Path, *words: str) -> str:
    with begin(home, *words) as process:
        out, complaint = process.communicate()
    assert process.returncode == 0, complaint
    return out


def test_a_killed_server_starts_again_with_its_data(make_server: MakeServer) -> None:
    server = make_server()
    assert server.is_unfilled()
    first = server.start(QUIET)
    assert not server.is_unfilled()
    rows(first, "CREATE (:Kept {n: 1})")
    os.kill(first.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first.pid)] if psutil.pid_exists(first.pid) else [], timeout=20)
    assert server.status() is None
    second = server.start(QUIET)
    assert second.pid != first.pid
    assert (second.bolt, second.http, second.password) == (first.bolt, first.http, first.password)
    assert rows(second, "MATCH (k:Kept) RETURN k.n") == [(1,)]
    assert (server.layout.logs / "neo4j.log.1").exists()
    assert server.stop()
    assert not server.stop()
    assert server.status() is None
    assert not server.is_unfilled()
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(first.http.rpartition(":")[2])))
        other.listen()
        third = server.start(QUIET)
    assert third.http != first.http
    assert rows(third, "MATCH (k:Kept) RETURN k.n") == [(1,)]


def test_two_commands_at_once_start_one_server(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server("both")
    commands = [begin(tmp_path / "both", "--json", "neo4j", "start") for _ in range(2)]
    outputs = [command.communicate() for command in commands]
    assert [command.returncode for command in commands] == [0, 0], outputs
    first, second = (json.loads(out.splitlines()[-1]) for out, _ in outputs)
    assert first == second
    assert list(first) == ["bolt", "http", "user", "password", "pid", "home"]
    info = server.status()
    assert info is not None
    assert info.as_dict() == first

    assert json.loads(run(tmp_path / "both", "neo4j", "status", "--json")) == {"running": True} | first
    assert info.browser in run(tmp_path / "both", "neo4j", "status")
    other = make_server("other").start(QUIET)
    assert other.pid != info.pid
    assert {other.bolt, other.http}.isdisjoint({info.bolt, info.http})
    assert other.password != info.password

    assert json.loads(run(tmp_path / "both", "neo4j", "stop", "--json"))["stopped"] is True
    assert json.loads(run(tmp_path / "both", "neo4j", "stop", "--json"))["stopped"] is False
    assert json.loads(run(tmp_path / "both", "neo4j", "status", "--json"))["running"] is False
    assert make_server("other").status() == other


def test_a_killed_command_leaves_no_second_server(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server("home")
    command = begin(tmp_path / "home", "neo4j", "start")
    while not server.layout.record.exists():
        assert command.poll() is None
    command.kill()
    command.communicate()
    server.layout.record.unlink()  # as if it had been killed before it could write it
    info = server.start(QUIET)
    homes = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    assert sum(f"--home-dir={server.layout.home}" in words for words in homes) == 1
    assert rows(info, "RETURN 1") == [(1,)]


def test_a_failing_start_shows_the_log(make_server: MakeServer) -> None:
    server = make_server()
    server.layout.prepare()
    (server.layout.data / "databases").write_bytes(b"a file in place of a folder")
    with pytest.raises(LocalServerError, match=r"ended while it started(.|\n)*databases"):
        server.start(QUIET)
    assert server.status() is None
    assert not server.stop()


def test_too_little_memory_is_said_before_anything_is_started(tmp_path: Path) -> None:
    from linkage.settings import Settings

    server = LocalServer(Settings.from_environment(home=str(tmp_path), neo4j_memory="100MB"))
    with pytest.raises(LocalServerError, match="needs 960 MB"):
        server.start(QUIET)
    assert server.status() is None


def test_an_import_replaces_the_database_and_a_failing_one_does_not(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    people, knows, broken = (tmp_path / name for name in ("people.csv", "knows.csv", "broken.csv"))
    people.write_text("id:ID,name\na,Ann\nb,Bob\nc,Cy\n", encoding="utf-8")
    knows.write_text(":START_ID,:END_ID,bits:double\na,b,1.5\nb,c,2.5\n", encoding="utf-8")
    broken.write_text(":START_ID,:END_ID,bits:double\na,nobody,1.5\n", encoding="utf-8")
    nodes = [NodeFiles(("Person", "Known"), (people,))]
    everything = "MATCH (a:Person:Known)-[k:KNOWS]->(b) RETURN a.id, b.name, k.bits ORDER BY a.id"
    expected = [("a", "Bob", 1.5), ("b", "Cy", 2.5)]

    report = server.bulk_import(nodes, [RelationshipFiles("KNOWS", (knows,))], ImportOptions(), QUIET)
    assert (report.nodes, report.relationships, report.properties) == (3, 2, 8)
    info = server.status()
    assert info is not None
    assert rows(info, everything) == expected

    with pytest.raises(LocalServerError, match=r"as it was before(.|\n)*broken.csv: line 1"):
        server.bulk_import(nodes, [RelationshipFiles("KNOWS", (broken,))], ImportOptions(), QUIET)
    assert server.status() == info
    assert rows(info, everything) == expected

    server.stop()
    work = server.layout.home / "importing" / "previous"
    work.mkdir(parents=True)
    for part in ("databases", "transactions"):  # as if the machine had stopped between old and new
        (server.layout.data / part / "neo4j").rename(work / part)
    again = server.start(QUIET)
    assert rows(again, everything) == expected
    assert not work.exists()

    (work / "databases").mkdir(parents=True)  # as if it had stopped when the server ran on the new one
    assert server.start(QUIET) == again
    assert not work.exists()
    server.stop()
    assert rows(server.start(QUIET), everything) == expected

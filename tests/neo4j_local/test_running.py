"""What a running server gives: asked of the one that all tests share."""

from __future__ import annotations

import http.client
import stat
from pathlib import Path

import neo4j
import psutil
import pytest

from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local import LocalServer, ServerInfo
from linkage.stores.neo4j.local.pins import GDS_VERSION, NEO4J_VERSION

pytestmark = pytest.mark.neo4j


def rows(info: ServerInfo, query: str) -> list[tuple[object, ...]]:
    with neo4j.GraphDatabase.driver(info.bolt, auth=(info.user, info.password)) as driver:
        return [tuple(record.values()) for record in driver.execute_query(query).records]


def test_it_is_the_pinned_neo4j_with_its_algorithms(neo4j_server: ServerInfo) -> None:
    version = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition"
    assert ("Neo4j Kernel", NEO4J_VERSION, "community") in rows(neo4j_server, version)
    assert rows(neo4j_server, "RETURN gds.version()") == [(GDS_VERSION,)]


def test_algorithms_run(neo4j_server: ServerInfo) -> None:
    components = (
        "UNWIND [[0, 1], [1, 2], [3, 4]] AS pair "
        "WITH gds.graph.project('local-test', pair[0], pair[1]) AS graph RETURN graph.nodeCount"
    )
    assert rows(neo4j_server, components) == [(5,)]
    try:
        counted = "CALL gds.wcc.stats('local-test') YIELD componentCount RETURN componentCount"
        assert rows(neo4j_server, counted) == [(2,)]
        leiden = "CALL gds.leiden.stats('local-test') YIELD communityCount RETURN communityCount"
        # Leiden wants an undirected projection: that it is there and says so is enough here.
        with pytest.raises(neo4j.exceptions.ClientError, match=r"(?i)undirected"):
            rows(neo4j_server, leiden)
    finally:
        rows(neo4j_server, "CALL gds.graph.drop('local-test') YIELD graphName RETURN graphName")


@pytest.mark.parametrize(("path", "kind"), [("/browser/", "text/html"), ("/", "application/json")])
def test_browser_and_discovery_are_served(neo4j_server: ServerInfo, path: str, kind: str) -> None:
    connection = http.client.HTTPConnection(neo4j_server.http.removeprefix("http://"), timeout=20)
    connection.request("GET", path, headers={"Accept": kind})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200
    assert kind in (answer.getheader("Content-Type") or "")
    assert "neo4j" in body.lower()


def test_another_password_is_refused(neo4j_server: ServerInfo) -> None:
    wrong = ServerInfo(neo4j_server.bolt, "", "neo4j", "neo4j", 0, "")
    with pytest.raises(neo4j.exceptions.AuthError):
        rows(wrong, "RETURN 1")


def test_it_listens_on_this_machine_only(neo4j_server: ServerInfo) -> None:
    sockets = psutil.Process(neo4j_server.pid).net_connections(kind="inet")
    listening = {row.laddr.ip.removeprefix("::ffff:") for row in sockets if row.status == "LISTEN"}
    assert listening == {"127.0.0.1"}


def test_all_files_are_the_owners_alone(neo4j_server: ServerInfo) -> None:
    home = Path(neo4j_server.home)
    paths = [home, *home.rglob("*")]
    assert len(paths) > 20
    assert not [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_the_password_is_on_no_command_line(neo4j_server: ServerInfo) -> None:
    process = psutil.Process(neo4j_server.pid)
    assert neo4j_server.password not in " ".join(process.cmdline())
    assert neo4j_server.password not in " ".join(process.environ().values())


def test_it_lives_in_a_session_of_its_own(neo4j_server: ServerInfo) -> None:
    import os

    assert os.getsid(neo4j_server.pid) == neo4j_server.pid != os.getsid(0)


def test_a_second_start_finds_it(neo4j_server: ServerInfo) -> None:
    server = LocalServer(Settings.from_environment(home=str(Path(neo4j_server.home).parent)))
    assert server.start(Progress(quiet=True)) == neo4j_server
    assert server.status() == neo4j_server

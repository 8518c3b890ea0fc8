"""The server's process: begun apart from the command, watched until it is ready, ended gently."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from linkage.errors import LocalServerError
from linkage.stores.neo4j.local.config import Ports
from linkage.stores.neo4j.local.java import environment
from linkage.stores.neo4j.local.layout import Layout
from linkage.stores.neo4j.local.record import ServerRecord

READY_SECONDS = 180.0
STOP_SECONDS = 60.0
_POLL_SECONDS = 0.1
_TAIL_LINES = 12
_CAUSES = {
    "Address already in use": "a port was taken meanwhile: start again",
    "There is insufficient memory": "memory ran out: end other programs or lower LINKAGE_NEO4J_MEMORY",
    "OutOfMemoryError": "memory ran out: raise LINKAGE_NEO4J_MEMORY",
    "No space left on device": "the disk is full: make room",
    "Invalid maximum heap size": "LINKAGE_NEO4J_MEMORY is more than this machine can address",
    "already locked": "another process uses this folder: end it, or choose another LINKAGE_HOME",
}


def spawn(command: Sequence[str], layout: Layout, ports: Ports) -> ServerRecord:
    """Begins the server in a session of its own, so that it outlives the command and its terminal."""
    import psutil

    with layout.console_log.open("ab") as console:
        layout.console_log.chmod(0o600)
        try:
            child = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                cwd=layout.home,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )
        except OSError as error:
            raise LocalServerError(f"Java cannot be started: {error.strerror}") from error
    child.returncode = 0  # it is meant to outlive this object, which would warn of it otherwise
    return ServerRecord(ports, child.pid, psutil.Process(child.pid).create_time())


def answers(ports: Ports, seconds: float = 2.0) -> bool:
    """Returns whether a Neo4j answers at the HTTP port and names the Bolt port: it opens HTTP last."""
    connection = http.client.HTTPConnection("127.0.0.1", ports.http, timeout=seconds)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        discovery = json.loads(connection.getresponse().read())
        return str(discovery["bolt_direct"]).endswith(f":{ports.bolt}")
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def await_ready(record: ServerRecord, layout: Layout, seconds: float = READY_SECONDS) -> None:
    """Returns when the server answers; LocalServerError with the log's end if it dies or takes too long."""
    deadline = time.monotonic() + seconds
    while not answers(record.ports):
        if not record.is_alive(layout.home):
            raise LocalServerError(f"the local Neo4j ended while it started: {explain(layout)}")
        if time.monotonic() > deadline:
            raise LocalServerError(f"the local Neo4j is not ready after {seconds:.0f} s: {explain(layout)}")
        time.sleep(_POLL_SECONDS)


def end(record: ServerRecord, home: Path, seconds: float = STOP_SECONDS) -> None:
    """Asks the server to stop and waits until it has; kills it if it takes longer.

    LocalServerError when it belongs to another user.
    """
    if record.is_alive(home):
        _end(record.pid, seconds)


def end_strays(home: Path) -> None:
    """Ends servers of this home that no record names: the command was killed before it could write one."""
    import psutil

    for process in psutil.process_iter(["cmdline"]):
        if f"--home-dir={home}" in (process.info["cmdline"] or ()):
            _end(process.pid, STOP_SECONDS)


def _end(pid: int, seconds: float) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(seconds)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise LocalServerError(f"the local Neo4j (process {pid}) is another user's") from error


def explain(layout: Layout) -> str:
    """Returns what to do where the cause is known, and the end of the log that tells it."""
    lines = _tail(layout.console_log) + _tail(layout.server_log)
    text = "\n".join(lines)
    advice = next((todo for sign, todo in _CAUSES.items() if sign in text), "see the log")
    complaints = [line for line in lines if "ERROR" in line or "Caused by" in line or "Error" in line]
    shown = "\n  ".join((complaints or lines)[-_TAIL_LINES:]) or "(both logs are empty)"
    return f"{advice} ({layout.server_log}, {layout.console_log.name})\n  {shown}"


def _tail(log: Path) -> list[str]:
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
    except OSError:
        return []

"""Which process the local server is, and where it listens: a file beside its data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from linkage.stores.neo4j.local.config import Ports
from linkage.stores.neo4j.local.layout import write_private

_CLOCK_SECONDS = 5.0
"""A process's start is told in wall-clock time from the machine's boot, which moves when the clock is set."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A running local server. `home` is its folder; the password is that of `user`."""

    bolt: str
    http: str
    user: str
    password: str
    pid: int
    home: str

    def __repr__(self) -> str:
        return f"ServerInfo(bolt={self.bolt!r}, http={self.http!r}, pid={self.pid}, home={self.home!r})"

    @property
    def browser(self) -> str:
        """Returns the address of Neo4j Browser."""
        return f"{self.http}/browser/"

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields of the contract; Any because they go to JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """What is remembered of the last start: ports stay the server's own when it is stopped."""

    ports: Ports
    pid: int
    started: float

    def write(self, path: Path) -> None:
        """Writes the record, whole or not at all."""
        fields = {"bolt": self.ports.bolt, "http": self.ports.http, "pid": self.pid, "started": self.started}
        write_private(path, json.dumps(fields) + "\n")

    def is_alive(self, home: Path) -> bool:
        """Returns whether the process still runs and is this home's server, not a later one with its number."""
        import psutil

        if self.pid <= 0:
            return False
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            same_start = abs(process.create_time() - self.started) < _CLOCK_SECONDS
            words = process.cmdline()  # empty for a moment while the process begins
            return same_start and (not words or f"--home-dir={home}" in words)
        except psutil.Error:
            return False


def read_record(path: Path) -> ServerRecord | None:
    """Returns the record, or None where there is none or it cannot be understood."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        ports = Ports(int(fields["bolt"]), int(fields["http"]))
        return ServerRecord(ports, int(fields["pid"]), float(fields["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

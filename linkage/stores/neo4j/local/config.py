"""Memory, ports and neo4j.conf of a local server."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import LocalServerError, SettingsError

MB = 1024**2
LEAST_HEAP = 512 * MB
LEAST_PAGE_CACHE = 64 * MB
OVERHEAD = 384 * MB
"""Class data, compiled code, threads and network buffers: what a server uses beyond heap and page cache."""

_UNITS = {"": 1, "K": 1024, "M": MB, "G": 1024**3, "T": 1024**4}
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a server may take, in bytes: Java objects (queries, graph algorithms) and cached pages of the store."""

    heap: int
    page_cache: int

    @classmethod
    def of(cls, total: int) -> Memory:
        """Returns a split of `total` bytes: two thirds of what the overhead leaves are heap.

        LocalServerError when it is less than a server needs (960 MB).
        """
        least = LEAST_HEAP + LEAST_PAGE_CACHE + OVERHEAD
        if total < least:
            raise LocalServerError(
                f"a local Neo4j needs {least // MB} MB of memory and {max(total, 0) // MB} MB are free for it: "
                "end other programs, or set LINKAGE_NEO4J_MEMORY if you know better"
            )
        rest = total - OVERHEAD
        page_cache = max(LEAST_PAGE_CACHE, min(rest // 3, rest - LEAST_HEAP))
        return cls(heap=rest - page_cache, page_cache=page_cache)


def choose_memory(setting: str) -> Memory:
    """Returns the memory of the setting («3GB»), else half of what is free, at most 24 GB."""
    if setting:
        return Memory.of(parse_size(setting))
    free = free_memory()
    least = LEAST_HEAP + LEAST_PAGE_CACHE + OVERHEAD
    return Memory.of(min(24 * 1024 * MB, max(free // 2, min(free, least))))


def parse_size(text: str) -> int:
    """Returns the bytes of «3GB», «512m» or «1073741824»; SettingsError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", text.strip().upper())
    if match is None:
        raise SettingsError(f"LINKAGE_NEO4J_MEMORY is «{text}»; it is a size such as 3GB or 900MB")
    return int(float(match[1]) * _UNITS[match[2]])


def free_memory() -> int:
    """Returns the bytes of memory that programs can still take, within the container's limit if there is one."""
    import psutil

    free: int = psutil.virtual_memory().available
    try:
        limit, used = (path.read_text(encoding="ascii").strip() for path in (_CGROUP_LIMIT, _CGROUP_USED))
    except OSError:
        return free
    return free if limit == "max" else min(free, int(limit) - int(used))


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a server listens, on 127.0.0.1 alone."""

    bolt: int
    http: int

    def are_free(self) -> bool:
        """Returns whether both ports can be listened on now."""
        return is_free(self.bolt) and is_free(self.http)


def choose_ports(earlier: Ports | None) -> Ports:
    """Returns the ports of an earlier start if they are free, else two free ones.

    LocalServerError when the machine has none left.
    """
    if earlier is not None and earlier.are_free():
        return earlier
    try:
        with socket.socket() as bolt, socket.socket() as http:
            bolt.bind(("127.0.0.1", 0))
            http.bind(("127.0.0.1", 0))
            return Ports(bolt.getsockname()[1], http.getsockname()[1])
    except OSError as error:
        raise LocalServerError(f"there is no free port on 127.0.0.1 for Neo4j: {error.strerror}") from error


def is_free(port: int) -> bool:
    """Returns whether a server could listen on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server: a closing one is no obstacle
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def render(data: Path, logs: Path, plugins: Path, imports: Path, ports: Ports, memory: Memory) -> str:
    """Returns the text of neo4j.conf."""
    lines = {
        "server.directories.data": data,
        "server.directories.logs": logs,
        "server.directories.plugins": plugins,
        "server.directories.import": imports,
        "server.default_listen_address": "127.0.0.1",
        "server.default_advertised_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{ports.bolt}",
        "server.bolt.advertised_address": f"127.0.0.1:{ports.bolt}",
        "server.http.listen_address": f"127.0.0.1:{ports.http}",
        "server.http.advertised_address": f"127.0.0.1:{ports.http}",
        "server.memory.pagecache.size": memory.page_cache,
        "dbms.security.auth_enabled": "true",
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        # An empty database takes kilobytes instead of 512 MB, and the log of writes is not kept for days:
        # nobody takes incremental backups of a local server.
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "false",
        # Without these a stop waits twice five seconds for silence on connections that are closed already.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())

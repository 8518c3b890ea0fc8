"""Cassandra: one node on 127.0.0.1, or three on 127.0.0.1 to 127.0.0.3, which find each other by the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from engines.jars import class_path, installed, pins
from engines.java import java
from engines.process import Process, free_port, listens

_EXPORTED = (
    "java.base/java.lang.ref", "java.base/java.lang.reflect", "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref", "java.base/sun.nio.ch", "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry", "java.rmi/sun.rmi.server", "java.rmi/sun.rmi.transport.tcp", "java.sql/java.sql",
)  # fmt: skip
_OPENED = (
    "java.base/java.io", "java.base/java.lang", "java.base/java.lang.module", "java.base/java.lang.reflect",
    "java.base/java.math", "java.base/java.net", "java.base/java.nio", "java.base/java.util",
    "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math", "java.base/jdk.internal.module", "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect", "java.base/jdk.internal.util.jar", "java.base/jdk.internal.vm",
    "java.base/sun.nio.ch", "jdk.management/com.sun.management.internal",
)  # fmt: skip
_LOGBACK = """<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %level %logger %msg%n</pattern>
  </encoder></appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
"""


class Node:
    """One node of a cluster."""

    def __init__(self, folder: Path, host: str, port: int, storage_port: int, heap: str) -> None:
        self.host = host
        self.port = port
        self._folder = folder
        self._storage_port = storage_port
        self._heap = heap
        self._process = Process(f"cassandra-{host}", folder)

    def start(self) -> Node:
        """Starts the node, again on what it kept where it was stopped or killed; it is ready when it answers CQL."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "cassandra.yaml").write_text(yaml.safe_dump(self._settings()), encoding="utf-8")
        (self._folder / "logback.xml").write_text(_LOGBACK, encoding="utf-8")
        self._process.start(self._command(), lambda: listens(self.host, self.port))
        return self

    def stop(self) -> None:
        """Ends the node."""
        self._process.stop()

    def kill(self) -> None:
        """Ends the node as a failing machine does."""
        self._process.kill()

    def _command(self) -> list[str]:
        jamm = next(pin.name for pin in pins("cassandra") if pin.artifact == "jamm")
        return [
            java(),
            *(f"--add-exports={name}=ALL-UNNAMED" for name in _EXPORTED),
            *(f"--add-opens={name}=ALL-UNNAMED" for name in _OPENED),
            f"-javaagent:{installed('cassandra') / jamm}",
            "-Djava.security.manager=allow",
            f"-Xms{self._heap}",
            f"-Xmx{self._heap}",
            "-Xss512k",
            "-XX:+UseSerialGC",
            f"-Dlogback.configurationFile={self._folder / 'logback.xml'}",
            f"-Dcassandra.config=file://{self._folder / 'cassandra.yaml'}",
            f"-Dcassandra.storagedir={self._folder}",
            f"-Dcassandra.logdir={self._folder}",
            f"-Dcassandra.jmx.local.port={free_port()}",
            "-Dcassandra-foreground=yes",
            "-Dcassandra.ring_delay_ms=3000",
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Djna.nosys=true",
            "-cp",
            class_path("cassandra"),
            "org.apache.cassandra.service.CassandraDaemon",
        ]

    def _settings(self) -> dict[str, Any]:
        data = self._folder / "data"
        return {
            "cluster_name": "linkage",
            "num_tokens": 4,
            "auto_bootstrap": False,
            "listen_address": self.host,
            "rpc_address": self.host,
            "storage_port": self._storage_port,
            "native_transport_port": self.port,
            "seed_provider": [
                {
                    "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                    "parameters": [{"seeds": f"127.0.0.1:{self._storage_port}"}],
                }
            ],
            "data_file_directories": [str(data / "data")],
            "commitlog_directory": str(data / "commitlog"),
            "saved_caches_directory": str(data / "saved_caches"),
            "hints_directory": str(data / "hints"),
            "cdc_raw_directory": str(data / "cdc_raw"),
            "commitlog_sync": "periodic",
            "commitlog_sync_period": "1000ms",
            "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "endpoint_snitch": "SimpleSnitch",
            "memtable_heap_space": "96MiB",
            "memtable_offheap_space": "96MiB",
            "concurrent_reads": 8,
            "concurrent_writes": 8,
            "concurrent_compactors": 1,
            "file_cache_size": "32MiB",
            "key_cache_size": "8MiB",
            "auto_snapshot": False,
            "read_request_timeout": "10s",
            "write_request_timeout": "10s",
            "range_request_timeout": "20s",
        }


def nodes(folder: Path, count: int = 1, heap: str = "512m") -> list[Node]:
    """Returns the nodes of a cluster, none of them started; the first is the one that others ask."""
    port, storage_port = free_port(), free_port()
    return [Node(folder / f"node{at}", f"127.0.0.{at}", port, storage_port, heap) for at in range(1, count + 1)]

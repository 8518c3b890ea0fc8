"""Makes the lists of jars again: for maintainers, `python -m engines.pinning` in tests/; needs Maven.

JanusGraph 1.1.0 does not start on the commons-lang3 that Maven chooses for it (NoSuchMethodError Range.of). A server
without slf4j-simple says nothing at all, and so not what is wrong either.
"""

from __future__ import annotations

from pathlib import Path

from linkage.stores.neo4j.local.pinning import resolve

TINKERPOP, JANUSGRAPH, CASSANDRA = "3.8.1", "1.1.0", "5.0.9"
_LOG = "org.slf4j:slf4j-simple:1.7.36"
ENGINES = {
    f"tinkergraph: Gremlin Server {TINKERPOP} with TinkerGraph": (
        f"org.apache.tinkerpop:gremlin-server:{TINKERPOP}",
        f"org.apache.tinkerpop:tinkergraph-gremlin:{TINKERPOP}",
        _LOG,
    ),
    f"janusgraph: JanusGraph {JANUSGRAPH} in memory, on BerkeleyDB and on Cassandra": (
        "org.apache.commons:commons-lang3:3.17.0",  # named first, so it is the one that Maven takes
        *(f"org.janusgraph:janusgraph-{part}:{JANUSGRAPH}" for part in ("server", "inmemory", "berkeleyje", "cql")),
        _LOG,
    ),
    f"cassandra: Cassandra {CASSANDRA}": (f"org.apache.cassandra:cassandra-all:{CASSANDRA}",),
}


def main() -> None:
    """Resolves the jars of each engine and writes its list beside this module."""
    for title, coordinates in ENGINES.items():
        name, _, said = title.partition(": ")
        lines = sorted(pin.line() for pin in resolve("lib", coordinates).values())
        head = f"# {said}: folder, coordinate, SHA-256. Made by `python -m engines.pinning` in tests/.\n"
        Path(__file__).with_name(f"{name}.txt").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

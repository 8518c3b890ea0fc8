"""Gremlin servers: TinkerPop's own with TinkerGraph, and JanusGraph on what keeps its data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from engines.jars import class_path
from engines.java import java
from engines.process import Process, free_port
from linkage.errors import StoreError
from linkage.stores.gremlin.session import Session, g

_TINKERPOP = "org.apache.tinkerpop.gremlin"
_TINKERGRAPH = {
    "gremlin.graph": f"{_TINKERPOP}.tinkergraph.structure.TinkerGraph",
    "gremlin.tinkergraph.vertexIdManager": "ANY",
    "gremlin.tinkergraph.edgeIdManager": "ANY",
}
_JANUSGRAPH = {
    "gremlin.graph": "org.janusgraph.core.JanusGraphFactory",
    "graph.set-vertex-id": "true",
    "schema.default": "none",
    "query.batch.enabled": "true",
}
TEXT_IDS = {"graph.allow-custom-vid-types": "true"}
"""Not for BerkeleyDB, which refuses it."""

_FREE_DISK = 256 << 20
"""Bytes that BerkeleyDB leaves free, or it refuses to write; by itself it wants 5 GB, which test machines may lack."""

_SMALL = 2000
"""So many vertices a JanusGraph removes faster than it starts."""

_SOURCE = "[g: traversal().withEmbedded(graph)]\n"
_INDEXES = (
    "for (name in ['bucket', 'of_run', 'of_ring']) {\n"
    "  graph.createIndex(name, org.apache.tinkerpop.gremlin.structure.Vertex.class)\n}\n"
)
_MAINS = {
    "tinkergraph": f"{_TINKERPOP}.server.GremlinServer",
    "janusgraph": "org.janusgraph.graphdb.server.JanusGraphServer",
}
_PLUGINS = {
    "tinkergraph": f"{_TINKERPOP}.tinkergraph.jsr223.TinkerGraphGremlinPlugin",
    "janusgraph": "org.janusgraph.graphdb.tinkerpop.plugin.JanusGraphGremlinPlugin",
}


class GremlinServer:
    """A server of one graph, set by `properties`; `more` are settings of the server itself, as for its users.

    `jars`: the engine whose jars it runs on, where these are not its own.
    """

    def __init__(
        self,
        engine: str,
        folder: Path,
        properties: dict[str, str],
        heap: str = "512m",
        more: dict[str, Any] | None = None,
        scheme: str = "gremlin+ws",
        credentials: tuple[str, str] = ("", ""),
        jars: str = "",
    ) -> None:
        self.engine = engine
        self._jars = jars or engine
        self.folder = folder
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._credentials = credentials
        self.properties = properties
        self._heap = heap
        self._more = more or {}
        self._process = Process(engine, folder)

    def start(self) -> GremlinServer:
        """Starts the server, again on what it kept where it was stopped or killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write()
        command = [java(), f"-Xmx{self._heap}", "-Xss2m", "-XX:+UseSerialGC"]
        command += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path(self._jars)]
        self._process.start([*command, _MAINS[self.engine], str(self.folder / "server.yaml")], self._answers)
        return self

    def stop(self) -> None:
        """Ends the server."""
        self._process.stop()

    def kill(self) -> None:
        """Ends the server as a failing machine does."""
        self._process.kill()

    def empty(self) -> None:
        """Removes all vertices and edges, and keeps the schema of what is small; what is large is begun anew."""
        session = Session(self.url, *self._credentials)
        if self.engine == "tinkergraph":
            session.script("empty", f"graph.clear(); {_INDEXES}; 0")
        elif len(session.rows("count", g.V().limit(_SMALL + 1).id_())) <= _SMALL:
            session.rows("empty", g.V().drop())
        else:
            self.stop()
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            self.start()
        session.close()

    def _answers(self) -> bool:
        session = Session(self.url, *self._credentials, patience=0.0)
        try:
            session.ping()
        except StoreError:
            return False
        finally:
            session.close()
        return True

    def _write(self) -> None:
        # a list is a key that comes again: Gremlin Server reads "a,b" as one value
        properties = "".join(f"{name}={one}\n" for name, value in self.properties.items() for one in value.split(","))
        (self.folder / "graph.properties").write_text(properties, encoding="utf-8")
        script = (_INDEXES if self.engine == "tinkergraph" else "") + _SOURCE
        (self.folder / "graph.groovy").write_text(script, encoding="utf-8")
        settings = yaml.safe_dump(self.settings(), sort_keys=False)
        (self.folder / "server.yaml").write_text(settings, encoding="utf-8")

    def settings(self) -> dict[str, Any]:
        """Returns the server's own settings."""
        binary: dict[str, Any] = {"className": f"{_TINKERPOP}.util.ser.GraphBinaryMessageSerializerV1"}
        if self.engine == "janusgraph":
            binary["config"] = {"ioRegistries": ["org.janusgraph.graphdb.tinkerpop.JanusGraphIoRegistry"]}
        plugins: dict[str, Any] = {
            f"{_TINKERPOP}.server.jsr223.GremlinServerGremlinPlugin": {},
            _PLUGINS[self.engine]: {},
            f"{_TINKERPOP}.jsr223.ScriptFileGremlinPlugin": {"files": [str(self.folder / "graph.groovy")]},
        }
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "evaluationTimeout": 30_000,
            "threadPoolWorker": 1,
            "gremlinPool": 8,
            "maxContentLength": 10_485_760,
            "resultIterationBatchSize": 1000,
            "channelizer": f"{_TINKERPOP}.server.channel.WebSocketChannelizer",
            "graphs": {"graph": str(self.folder / "graph.properties")},
            "scriptEngines": {"gremlin-groovy": {"plugins": plugins}},
            "serializers": [binary],
        } | self._more


def tinkergraph(folder: Path, **more: Any) -> GremlinServer:
    """Returns a Gremlin Server with a TinkerGraph, which forgets all when it ends."""
    return GremlinServer("tinkergraph", folder, _TINKERGRAPH, **more)


def tinkergraph_of_janusgraph(folder: Path) -> GremlinServer:
    """Returns the same of the release of TinkerPop that JanusGraph is made with, 3.7."""
    return tinkergraph(folder, jars="janusgraph")


def janusgraph_in_memory(folder: Path) -> GremlinServer:
    """Returns a JanusGraph that forgets all when it ends."""
    return GremlinServer("janusgraph", folder, _JANUSGRAPH | TEXT_IDS | {"storage.backend": "inmemory"})


def janusgraph_on_berkeleydb(folder: Path) -> GremlinServer:
    """Returns a JanusGraph on BerkeleyDB, in files of its own."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    storage = {
        "storage.backend": "berkeleyje",
        "storage.directory": str(folder / "data"),
        "storage.berkeleyje.ext.je.freeDisk": str(_FREE_DISK),
    }
    return GremlinServer("janusgraph", folder, _JANUSGRAPH | storage)


def janusgraph_on_cassandra(folder: Path, nodes: list[str], port: int, replication: int = 1) -> GremlinServer:
    """Returns a JanusGraph on Cassandra, which reads and writes by quorum."""
    storage = {
        "storage.backend": "cql",
        "storage.hostname": ",".join(nodes),
        "storage.port": str(port),
        "storage.cql.local-datacenter": "datacenter1",
        "storage.cql.replication-factor": str(replication),
        "storage.cql.read-consistency-level": "QUORUM",
        "storage.cql.write-consistency-level": "QUORUM",
        "storage.cql.init-wait-time": "2500" if replication > 1 else "0",
    }
    return GremlinServer("janusgraph", folder, _JANUSGRAPH | TEXT_IDS | storage, heap="768m")

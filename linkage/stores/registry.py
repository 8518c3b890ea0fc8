"""From a store URL to an open store."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from linkage.errors import SettingsError
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.base import GraphTables, Store
from linkage.working import WorkingFile

LOCAL_NEO4J = "neo4j:local"
_BOLT = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_GREMLIN = ("gremlin+ws", "gremlin+wss")


def is_embedded(url: str) -> bool:
    """Returns whether the URL names an embedded store."""
    return url.startswith("duckdb:")


def open_store(settings: Settings, working: WorkingFile, progress: Progress, patience: float | None = None) -> Store:
    """Returns the store of `settings.store`; SettingsError for a URL that names none.

    `patience` are the seconds for which a server is waited for at each call, where that is not left to the store.
    """
    url = settings.store
    if is_embedded(url):
        from linkage.stores.duckdb import DuckDBStore

        return DuckDBStore(working)
    if url == LOCAL_NEO4J:
        return _local_neo4j(settings, progress, patience)
    scheme = urlsplit(url).scheme
    if scheme in _BOLT:
        return _remote_neo4j(settings, patience)
    if scheme in _GREMLIN:
        return _gremlin(settings, patience)
    raise SettingsError(
        f"«{scheme or url}» is no kind of store: use duckdb:PATH, neo4j:local, neo4j://, neo4j+s://, bolt://, "
        "gremlin+ws:// or gremlin+wss://"
    )


def is_unfilled(settings: Settings) -> bool:
    """Returns whether the store is a local Neo4j without a database yet: `first_import` makes it without a start."""
    if settings.store != LOCAL_NEO4J:
        return False
    from linkage.stores.neo4j.local import LocalServer

    return LocalServer(settings).is_unfilled()


def install_local(settings: Settings, progress: Progress) -> None:
    """Gets the jars of the local Neo4j that are missing."""
    from linkage.stores.neo4j.local import LocalServer

    LocalServer(settings).install(progress)


def first_import(settings: Settings, graph: GraphTables, progress: Progress) -> None:
    """Makes the local Neo4j's database of the whole graph, whose uses are numbered, and starts the server on it."""
    from linkage.stores.neo4j.bulk import import_graph
    from linkage.stores.neo4j.local import LocalServer

    import_graph(partial(LocalServer(settings).bulk_import, progress=progress), graph)


def _remote_neo4j(settings: Settings, patience: float | None) -> Store:
    from linkage.stores.neo4j.store import Neo4jStore

    if urlsplit(settings.store).username:
        raise SettingsError("give the store's credentials as LINKAGE_USER and LINKAGE_PASSWORD, not in its URL")
    return Neo4jStore(settings.store, settings.user, settings.password, patience=patience)


def _gremlin(settings: Settings, patience: float | None) -> Store:
    from linkage.stores.gremlin.store import GremlinStore

    return GremlinStore(settings.store, settings.user, settings.password, patience=patience)


def _local_neo4j(settings: Settings, progress: Progress, patience: float | None) -> Store:
    from linkage.stores.neo4j.local.server import LocalServer
    from linkage.stores.neo4j.store import Neo4jStore

    server = LocalServer(settings)
    info = server.start(progress)
    importer = partial(server.bulk_import, progress=progress)
    return Neo4jStore(info.bolt, info.user, info.password, importer=importer, patience=patience)

"""The Neo4j store: the reference, with Browser and, where they are installed, graph algorithms (GDS)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from linkage.errors import UnsupportedOperation
from linkage.stores.base import Capability, GraphTables, Publication
from linkage.stores.neo4j import detection, writes
from linkage.stores.neo4j.bulk import Importer, import_graph
from linkage.stores.neo4j.publishing import publish
from linkage.stores.neo4j.reads import Neo4jReads
from linkage.stores.neo4j.session import DATABASE, RETRY_SECONDS, Session

if TYPE_CHECKING:
    import pyarrow as pa


class Neo4jStore(Neo4jReads):
    """One database of a Neo4j server; StoreUnavailable if it does not answer.

    `importer` fills the empty database from CSV files; who gives one can reach the server's disk.
    """

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        *,
        database: str = DATABASE,
        patience: float | None = None,
        importer: Importer | None = None,
    ) -> None:
        self._session = Session(url, user, password, database, RETRY_SECONDS if patience is None else patience)
        self._importer = importer
        try:
            self._session.ping()
            self._gds = detection.has_gds(self._session)
        except BaseException:
            self._session.close()
            raise
        able = {
            Capability.CONCURRENT_READS: True,
            Capability.SEALED_VALUES: True,
            Capability.COMMUNITIES: self._gds,
            Capability.BULK_IMPORT: importer is not None,
        }
        self.capabilities = frozenset(name for name, can in able.items() if can)

    @property
    def url(self) -> str:
        return self._session.url

    def close(self) -> None:
        self._session.close()

    def ping(self) -> None:
        self._session.ping()

    def prepare(self) -> None:
        writes.prepare(self._session)

    def load(self, graph: GraphTables) -> None:
        writes.load(self._session, graph)

    def bulk_import(self, graph: GraphTables) -> None:
        """Fills the empty database, then makes constraints and indexes again."""
        if self._importer is None:
            super().bulk_import(graph)
            return
        counts = self.counts()
        if counts.accounts or counts.identifiers:
            raise UnsupportedOperation(f"{self.url} holds a graph already, which an import would replace; use load")
        import_graph(self._importer, graph)
        self._session.reconnect()
        self.prepare()

    def mark_loaded(self, load: int) -> None:
        self._session.write("load/mark_loaded", load=load)

    def replace_links(self, links: Iterable[pa.Table], run_id: str) -> None:
        writes.replace_links(self._session, links, run_id)

    def remove_uses(self, uses: Iterable[pa.Table]) -> None:
        writes.remove_uses(self._session, uses)

    def components(self) -> pa.Table:
        return detection.components(self._session, gds=self._gds)

    def communities(self, resolution: float) -> pa.Table:
        if not self._gds:
            return super().communities(resolution)
        return detection.communities(self._session, resolution)

    def publish(self, publication: Publication) -> None:
        publish(self._session, publication)

"""The Gremlin store: JanusGraph and other TinkerPop servers, past one machine."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from linkage.stores.base import Capability, GraphTables, Publication
from linkage.stores.gremlin import schema, writes
from linkage.stores.gremlin.ids import Ids
from linkage.stores.gremlin.publishing import publish
from linkage.stores.gremlin.reads import GremlinReads
from linkage.stores.gremlin.session import RETRY_SECONDS, Session

if TYPE_CHECKING:
    import pyarrow as pa


class GremlinStore(GremlinReads):
    """The graph of one Gremlin server; StoreUnavailable if it does not answer."""

    capabilities = frozenset({Capability.CONCURRENT_READS})

    def __init__(self, url: str, user: str = "", password: str = "", *, patience: float | None = None) -> None:
        self._session = Session(url, user, password, RETRY_SECONDS if patience is None else patience)
        self._deciding = threading.Lock()
        try:
            self._session.ping()
            self._janusgraph = schema.is_janusgraph(self._session)
            numbers = self._janusgraph and not schema.takes_text_ids(self._session)
            self._ids = Ids(numbers, edges=not self._janusgraph)
        except BaseException:
            self._session.close()
            raise

    @property
    def url(self) -> str:
        return self._session.url

    def close(self) -> None:
        self._session.close()

    def ping(self) -> None:
        self._session.ping()

    def prepare(self) -> None:
        if self._janusgraph:
            schema.prepare(self._session)

    def load(self, graph: GraphTables) -> None:
        writes.load(self._session, self._ids, graph)

    def mark_loaded(self, load: int) -> None:
        writes.mark_loaded(self._session, self._ids, load)

    def replace_links(self, links: Iterable[pa.Table], run_id: str) -> None:  # noqa: ARG002 - links carry digests
        writes.replace_links(self._session, self._ids, links)

    def remove_uses(self, uses: Iterable[pa.Table]) -> None:
        writes.remove_uses(self._session, self._ids, uses)

    def publish(self, publication: Publication) -> None:
        publish(self._session, self._ids, publication)

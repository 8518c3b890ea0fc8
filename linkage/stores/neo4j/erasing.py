"""Erasing in Neo4j."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.stores.erasing import Erasing, Traces
from linkage.stores.neo4j.session import Session

BATCH_ROWS = 10_000


class Neo4jErasing(Erasing):
    """The part of the Neo4j store that erases."""

    _session: Session

    def traces(self, account_ids: Sequence[str], keys: Sequence[str]) -> Traces:
        found = self._session.read("maintain/count_traces", accounts=list(account_ids), keys=list(keys))
        return Traces(**found[0])

    def erase(self, account_ids: Sequence[str], keys: Sequence[str]) -> None:
        gone = {"accounts": list(account_ids), "keys": list(keys)}
        self._session.write("maintain/erase_memberships", accounts=gone["accounts"])
        while self._session.write("maintain/erase_relationships", **gone, limit=BATCH_ROWS)[0]["rows"]:
            pass
        self._session.write("maintain/erase_nodes", **gone)
        while self._session.write("maintain/remove_unused", limit=BATCH_ROWS)[0]["rows"]:
            pass

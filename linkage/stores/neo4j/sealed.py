"""Sealed values in Neo4j: a property of identifiers, in bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from linkage.stores.neo4j.session import Session
from linkage.stores.sealed import SealedValues

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000


class Neo4jSealed(SealedValues):
    """The part of the Neo4j store that holds sealed values."""

    _session: Session

    def keep_sealed(self, values: Iterable[pa.Table]) -> None:
        for table in values:
            for begin in range(0, table.num_rows, BATCH_ROWS):
                self._session.write("load/merge_sealed", rows=table.slice(begin, BATCH_ROWS).to_pylist())

    def sealed(self, keys: Sequence[str]) -> dict[str, bytes]:
        found = self._session.read("serve/list_sealed", keys=list(keys))
        return {row["key"]: bytes(row["value"]) for row in found}

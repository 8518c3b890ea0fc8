"""Sealed values in the embedded store: a table of the working file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from linkage.model.graph import sealed_schema
from linkage.stores.sealed import SealedValues

if TYPE_CHECKING:
    import pyarrow as pa


class DuckDBSealed(SealedValues):
    """The part of the embedded store that holds sealed values."""

    @abstractmethod
    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a query over the working file as it stands."""

    @abstractmethod
    def _batches(self, query: str, schema: pa.Schema, values: object = None) -> Iterator[pa.Table]:
        """Yields the rows of a query over the file as it stands."""

    def keep_sealed(self, values: Iterable[pa.Table]) -> None:
        """Needs nothing: a load seals values into the working file itself (see `derive.sealer`)."""

    def sealed(self, keys: Sequence[str]) -> dict[str, bytes]:
        query = "SELECT printf('%016x', key), value FROM sealed WHERE list_contains($keys, key)"
        return dict(self._all(query, {"keys": [int(key, 16) for key in keys if _is_key(key)]}))

    def sealed_table(self, after: int = 0) -> Iterator[pa.Table]:
        """Returns the values that loads after `after` sealed, for another store; an earlier version's file has none."""
        if not self._all("SELECT 1 FROM duckdb_tables() WHERE table_name = 'sealed'"):
            return iter(())
        query = "SELECT printf('%016x', key) AS key, value FROM sealed WHERE load > $after ORDER BY key"
        return self._batches(query, sealed_schema(), {"after": after})


def _is_key(key: str) -> bool:
    return len(key) == 16 and set(key) <= set("0123456789abcdef")

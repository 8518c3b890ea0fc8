"""The embedded store: the working file itself, read and published to without a server."""

from linkage.stores.duckdb.store import DuckDBStore

__all__ = ["DuckDBStore"]

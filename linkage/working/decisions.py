"""The file of decisions beside a working file: a DuckDB file of its own, which no rewrite of the working file touches.

A decision is written in milliseconds, also while a night's run holds the working file for minutes, and stays when
the facts are loaded into a new working file of that name. It is opened for the length of one call, by one process
at a time.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import StoreError

if TYPE_CHECKING:
    import duckdb

_TABLE = """
CREATE TABLE IF NOT EXISTS decision (
    decision_id VARCHAR, version INTEGER, ruling VARCHAR, accounts VARCHAR[], ring_id VARCHAR, author VARCHAR,
    reason VARCHAR, moment TIMESTAMP, expires TIMESTAMP, revoked TIMESTAMP, revoked_by VARCHAR)
"""


class DecisionFile:
    """The decisions at `path`; there need not be any yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def exists(self) -> bool:
        """Returns whether a decision was ever kept."""
        return self._path.exists()

    def compact(self) -> None:
        """Writes the file anew, so that nothing is left in it of what was removed."""
        if not self.exists:
            return
        aside = self._path.with_name(self._path.name + ".next")
        try:
            with self._locked():
                aside.unlink(missing_ok=True)
                self._copy(aside)
                aside.chmod(0o600)
                aside.replace(self._path)
        finally:
            aside.unlink(missing_ok=True)

    def _copy(self, aside: Path) -> None:
        import duckdb

        with duckdb.connect(str(self._path), read_only=True) as con:
            rows = con.sql("FROM decision").to_arrow_table()
        with duckdb.connect(str(aside)) as con:
            con.execute(_TABLE)
            con.register("rows", rows)
            con.execute("INSERT INTO decision FROM rows ORDER BY moment, decision_id")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import duckdb

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_name(self._path.name + ".lock").open("a") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
        except (OSError, duckdb.Error) as error:
            raise StoreError(f"{self._path} cannot be used: {str(error).splitlines()[0]}") from error

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection in a transaction, which an error takes back; waits for others to be done."""
        import duckdb

        with self._locked(), duckdb.connect(str(self._path)) as con:
            self._path.chmod(0o600)
            con.execute(_TABLE)
            con.begin()
            yield con
            con.commit()
            con.execute("CHECKPOINT")

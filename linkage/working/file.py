"""One working file: locked by one writer, replaced as a whole, read by many.

A writer works on a copy and puts it in the old one's place when it is finished, so a reader sees the old
file or the new one, and a writer killed at any moment leaves the old one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import LockHeld, StoreError, StoreUnavailable
from linkage.settings import Settings
from linkage.working.beside import META, VARIABLE, new_path, remove_others
from linkage.working.schema import ensure_schema, get_meta

if TYPE_CHECKING:
    import duckdb


ATTACHED = "working"
"""The name under which a reader's connection holds the file; a cursor of it says `USE` again."""

BEFORE = "before"
"""The name under which a rewriter's connection holds the file that it is about to replace."""


class WorkingFile:
    """The DuckDB file at `path`; nothing is opened or made before it is asked for."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self._settings = settings
        self._locked = False

    @property
    def exists(self) -> bool:
        """Returns whether there is a file yet."""
        return self.path.exists()

    def beside(self, ending: str) -> Path:
        """Returns the path of a companion of the file (`.lock`, `.key`, …)."""
        return self.path.with_name(self.path.name + ending)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the one writer's lock; LockHeld while another process has it. It ends with the process.

        Who holds it may take it again: a night is made of jobs that each take it.
        """
        if self._locked:
            yield
            return
        self._make_folder()
        with self.beside(".lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LockHeld(f"another run holds the lock of {self.path}: wait for it to end") from None
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection to a copy that takes the file's place at the end, unless an error ends it.

        The caller holds `lock`.
        """
        with self._replacing(copied=True) as con:
            yield con

    @contextmanager
    def rewrite(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection to a new file with empty tables, which takes the file's place at the end, and in which
        the file is attached as BEFORE, to be read.

        Rows that are deleted stay in a file until their space is used again; what is not brought over into a new one is
        gone. The caller holds `lock`, and the file is of this version.
        """
        with self._replacing(copied=False) as con:
            con.execute(f"ATTACH {_quoted(self.path)} AS {BEFORE} (READ_ONLY)")
            yield con
            con.execute(f"DETACH {BEFORE}")

    @contextmanager
    def _replacing(self, *, copied: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        following, keyed = self.beside(".next"), new_path(self.path)
        self._discard(following)
        try:
            if copied and self.exists:
                shutil.copyfile(self.path, following)
            con = self._connect(str(following))
            try:
                ensure_schema(con, str(self.path), upgrade=True)
                if self._settings.store.startswith("duckdb:"):
                    con.execute(f"SET VARIABLE {VARIABLE} = $path", {"path": str(keyed)})
                yield con
                con.execute("CHECKPOINT")
                kept = get_meta(con, META) or ""
            finally:
                con.close()
            self._put_in_place(following)
            remove_others(self.path, kept)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        except (duckdb.IOException, duckdb.FatalException) as error:  # a full disk is either, by when it is met
            raise StoreError(f"{self.path} cannot be written: {_first_line(error)}") from error
        finally:
            if following.exists():  # it was not put in place
                keyed.unlink(missing_ok=True)
            self._discard(following)

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a read-only connection to the file as it is now."""
        con = self.open_read()
        try:
            yield con
        finally:
            con.close()

    def open_read(self) -> duckdb.DuckDBPyConnection:
        """Returns a read-only connection that the caller closes; StoreUnavailable where there is no file."""
        if not self.exists:
            raise StoreUnavailable(f"there is no store at {self.path}: run `linkage load DIR` first")
        con = self._attach()
        try:
            ensure_schema(con, str(self.path))
        except BaseException:
            con.close()
            raise
        return con

    def _attach(self) -> duckdb.DuckDBPyConnection:
        """Returns a connection to the file as it is now.

        It is attached to an instance of its own: DuckDB keeps opened files by path, and would go on giving
        out the old file after a writer has put a new one in its place.
        """
        import duckdb

        con = self._connect(":memory:")
        try:
            con.execute(f"ATTACH {_quoted(self.path)} AS {ATTACHED} (READ_ONLY)")
            con.execute(f"USE {ATTACHED}")
        except duckdb.Error as error:
            con.close()
            raise StoreError(f"{self.path} cannot be opened: {_first_line(error)}") from error
        return con

    def _connect(self, database: str) -> duckdb.DuckDBPyConnection:
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": self._settings.threads,
            "memory_limit": self._settings.memory,
            "preserve_insertion_order": False,
            "temp_directory": str(self.beside(".tmp")),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            return duckdb.connect(database, config=config)
        except duckdb.Error as error:
            raise StoreError(f"{self.path} cannot be opened: {_first_line(error)}") from error

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.path.parent} cannot be made: {error.strerror}") from error

    def _put_in_place(self, following: Path) -> None:
        following.chmod(0o600)
        with following.open("rb") as handle:
            os.fsync(handle.fileno())
        following.replace(self.path)

    def _discard(self, following: Path) -> None:
        following.unlink(missing_ok=True)
        following.with_name(following.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(self.beside(".tmp"), ignore_errors=True)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]

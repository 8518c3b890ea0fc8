"""The working file: one writer, replaced as a whole, read by many."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from linkage.errors import LockHeld, StoreError, StoreUnavailable
from linkage.settings import Settings
from linkage.working import WorkingFile
from linkage.working.incidence import read_ordinals
from linkage.working.schema import SCHEMA_VERSION, get_meta, set_meta


@pytest.fixture
def working(tmp_path: Path) -> WorkingFile:
    """Returns a working file with a named value «x» of one."""
    file = WorkingFile(tmp_path / "a folder" / "it's one.duckdb", Settings(threads=1))
    with file.lock(), file.write() as con:
        set_meta(con, "x", "one")
    return file


def _value(working: WorkingFile) -> str | None:
    with working.read() as con:
        return get_meta(con, "x")


def _names(working: WorkingFile) -> list[str]:
    return sorted(path.name for path in working.path.parent.iterdir())


def test_what_was_written_is_read(working: WorkingFile) -> None:
    assert _value(working) == "one"
    assert stat.S_IMODE(working.path.stat().st_mode) == 0o600
    assert _names(working) == ["it's one.duckdb", "it's one.duckdb.lock"]


def test_a_reader_sees_the_old_file_until_the_writer_is_done(working: WorkingFile) -> None:
    with working.read() as before:
        with working.lock(), working.write() as con:
            set_meta(con, "x", "two")
            assert _value(working) == "one"
        assert _value(working) == "two"
        assert get_meta(before, "x") == "one"


def test_who_holds_the_lock_may_take_it_again_and_still_holds_it(working: WorkingFile) -> None:
    other = WorkingFile(working.path, Settings())
    with working.lock():
        with working.lock():
            pass
        with pytest.raises(LockHeld), other.lock():
            pass
    with other.lock(), pytest.raises(LockHeld), working.lock():
        pass


def test_an_error_while_writing_leaves_the_old_file(working: WorkingFile) -> None:
    def fail() -> None:
        with working.lock(), working.write() as con:
            set_meta(con, "x", "two")
            raise RuntimeError("as planned")

    with pytest.raises(RuntimeError, match="as planned"):
        fail()
    assert _value(working) == "one"
    assert _names(working) == ["it's one.duckdb", "it's one.duckdb.lock"]


def test_what_a_killed_writer_left_is_swept_away(working: WorkingFile) -> None:
    working.beside(".next").write_bytes(b"half a file")
    working.beside(".next.wal").write_bytes(b"half a log")
    working.beside(".tmp").mkdir()
    (working.beside(".tmp") / "spilled").write_bytes(b"rows")
    with working.lock(), working.write() as con:
        set_meta(con, "x", "two")
    assert _value(working) == "two"
    assert _names(working) == ["it's one.duckdb", "it's one.duckdb.lock"]


def test_the_lock_is_held_by_one_process_and_ends_with_it(working: WorkingFile) -> None:
    code = (
        "import sys, time; from pathlib import Path; from linkage.settings import Settings; "
        "from linkage.working import WorkingFile\n"
        "with WorkingFile(Path(sys.argv[1]), Settings()).lock():\n    print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(working.path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockHeld, match="another run holds the lock"), working.lock():
            pass
        assert _value(working) == "one"
        holder.kill()
    with working.lock():
        pass


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="run `linkage load DIR` first"):
        WorkingFile(tmp_path / "none.duckdb", Settings()).open_read()


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE mine (x INTEGER)")
    before = path.read_bytes()
    file = WorkingFile(path, Settings())
    with pytest.raises(StoreError, match="version unknown"):
        file.open_read()
    with pytest.raises(StoreError, match="version unknown"), file.lock(), file.write():
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all", b"x" * 20_000])
def test_a_file_that_is_no_database_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        WorkingFile(path, Settings()).open_read()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot be made"), WorkingFile(tmp_path / "file" / "x", Settings()).lock():
        pass


def test_a_named_value_is_set_once(working: WorkingFile) -> None:
    with working.lock(), working.write() as con:
        set_meta(con, "x", "two")
        set_meta(con, "x", "three")
        assert con.execute("SELECT count(*) FROM meta WHERE name = 'x'").fetchall() == [(1,)]
        assert get_meta(con, "y") is None


def test_a_file_of_an_earlier_version_is_read_and_brought_up_to_date_by_a_writer(working: WorkingFile) -> None:
    with working.lock(), working.write() as con:
        con.execute("DROP TABLE ring_version; DROP TABLE stay; DROP TABLE conflict; DROP TABLE sealed")
        con.execute("ALTER TABLE habit DROP COLUMN alone; ALTER TABLE habit DROP COLUMN ordinal")
        con.execute("INSERT INTO habit (account) VALUES (1)")
        con.execute("INSERT INTO ring (ring_id, status, size, run_id) VALUES ('r1', 'active', 5, 'run-000007')")
        con.execute("INSERT INTO member (ring_id, account_id, role) VALUES ('r1', 'a1', 'core')")
        set_meta(con, "schema", "3")
    assert _value(working) == "one"
    with working.read() as con:
        assert read_ordinals(con).tolist() == [1]
    with working.lock(), working.write():
        pass
    with working.read() as con:
        assert get_meta(con, "schema") == SCHEMA_VERSION
        assert con.execute("SELECT ring_id, size, run_id FROM ring_version").fetchall() == [("r1", 5, "run-000007")]
        assert con.execute("FROM conflict").fetchall() == []
        assert con.execute("SELECT account, alone, ordinal FROM habit").fetchall() == [(1, 0, 1)]
        assert con.execute("FROM stay").fetchall() == [("r1", "a1", "core", "run-000007", "")]

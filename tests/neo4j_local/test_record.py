from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from linkage.errors import LocalServerError
from linkage.stores.neo4j.local.auth import initial_user
from linkage.stores.neo4j.local.config import Ports
from linkage.stores.neo4j.local.filelock import held
from linkage.stores.neo4j.local.layout import Layout, write_private
from linkage.stores.neo4j.local.record import ServerInfo, ServerRecord, read_record

PORTS = Ports(1234, 1235)


def test_a_record_is_read_back(tmp_path: Path) -> None:
    record = ServerRecord(PORTS, 42, 17.5)
    record.write(tmp_path / "server.json")
    assert read_record(tmp_path / "server.json") == record
    assert stat.S_IMODE((tmp_path / "server.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"bolt": "x", "http": 1, "pid": 1, "started": 1}', "null"])
def test_a_record_that_cannot_be_understood_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "server.json"
    assert read_record(file) is None
    file.write_text(text, encoding="utf-8")
    assert read_record(file) is None


def test_another_process_with_the_number_is_not_the_server(tmp_path: Path) -> None:
    me = psutil.Process()
    assert not ServerRecord(PORTS, me.pid, me.create_time()).is_alive(tmp_path)
    assert not ServerRecord(PORTS, me.pid, me.create_time() - 100).is_alive(tmp_path)
    assert not ServerRecord(PORTS, 0, 0.0).is_alive(tmp_path)
    assert not ServerRecord(PORTS, 2**22 + 1, 0.0).is_alive(tmp_path)


def test_the_process_is_known_by_number_start_and_home(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)", f"--home-dir={tmp_path}"]
    with subprocess.Popen(command) as child:
        try:
            began = psutil.Process(child.pid).create_time()
            assert ServerRecord(PORTS, child.pid, began).is_alive(tmp_path)
            while not psutil.Process(child.pid).cmdline():  # empty for a moment while the process begins
                time.sleep(0.01)
            assert not ServerRecord(PORTS, child.pid, began - 60).is_alive(tmp_path)
            assert not ServerRecord(PORTS, child.pid, began).is_alive(tmp_path / "other")
        finally:
            child.kill()
    assert not ServerRecord(PORTS, child.pid, began).is_alive(tmp_path)


def test_the_password_is_not_in_the_representation() -> None:
    info = ServerInfo("bolt://x", "http://x", "neo4j", "very secret", 1, "/home")
    assert "very secret" not in f"{info} {info!r}"
    assert info.as_dict() == {
        "bolt": "bolt://x",
        "http": "http://x",
        "user": "neo4j",
        "password": "very secret",
        "pid": 1,
        "home": "/home",
    }


def test_a_password_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "deep" / "neo4j")
    layout.prepare()
    password = layout.make_password()
    assert len(password) >= 32
    assert layout.make_password() == password == layout.read_password()
    assert stat.S_IMODE(layout.password.stat().st_mode) == 0o600
    assert stat.S_IMODE(layout.home.stat().st_mode) == 0o700


def test_a_lost_password_is_said(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "neo4j")
    layout.prepare()
    (layout.data / "databases" / "system").mkdir(parents=True)
    with pytest.raises(LocalServerError, match="password of the local Neo4j is gone"):
        layout.make_password()


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LocalServerError, match="LINKAGE_HOME"):
        Layout(tmp_path / "file" / "neo4j").prepare()


def test_the_first_password_has_the_form_that_the_administration_tool_writes() -> None:
    salt = "c59106dbc8c49aeca19577d378cbc0f6cec8f3b10905fa429b8838279133a260"
    written_by_the_tool = (
        "neo4j:SHA-256,b1790a0347e6b488d76ab1d120a3ade3c5d00f9f12c9e55f094d1c8690c579eb," + salt + ",1024:\n"
    )
    assert initial_user("abcdefgh12345", bytes.fromhex(salt)) == written_by_the_tool


def test_logs_are_numbered_and_five_are_kept(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "neo4j")
    layout.prepare()
    for start in range(8):
        layout.server_log.write_text(f"start {start}", encoding="utf-8")
        layout.rotate_logs()
    kept = sorted(log.name for log in layout.logs.iterdir())
    assert kept == [f"neo4j.log.{number}" for number in range(1, 6)]
    assert (layout.logs / "neo4j.log.1").read_text("utf-8") == "start 7"


def test_a_lock_waits_for_the_other_and_ends_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from linkage.stores.neo4j.local.filelock import held\n"
        "with held(Path(sys.argv[1]), 1, 'x'): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "lock")], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        blocked = pytest.raises(LocalServerError, match="another process has been working")
        with blocked, held(tmp_path / "lock", 0.2, "working"):
            pass
        os.kill(child.pid, 9)
        began = time.monotonic()
        with held(tmp_path / "lock", 10, "working"):
            assert time.monotonic() - began < 5


def test_private_files_replace_what_was_readable(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text("utf-8") == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

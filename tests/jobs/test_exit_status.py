"""The exit statuses of the contract, as a scheduler sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.settings import Settings
from linkage.working import WorkingFile

SECRET = "correct horse battery"


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs a command in an empty folder and returns its exit status and what it said on standard error."""
    monkeypatch.chdir(tmp_path)
    for row in Settings.__dataclass_fields__.values():
        monkeypatch.delenv(row.metadata["env"], raising=False)
    monkeypatch.setenv("LINKAGE_HOME", str(tmp_path / "home"))

    def run(*words: str, **environ: str) -> tuple[int, str]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["linkage", *words])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().err
        return 0, capsys.readouterr().err

    return run


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """The smallest folder of facts."""
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id\na\nb\n")
    return folder


def test_done_is_0(status, facts: Path) -> None:
    assert status("load", str(facts))[0] == 0
    assert status("detect")[0] == 0
    assert status("rings")[0] == 0
    assert status("queries")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load", "nowhere"], "there is no folder nowhere"),
        (["evaluate", "nowhere", "--truth", "nowhere"], "nowhere"),
    ],
)
def test_work_that_failed_is_1(status, words: list[str], said: str) -> None:
    code, error = status(*words)
    assert (code, error.startswith("linkage: "), said in error) == (1, True, True), error


def test_what_is_not_there_is_1(status, facts: Path) -> None:
    status("load", str(facts))
    assert status("rings") == (
        1,
        "linkage: nothing is published in duckdb:linkage.duckdb: run `linkage detect` first\n",
    )
    status("detect")
    assert status("ring", "ring-none")[0] == 1
    assert status("account", "nobody")[0] == 1
    assert status("why", "a", "nobody")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Usage"),
        (["nonsense"], "nonsense"),
        (["load"], "DIR"),
        (["rings", "--top", "0"], "--top"),
        (["export", "x", "--format", "xml"], "xml"),
        (["simulate", "x", "--accounts", "10", "--seed", "1"], "2,000"),
        (["--store", "ftp://example.org", "rings"], "ftp"),
        (["--store", "duckdb:", "rings"], "path"),
        (["--store", f"bolt://user:{SECRET}@127.0.0.1:1", "rings"], "LINKAGE_PASSWORD"),
        (["serve", "--host", "192.0.2.1"], "LINKAGE_API_KEY"),
    ],
)
def test_wrong_usage_is_2(status, words: list[str], said: str) -> None:
    code, error = status(*words)
    assert (code, said in error) == (2, True), error
    assert SECRET not in error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINKAGE_THREADS", "two"),
        ("LINKAGE_THREADS", "0"),
        ("LINKAGE_MIN_RING", "1"),
        ("LINKAGE_LINK_MARGIN", "-1"),
        *(("LINKAGE_MEMORY", wrong) for wrong in ("zz", "1000", "10KB", "0GB", "-1GB", "99999999TB", "0%", "1e9")),
    ],
)
def test_a_wrong_setting_is_2_and_named(status, name: str, value: str) -> None:
    code, error = status("rings", **{name: value})
    assert (code, name in error) == (2, True)


@pytest.mark.parametrize("size", ["16MB", "1.5 gb", "1GiB", "2T", "50%"])
def test_sizes_of_memory(status, facts: Path, size: str) -> None:
    assert status("load", str(facts))[0] == 0
    code, error = status("rings", LINKAGE_MEMORY=size)
    assert (code, "nothing is published" in error) == (1, True), error


@pytest.mark.parametrize(
    ("words", "environ", "code", "said"),
    [
        (["--log", "json", "rings", "--top", "0"], {}, 2, "--top"),
        (["--log=json", "nonsense"], {}, 2, "nonsense"),
        (["--nonsense"], {"LINKAGE_LOG": "json"}, 2, "--nonsense"),
        (["rings"], {"LINKAGE_LOG": "json", "LINKAGE_THREADS": "0"}, 2, "LINKAGE_THREADS"),
        (["rings"], {"LINKAGE_LOG": "json"}, 5, "there is no store"),
    ],
)
def test_what_went_wrong_is_one_json_object_where_messages_are(status, words, environ, code: int, said: str) -> None:
    found, error = status(*words, **environ)
    told = json.loads(error)
    assert (found, told["exit_status"], told["level"], said in told["message"]) == (code, code, "error", True), told


def test_words_say_the_form_of_messages_over_the_environment(status) -> None:
    code, error = status("--log", "text", "rings", "--top", "0", LINKAGE_LOG="json")
    assert (code, error.startswith("Usage")) == (2, True)


def test_a_remote_store_without_a_key_is_2_or_unreachable_5(status, facts: Path) -> None:
    store = ["--store", "bolt://127.0.0.1:1"]
    code, error = status(*store, "load", str(facts), LINKAGE_USER="neo4j", LINKAGE_PASSWORD=SECRET)
    assert code in (2, 5)
    code, error = status(*store, "load", str(facts), LINKAGE_KEY="0123456789abcdef0123456789abcdef")
    assert (code, "127.0.0.1:1" in error) == (5, True), error
    assert SECRET not in error


@pytest.mark.parametrize(
    "command",
    [
        ["rings"],
        ["why", "a", "b"],
        ["export", "out"],
        ["serve", "--port", "0"],
        ["detect"],
        ["erase", "a", "--author", "x", "--reason", "y"],
    ],
)
def test_a_store_that_is_not_there_is_5_and_gets_no_lock_or_key(status, command: list[str], tmp_path: Path) -> None:
    code, error = status(*command)
    assert (code, "linkage load DIR" in error) == (5, True), error
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".lock", ".key")] == []


def test_a_gremlin_store_that_is_not_there_is_5_and_its_url_must_be_whole(status) -> None:
    code, error = status("--store", "gremlin+ws://127.0.0.1:1", "rings", LINKAGE_PASSWORD=SECRET, LINKAGE_USER="a")
    assert (code, "127.0.0.1:1" in error, SECRET in error) == (5, True, False), error
    for url in ("gremlin+ws://", "gremlin+ws://host:port", "gremlin+wss://user:word@host"):
        assert status("--store", url, "rings")[0] == 2


@pytest.mark.parametrize("command", ["load", "detect"])
def test_a_lock_that_is_held_is_4(status, facts: Path, command: str) -> None:
    status("load", str(facts))
    with WorkingFile(Path("linkage.duckdb"), Settings()).lock():
        code, error = status(command, *([str(facts)] if command == "load" else []))
    assert (code, "lock" in error) == (4, True)
    assert status("detect")[0] == 0


def test_the_process_ends_with_the_status_and_without_a_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "linkage", "--json", "load", "nowhere"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "linkage: there is no folder nowhere\n"

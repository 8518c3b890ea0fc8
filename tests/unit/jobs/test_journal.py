"""The journal of a night."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.jobs.night.journal import Journal, replace
from linkage.model.reports import StepReport

REPORT = StepReport("load", 3, 2, 1, 0.5, {"parts": 1, "file": "x"})


def test_what_is_finished_is_known_after_a_crash_on_the_same_inputs_alone(tmp_path: Path) -> None:
    path = tmp_path / "night"
    journal = Journal(path)
    journal.begin("facts", 4)
    journal.mark("load", "a", REPORT)
    journal.note("forced", ["why"])
    again = Journal(path)
    again.begin("facts", 9)
    assert again.done("load", "a") == REPORT
    assert again.done("load", "b") is None
    assert again.done("find", "a") is None
    assert (again.noted("load_before"), again.noted("forced"), again.began) == (4, ["why"], journal.began)
    again.forget("load")
    assert not Journal(path).finished("load")


def test_other_facts_begin_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "night")
    journal.begin("facts", 4)
    journal.mark("load", "a", REPORT)
    journal.begin("other", 5)
    assert (journal.folder, journal.noted("load_before"), journal.finished("load")) == ("other", 5, False)
    journal.close()
    assert (list(tmp_path.iterdir()), Journal(tmp_path / "night").folder) == ([], "")


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 0, "folder": "facts"}'])
def test_a_journal_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "night").write_bytes(content)
    assert Journal(tmp_path / "night").folder == ""


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    replace(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(path, b"new")
    assert (path.read_bytes(), [one.name for one in tmp_path.iterdir()]) == (b"old", ["file"])
    assert path.stat().st_mode & 0o777 == 0o600

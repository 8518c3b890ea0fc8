"""Parts on a disk that lay still since they were loaded are known by their stamp, and not opened again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.read.storage import LocalFile

from .conftest import site_at


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Returns a small folder whose files say that they are old."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for name, text in {"accounts": "account_id\na\nb\n", "requests": "account_id,at\na,2026-01-01\n"}.items():
        (folder / f"{name}.csv").write_text(text)
        os.utime(folder / f"{name}.csv", (1, 1))
    return folder


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Returns what has every file count as one that lay still for long."""
    return lambda: monkeypatch.setattr("linkage.read.storage._SETTLED_NS", -(1 << 60))


def test_a_file_that_was_just_written_is_not_remembered_whatever_its_time(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkage.read.storage._SETTLED_NS", 10**12)
    site = site_at(tmp_path)
    load(site, facts)
    assert not site.working.beside(".seen").exists()


def test_what_lay_still_is_not_opened_again(
    facts: Path, tmp_path: Path, settled: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settled()
    site = site_at(tmp_path)
    load(site, facts)
    assert site.working.beside(".seen").stat().st_mode & 0o777 == 0o600
    with monkeypatch.context() as patch:
        for way in ("open", "content", "arrow"):
            patch.delattr(LocalFile, way)
        assert load(site, facts)[0].counts["unchanged"] == 1
    (facts / "accounts.csv").write_text("account_id\na\nc\n")
    os.utime(facts / "accounts.csv", (1, 1))  # as long as before, as old, and the same file
    assert load(site, facts)[0].rows_out == 2


@pytest.mark.parametrize("said", ["", "[1]", '{"a":', "\0\0"])
def test_a_record_that_is_lost_or_damaged_costs_a_look(
    facts: Path, tmp_path: Path, settled: Callable[[], None], said: str
) -> None:
    settled()
    site = site_at(tmp_path)
    load(site, facts)
    whole = site.working.beside(".seen").read_text()
    site.working.beside(".seen").write_text(said)
    assert load(site, facts)[0].counts["unchanged"] == 1
    assert site.working.beside(".seen").read_text() == whole


def test_a_store_that_is_lost_is_filled_again(facts: Path, tmp_path: Path, settled: Callable[[], None]) -> None:
    settled()
    site = site_at(tmp_path)
    load(site, facts)
    site.working.path.unlink()
    assert load(Site(site.settings), facts)[0].rows_out == 3


@pytest.mark.parametrize("later", ["account_id\na\n", "account_id,status\na,\n"])
def test_an_account_of_which_a_later_folder_says_less_keeps_what_it_had(tmp_path: Path, later: str) -> None:
    site = site_at(tmp_path)
    for name, text in {"one": "account_id,status,plan\na,terminated,team\n", "two": later}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "accounts.csv").write_text(text)
        load(site, tmp_path / name)
    with site.open() as store:
        found = store.account("a")
    assert found is not None
    assert (found.status, found.plan) == ("terminated", "team")


@pytest.mark.parametrize("loads", [1, 2])
def test_what_a_later_part_says_of_an_account_counts_whether_in_one_load_or_two(tmp_path: Path, loads: int) -> None:
    site, folder = site_at(tmp_path), tmp_path / "facts" / "accounts"
    folder.mkdir(parents=True)
    days = ["a,active,team,DE\nb,active,pro,\n", "a,terminated,,FR\n", "a,,,\nb,suspended,,\n"]
    for day, rows in enumerate(days, 1):
        (folder / f"2026-01-0{day}.csv").write_text(f"account_id,status,plan,country\n{rows}")
        if loads == 2:
            load(site, tmp_path / "facts")
    if loads == 1:
        assert load(site, tmp_path / "facts")[0].rejected == 0
    with site.open() as store:
        found = store.accounts(["a", "b"])
    assert {(one.account_id, one.status, one.plan, one.country) for one in found.values()} == {
        ("a", "terminated", "team", "FR"),
        ("b", "suspended", "pro", None),
    }

"""A store is filled under one secret for life."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linkage.errors import SettingsError
from linkage.jobs.attach import Attacher
from linkage.jobs.erase import erase
from linkage.jobs.load import load
from linkage.jobs.rejects import reject_counts
from linkage.jobs.site import Site
from linkage.settings import Settings


def facts(folder: Path, account: str) -> Path:
    folder.mkdir()
    (folder / "accounts.csv").write_text(f"account_id\n{account}\n")
    return folder


def test_other_facts_under_another_key_are_refused_and_change_nothing(tmp_path: Path) -> None:
    settings = Settings(store=f"duckdb:{tmp_path / 'linkage.duckdb'}", key="0" * 64)
    load(Site(settings), facts(tmp_path / "one", "a1"))
    more = facts(tmp_path / "two", "a2")
    with pytest.raises(SettingsError, match="another LINKAGE_KEY"):
        load(Site(replace(settings, key="1" * 64)), more)
    with Site(settings).open() as store:
        assert store.account("a2") is None
    load(Site(settings), more)
    with Site(settings).open() as store:
        assert store.account("a2") is not None


@pytest.mark.parametrize("key", ["1" * 64, ""])
def test_erasures_and_sign_ups_under_another_key_or_none_are_refused_and_leave_nothing(
    tmp_path: Path, key: str
) -> None:
    settings = Settings(store=f"duckdb:{tmp_path / 'linkage.duckdb'}", key="0" * 64)
    load(Site(settings), facts(tmp_path / "one", "a1"))
    before = sorted(path.name for path in tmp_path.iterdir())
    other = Site(replace(settings, key=key))
    with pytest.raises(SettingsError, match="LINKAGE_KEY"):
        erase(other, ["a1"], [("tls", "t1")], author="a", reason="r")
    with pytest.raises(SettingsError, match="LINKAGE_KEY"), other.open() as store:
        Attacher(other, store)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    load(Site(settings), facts(tmp_path / "two", "a2"))


def test_stores_in_one_folder_have_their_own_rejects(tmp_path: Path) -> None:
    first, second = (Site(Settings(store=f"duckdb:{tmp_path / name}", key="0" * 64)) for name in ("a", "b"))
    load(first, facts(tmp_path / "bad", '"a\n1"'))
    load(second, facts(tmp_path / "good", "a2"))
    assert reject_counts(first) == [("accounts", "account_id", "control character", 1)]
    assert reject_counts(second) == []

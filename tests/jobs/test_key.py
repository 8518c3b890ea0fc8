"""A store is filled under one secret for life."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linkage.errors import SettingsError
from linkage.jobs.load import load
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

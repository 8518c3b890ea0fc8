"""Other lists of networks than before are pointed out by the load."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.progress import Progress
from linkage.settings import Settings


def _load(folder: Path, lists: str, number: int) -> None:
    facts = folder / f"facts{number}"
    facts.mkdir()
    (facts / "accounts.csv").write_text(f"account_id\na{number}\n")
    load(Site(Settings(store=f"duckdb:{folder / 'x.duckdb'}", lists=lists), Progress()), facts)


def test_a_load_says_when_the_lists_have_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "vpn.txt").write_text("192.0.2.0/24\n")
    said = []
    for number, change in enumerate((lambda: None, lambda: None, lambda: (lists / "vpn.txt").write_text("192.0.2.1"))):
        change()
        _load(tmp_path, str(lists), number)
        said.append("have changed" in capsys.readouterr().err)
    assert said == [False, False, True]
    _load(tmp_path, "", 3)
    assert "have changed" in capsys.readouterr().err

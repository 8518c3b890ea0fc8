"""Facts that are written to while they are read are not half loaded: nothing of them is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.errors import InputError
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings

from .meanwhile import Meanwhile


def _append(file: Path) -> None:
    with file.open("a") as stream:
        stream.write("late\n")


@pytest.mark.parametrize(("deed", "said"), [(_append, "written to while it was read"), (Path.unlink, "cannot be read")])
def test_nothing_of_them_is_loaded(tmp_path: Path, deed: Callable[[Path], object], said: str) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    file = facts / "accounts.csv"
    file.write_text("account_id\na\nb\n")
    settings = Settings(store=f"duckdb:{tmp_path / 'linkage.duckdb'}")
    with pytest.raises(InputError, match=said):
        load(Site(settings, Meanwhile(lambda: deed(file))), facts)
    assert not Site(settings).working.exists
    file.write_text("account_id\na\nb\nlate\n")
    assert load(Site(settings), facts)[0].rows_out == 3


def test_a_check_may_refuse_what_was_read(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "accounts.csv").write_text("account_id\na\n\0\n")
    site = Site(Settings(store=f"duckdb:{tmp_path / 'linkage.duckdb'}"))
    seen = []

    def refuse(_: object, good: int, rejected: int) -> None:
        seen.append((good, rejected))
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        load(site, facts, refuse)
    assert (seen, site.working.exists) == ([(1, 1)], False)

"""Facts that are written to while they are read are not half loaded: nothing of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage.errors import InputError
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.progress import Advance, Progress
from linkage.settings import Settings


class _Meanwhile(Progress):
    """Does something while the facts are read."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__(quiet=True)
        self._deeds = [deed]

    @contextmanager
    def bar(self, title: str) -> Iterator[Advance]:  # noqa: ARG002 - same face
        """Yields what does the deed once the first rows were read."""

        def advance(done: float, total: float | None = None) -> None:
            if self._deeds:
                self._deeds.pop()()

        yield advance


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
        load(Site(settings, _Meanwhile(lambda: deed(file))), facts)
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

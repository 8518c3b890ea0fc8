"""The same facts in another order, and in two loads instead of one, come to the same export, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from remote_site import halve, shuffle

from linkage.jobs.detect import detect
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.simulate import simulate

from .conftest import site_at


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a world in which ties are broken by who comes first, and what was found in it."""
    folder = tmp_path_factory.mktemp("order")
    simulate(folder, 2000, seed=1)
    _found(folder, folder / "facts")
    return folder


def _found(folder: Path, *loads: Path) -> None:
    site = site_at(folder)
    for facts in loads:
        load(site, facts)
    detect(site)
    export(site, folder / "export")


@pytest.mark.parametrize("loads", [1, 2])
def test_the_order_of_loading_is_seen_nowhere(made: Path, tmp_path: Path, loads: int) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shuffle(made / "facts", second, seed=loads)
    if loads == 2:
        halve(second, first)
    _found(tmp_path, *[first, second][-loads:])
    names = {path.name for path in (made / "export").iterdir()}
    assert names == {path.name for path in (tmp_path / "export").iterdir()}
    assert "links.parquet" in names
    for name in names:
        assert (tmp_path / "export" / name).read_bytes() == (made / "export" / name).read_bytes(), name

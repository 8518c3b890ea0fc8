"""The notebooks of docs/notebooks run from the first cell to the last against a running service."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import linkage
from linkage.client import ApiError, Notebook
from linkage.jobs.site import Site
from linkage.model.decisions import Ruling
from tests.serve.test_server import serving

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"


@pytest.fixture(scope="module")
def own(site: Site, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The store of the last night, as a copy that notebooks may write decisions into."""
    copied = shutil.copytree(folder, tmp_path_factory.mktemp("notebooks") / "world")
    return Site(dataclasses.replace(site.settings, store=f"duckdb:{copied / 'linkage.duckdb'}"))


@pytest.fixture(scope="module")
def address(own: Site) -> Iterator[str]:
    with serving(own) as (_, url):
        yield url


def run(name: str, address: str, patch: pytest.MonkeyPatch, kept: Path) -> nbformat.NotebookNode:
    """Returns the notebook with the outputs of its cells; it is kept, so that people can look at it."""
    patch.setenv("LINKAGE_URL", address)
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "keep notebooks without outputs"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    nbformat.write(notebook, kept / name)
    return notebook


def output(notebook: nbformat.NotebookNode, start: str) -> str:
    """Returns what the first cell that begins so shows, as text."""
    cell = next(one for one in notebook.cells if one.cell_type == "code" and one.source.startswith(start))
    return "".join(one.data.get("text/html") or one.data["text/plain"] for one in cell.outputs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own libraries
def test_a_first_look(own: Site, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    notebook = run("first-look.ipynb", address, monkeypatch, tmp_path)
    with own.open() as store:
        ring = store.rings(1)[0]
        members = store.members(ring.ring_id)
    assert ring.ring_id in output(notebook, "rings =")
    assert members[0].account_id in output(notebook, "members.head")
    picture = output(notebook, "book.picture")
    assert members[0].account_id in picture
    assert "<script" in picture
    assert "NETWORK" in output(notebook, "case.fragility")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_suspicion_to_decision(own: Site, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    notebook = run("from-suspicion-to-decision.ipynb", address, monkeypatch, tmp_path)
    with own.open() as store:
        (decision,) = store.decisions()
        ring = store.rings(1)[0]
    assert (decision.ruling, decision.ring_id) == (Ruling.CONFIRMED, ring.ring_id)
    assert "True" in output(notebook, "again =")
    assert "NETWORK" in output(notebook, "import pandas")
    assert str(ring.size) in output(notebook, "members =")


def test_a_store_is_opened_by_a_service_of_its_own_that_ends_with_it(own: Site) -> None:
    book = linkage.open(own.settings.store)
    assert len(book.rings()) > 0
    url = book.url
    book.close()
    with pytest.raises(ApiError, match="UNREACHABLE"):
        Notebook(url)


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="UNREACHABLE"):
        linkage.open("http://127.0.0.1:9")
    with pytest.raises(ApiError, match="nothing"):
        linkage.open(f"duckdb:{tmp_path / 'nothing.duckdb'}")


def test_evidence_of_no_pair_and_a_refused_verdict(address: str) -> None:
    with linkage.open(address) as book:
        assert len(book.evidence(book.links(book.rings(limit=1).ring_id[0]).head(0))) == 0
        with pytest.raises(ApiError, match="INVALID"):
            book.set_verdict(confirmed=True, reason="neither", key="neither-0001")

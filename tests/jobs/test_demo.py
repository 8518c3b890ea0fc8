"""The demo as a stranger runs it: the whole way, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from linkage.errors import SettingsError
from linkage.jobs.demo import MARK, ground
from linkage.progress import Progress
from linkage.settings import Settings

SMALL = ["--accounts", "2000"]
STEPS = ["simulate", "load", "detect", "evaluate"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a home and a folder for temporary files of its own."""
    (tmp_path / "tmp").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
    cache = {name: value for name, value in os.environ.items() if name == "LINKAGE_CACHE"}
    return kept | cache | {"LINKAGE_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}


def demo(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "linkage", "demo", *SMALL, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


@contextmanager
def begun(environ: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "linkage", "--json", "demo", *SMALL, *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], pattern: str) -> str:
    """Returns the first group of the pattern, from the first line on standard error that has it."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"the demo ended without saying {pattern}")


def servers(home: Path) -> list[int]:
    """Returns the processes of Neo4j servers under the home."""
    found = psutil.process_iter(["cmdline"])
    return [one.pid for one in found if any(f"--home-dir={home}" in word for word in one.info["cmdline"] or ())]


def test_it_goes_the_whole_way_prints_tables_serves_and_does_so_again(environ: dict[str, str], tmp_path: Path) -> None:
    store = f"duckdb:{tmp_path / 'demo.duckdb'}"
    done = demo(environ, "--store", store, "--exit")
    assert done.returncode == 0, done.stderr
    for text in (
        "Rings of run-000001",
        "Rings found against the truth",
        "accounts: P / R / F1",
        f"--store {store} why",
    ):
        assert text in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []
    with begun(environ, "--store", store) as process:
        url = said(process, r"GraphQL: (\S+)")
        answer = httpx2.post(url, json={"query": "{ rings(first: 1) { nodes { ringId } } }"}).json()
        assert answer["data"]["rings"]["nodes"]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    figures = json.loads(out.splitlines()[-1])
    assert (figures["command"], figures["store"], figures["run_id"]) == ("demo", store, "run-000001")  # nothing changed
    assert (figures["graphql"], figures["browser"], figures["accounts"]) == (url, None, 2200)
    assert figures["rings"] > 0
    assert figures["precision"] > 0.5
    assert figures["recall"] > 0.5
    assert list(figures["steps"]) == STEPS
    assert list((tmp_path / "tmp").iterdir()) == []


def test_it_does_not_mix_its_world_with_other_facts(environ: dict[str, str], tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "accounts.csv").write_text("account_id\nmine\n")
    environ["LINKAGE_STORE"] = f"duckdb:{tmp_path / 'mine.duckdb'}"
    subprocess.run([sys.executable, "-m", "linkage", "load", str(facts)], env=environ, check=True)
    before = (tmp_path / "mine.duckdb").read_bytes()
    done = demo(environ, "--exit")
    assert (done.returncode, "holds other facts" in done.stderr) == (2, True), done.stderr
    assert (tmp_path / "mine.duckdb").read_bytes() == before


@pytest.mark.neo4j
def test_on_neo4j_it_has_a_server_of_its_own_and_stops_it(environ: dict[str, str], tmp_path: Path) -> None:
    environ["LINKAGE_NEO4J_MEMORY"] = "1500MB"
    with begun(environ) as process:
        url = said(process, r"GraphQL: (\S+)")
        assert len(servers(tmp_path / "home" / "demo")) == 1
        assert httpx2.post(url, json={"query": "{ run { runId } }"}).json()["data"] == {"run": {"runId": "run-000001"}}
        other = demo(environ, "--exit")
        assert (other.returncode, "lock" in other.stderr) == (4, True)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    figures: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert (figures["store"], figures["browser"].endswith("/browser/")) == ("neo4j:local", True)
    assert figures["rings"] > 0
    assert servers(tmp_path / "home") == []
    assert not (tmp_path / "home" / "neo4j").exists()  # the user's own local Neo4j was not touched


@pytest.mark.neo4j
def test_interrupted_on_the_way_it_stops_its_server_too(environ: dict[str, str], tmp_path: Path) -> None:
    environ["LINKAGE_NEO4J_MEMORY"] = "1500MB"
    with begun(environ, "--exit") as process:
        said(process, r"(is ready after)")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
    assert process.returncode == 130
    assert servers(tmp_path / "home") == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_that_no_demo_made_is_not_emptied(tmp_path: Path) -> None:
    theirs = tmp_path / "demo" / "theses.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    settings = Settings(store="neo4j:local", home=str(tmp_path))
    with pytest.raises(SettingsError, match="LINKAGE_HOME"), ground(settings, Progress(quiet=True)):
        pass
    assert theirs.read_text() == "mine"


def test_a_ground_on_another_store_is_temporary(tmp_path: Path) -> None:
    with ground(Settings(store=f"duckdb:{tmp_path / 'x.duckdb'}"), Progress(quiet=True)) as place:
        assert place.folder.is_relative_to(tempfile.gettempdir())
        assert place.server is None
        assert place.site.settings.lists.startswith(str(place.folder))
    assert not place.folder.exists()
    assert not (tmp_path / MARK).exists()

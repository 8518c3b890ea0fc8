"""The built wheel: what is in it, and that it works alone in an empty environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linkage import __version__, queries

ROOT = Path(__file__).parents[2]
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", "Makefile")
KINDS = {".py", ".typed", ".cypher", ".grass", ".txt", ".html", ".j2", ".css", ".js", ".gz", ".md", ""}
STRAY = (".env", "linkage/.env", "linkage/left.duckdb", "cypher/.env", "cypher/load/linkage.key")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built where secrets and data lie about."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in NEEDED:
        shutil.copy(ROOT / name, source / name)
    for name in ("linkage", "cypher"):
        shutil.copytree(ROOT / name, source / name)
    for name in STRAY:
        (source / name).write_text("LINKAGE_KEY=secret")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(source)]
    subprocess.run(command, check=True)
    (made,) = out.iterdir()
    return made


def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_it_holds_every_query_and_module_and_the_licence(wheel: Path) -> None:
    held = members(wheel)
    assert {f"linkage/_cypher/{name}.cypher" for name in queries.names()} <= held
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "linkage").rglob("*.py")}
    assert modules == {name for name in held if name.endswith(".py")}
    assert "linkage/py.typed" in held
    assert f"linkage-{__version__}.dist-info/licenses/LICENSE" in held


def test_it_holds_nothing_else(wheel: Path) -> None:
    held = members(wheel)
    assert {name.split("/")[0] for name in held} == {"linkage", f"linkage-{__version__}.dist-info"}
    inside = {Path(name) for name in held if name.startswith("linkage/")}
    assert {path.suffix for path in inside} <= KINDS
    assert not [path for path in inside if path.name.startswith(".") or "__pycache__" in path.parts]
    assert not [path for path in inside if path.suffix in (".key", ".duckdb")]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs the command of the wheel, installed alone into a new environment, far from the checkout."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "env", with_pip=True)
    scripts = place / "env" / "bin"
    pip = [scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LINKAGE_", "PYTHON"))}

    def run(*words: str) -> Any:
        done = subprocess.run(
            [scripts / "linkage", *words], capture_output=True, text=True, cwd=place, env=environ, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_alone_it_goes_the_whole_way(installed: Callable[..., Any]) -> None:
    def last(*words: str) -> Any:
        return json.loads(installed("--json", *words).splitlines()[-1])

    assert installed("--version") == f"linkage, version {__version__}\n"
    assert [one["name"] for one in last("queries")["queries"]] == queries.names()
    assert last("simulate", "world", "--accounts", "2000", "--seed", "0", "--prompts", "fingerprint")["fakes"] == 200
    assert last("load", "world")["accounts"] > 2000
    assert last("detect")["run_id"] == "run-000001"
    assert set(last("export", "out")) >= {"rings", "members", "links", "events"}
    assert last("evaluate", "out", "--truth", "world/truth")["flagged"] >= 0

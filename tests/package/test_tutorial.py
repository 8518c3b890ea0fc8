"""docs/tutorial.md followed word by word in a fresh clone: its commands run as they stand, what it shows is compared.

They run as on an empty machine: with a home of their own that is empty, no variables, and of what is installed here the
system's commands and one Python alone, no Java. The clone borrows this checkout's `.venv`, so that `make install` has
nothing to do; with LINKAGE_TUTORIAL_FRESH=1 (`make tutorial`) it makes its own, with empty caches, in some minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRESH = bool(os.environ.get("LINKAGE_TUTORIAL_FRESH"))
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "=== the block ends ==="
_ANY = (
    (re.compile(r"[│┃|]"), " "),
    (re.compile(r"[┏┡└━┳╇┻┓┩┘┛┗─┴╮╰┼┤├]+"), " "),
    (re.compile(r"\b(ring|acct|operator|campaign|run|decision)([-_])[0-9a-f…]+"), r"\1-X"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "X"),
    (re.compile(r"-?\d[\d,.:]*"), "N"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Step:
    """A block of commands, and the lines that are shown to come of it, in their order."""

    commands: str
    shown: tuple[str, ...]


def steps() -> list[Step]:
    """Returns the blocks of the page in their order."""
    found: list[Step] = []
    for kind, body in _BLOCK.findall(PAGE):
        if kind == "sh":
            found.append(Step(body, ()))
        else:
            found[-1] = Step(found[-1].commands, tuple(body.splitlines()))
    return found


def plain(line: str) -> str:
    """Returns a line without frames, its numbers and ids as signs."""
    for pattern, sign in _ANY:
        line = pattern.sub(sign, line)
    return line.strip()


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """Returns the lines that are not printed in their order; `…` at the end of a line stands for the rest of it."""
    left = [plain(line) for line in printed.splitlines()]
    absent = []
    for line in shown:
        if line.strip() == "…":
            continue
        wanted, rest = plain(line.removesuffix("…")), line.endswith("…")
        at = next((n for n, one in enumerate(left) if one == wanted or (rest and one.startswith(wanted))), None)
        if at is None:
            absent.append(line)
        else:
            left = left[at + 1 :]
    return absent


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone, in which the commands of this checkout are installed."""
    folder = tmp_path_factory.mktemp("tutorial") / "linkage"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    if not FRESH:
        (folder / ".venv").symlink_to(ROOT / ".venv")
        os.utime(folder / "pyproject.toml", (0, 0))
    return folder


SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")
ABSENT = re.compile(r"java|keytool|jshell|python|pip|linkage|neo4j|cypher-shell")
LEFT = re.compile(r"PIP_|SSL_|REQUESTS_|CURL_|(https?|no|all)_proxy$", re.IGNORECASE)
"""Variables by which a machine reaches its package index."""


@pytest.fixture(scope="module")
def empty_machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a new user of a machine with the system's commands and a Python."""
    machine = tmp_path_factory.mktemp("machine")
    (machine / "home").mkdir()
    (machine / "bin").mkdir()
    found = {path.name: path for folder in reversed(SYSTEM) if os.path.isdir(folder) for path in Path(folder).iterdir()}
    for name, path in found.items():
        if not ABSENT.match(name):
            (machine / "bin" / name).symlink_to(path)
    (machine / "bin" / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3").resolve())
    assert shutil.which("java", path=str(machine / "bin")) is None
    variables = {name: value for name, value in os.environ.items() if LEFT.match(name)}
    variables |= {"HOME": str(machine / "home"), "PATH": str(machine / "bin"), "LANG": "C.UTF-8"}
    return variables if FRESH else variables | {"PYTHONPATH": str(ROOT)}


@pytest.mark.timeout(1200)
def test_it_can_be_followed_word_by_word(clone: Path, empty_machine: dict[str, str]) -> None:
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(
        f"{step.commands}\necho '{_END}'\n" for step in steps()
    )
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=clone,
        env=empty_machine,
        capture_output=True,
        text=True,
        timeout=1200 if FRESH else 300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    printed = done.stdout.split(_END)
    assert len(printed) == len(steps()) + 1
    wrong = {
        step.commands: (absent, out)
        for step, out in zip(steps(), printed, strict=False)
        if (absent := missing(step.shown, out))
    }
    assert wrong == {}


def test_a_line_that_is_not_printed_would_be_noticed() -> None:
    assert missing(("a 3", "b"), "a 17\n│ b │\n") == []
    assert missing(("b", "a 3"), "a 17\nb\n") == ["a 3"]
    assert missing(("{…",), '{"status"') == []
    assert len(steps()) > 10
    assert shutil.which("curl"), "the tutorial takes curl"

"""Bulk import into a local server's database, by Neo4j's own administration tool."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from linkage.errors import LocalServerError
from linkage.stores.neo4j.local.archive import use_flags
from linkage.stores.neo4j.local.config import LEAST_HEAP, MB, Memory, Ports, render
from linkage.stores.neo4j.local.install import Installation
from linkage.stores.neo4j.local.java import run_admin
from linkage.stores.neo4j.local.layout import Layout, write_private

DATABASE = "neo4j"
_PARTS = ("databases", "transactions")
_REPORT_LINES = 8
_IMPORT_HEAP = 1024 * MB
"""The tool works outside the heap: 1 M nodes and 5 M relationships passed with 512 MB."""


@dataclass(frozen=True, slots=True)
class NodeFiles:
    """Files that are read as one table of nodes with these labels; the first one begins with the header.

    `multiline`: texts in them may hold line breaks, so that each is read by one thread.
    """

    labels: tuple[str, ...]
    files: tuple[Path, ...]
    multiline: bool = False


@dataclass(frozen=True, slots=True)
class RelationshipFiles:
    """Files that are read as one table of relationships of a type; the first one begins with the header."""

    type: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How the files are read. Constraints and indexes are made afterwards: the open edition imports none."""

    ids: Literal["string", "integer", "actual"] = "string"
    """`actual`: numbers from 0 without gaps, under which the nodes are kept; nothing is looked up."""

    format: Literal["csv", "parquet"] = "csv"
    array_delimiter: str = ";"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What the tool says that it imported."""

    nodes: int
    relationships: int
    properties: int


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One import: made beside the server's database in a home of its own, then put in its place."""

    installation: Installation
    layout: Layout
    memory: Memory
    options: ImportOptions

    @property
    def work(self) -> Path:
        """Returns the folder in which the new database is made; on the same disk as the old one."""
        return _work(self.layout)

    def run(self, nodes: Sequence[NodeFiles], relationships: Sequence[RelationshipFiles]) -> ImportReport:
        """Makes the new database; LocalServerError with the end of the tool's report if it cannot."""
        shutil.rmtree(self.work, ignore_errors=True)
        conf = self.work / "conf"
        conf.mkdir(parents=True, mode=0o700)
        text = render(self.work, self.work, self.installation.plugins, self.work, Ports(1, 2), self.memory)
        write_private(conf / "neo4j.conf", text)
        arguments = self._arguments(nodes, relationships)
        more = use_flags(self.installation)
        done = run_admin(self.installation, self.work, conf, arguments, self._heap(), more)
        if done.returncode != 0:
            ending = _ending(done.stdout, self.work)
            shutil.rmtree(self.work, ignore_errors=True)
            raise LocalServerError(f"the bulk import failed and the database is as it was before:\n  {ending}")
        return _parse(done.stdout)

    def _heap(self) -> int:
        return max(LEAST_HEAP, min(_IMPORT_HEAP, self.memory.heap // 2))

    def _arguments(self, nodes: Sequence[NodeFiles], relationships: Sequence[RelationshipFiles]) -> list[str]:
        outside = self.memory.heap + self.memory.page_cache - self._heap()
        options = [
            f"--id-type={self.options.ids}",
            f"--input-type={self.options.format}",
            f"--array-delimiter={self.options.array_delimiter}",
            f"--max-off-heap-memory={max(outside, 256 * MB)}",
            f"--report-file={self.work / 'bad.txt'}",
            "--path-pattern-style=none",
            "--high-parallel-io=on",
            "--bad-tolerance=0",
            *_multiline([file for table in nodes if table.multiline for file in table.files]),
        ]
        options += [f"--nodes={':'.join(table.labels)}={_listed(table.files)}" for table in nodes]
        options += [f"--relationships={table.type}={_listed(table.files)}" for table in relationships]
        return ["database", "import", "full", DATABASE, "--verbose", *options]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Puts the new database in place of the old one; an error within puts the old one back."""
        previous = self.work / "previous"
        previous.mkdir()
        for part in _PARTS:
            held, new = self.layout.data / part / DATABASE, self.work / part / DATABASE
            held.parent.mkdir(exist_ok=True, mode=0o700)
            if held.exists():
                held.rename(previous / part)
            new.rename(held)
        try:
            yield
        except BaseException:
            recover(self.layout)
            raise
        settle(self.layout)


def is_unsettled(layout: Layout) -> bool:
    """Returns whether an import is about to replace the database, or ended while it did."""
    return (_work(layout) / "previous").exists()


def settle(layout: Layout) -> None:
    """Forgets the old database: to be called under the server's lock when the server runs on the new one."""
    shutil.rmtree(_work(layout), ignore_errors=True)


def recover(layout: Layout) -> None:
    """Puts the old database back if an import ended before the server ran on the new one; otherwise does nothing.

    To be called under the server's lock while the server does not run.
    """
    work = _work(layout)
    for part in _PARTS:
        kept, held = work / "previous" / part, layout.data / part / DATABASE
        if kept.exists():
            shutil.rmtree(held, ignore_errors=True)
            kept.rename(held)
    shutil.rmtree(work, ignore_errors=True)


def _work(layout: Layout) -> Path:
    return layout.home / "importing"


def _multiline(files: Sequence[Path]) -> list[str]:
    if not files:
        return ["--multiline-fields=false"]
    return [f"--multiline-fields={_listed(files)}", "--multiline-fields-format=v2"]


def _listed(files: Sequence[Path]) -> str:
    for file in files:
        if "," in str(file):
            raise LocalServerError(f"{file} cannot be imported: a comma in the path parts two files")
    return ",".join(str(file.absolute()) for file in files)


def _ending(output: str, work: Path) -> str:
    trace = r"Caused by|\S+(Exception|Error):|\s+\.\.\. \d+ more|\s*at |Full exception"
    noise = re.compile(rf"^(WARNING|{trace}|[.\s-]+\d+% |\s*$|Please provide|Run with)")
    lines = [line for line in output.splitlines() if not noise.match(line)]
    return "\n  ".join([*_causes(work, output), *lines[-_REPORT_LINES:]])


def _causes(work: Path, output: str) -> list[str]:
    # The tool names the bad entry only in a trace, which it leaves in a file or prints: what is wrong, the file and
    # the line, and then the entry itself, which is left out because it may be an account's.
    traces = sorted(work.rglob("*exception-trace*.log"))
    text = traces[-1].read_text(encoding="utf-8", errors="replace") if traces else output
    causes = re.findall(r"^(?:Caused by: )?[\w.$]+(?:Exception|Error): (.*)\n(?:(\S+: line \d+)$)?", text, re.MULTILINE)
    placed = [cause for cause in causes if cause[1]]
    return [" ".join(filter(None, cause))[:300] for cause in (placed or causes)[-1:]]


def _parse(output: str) -> ImportReport:
    counts = dict.fromkeys(("nodes", "relationships", "properties"), 0)
    for number, name in re.findall(r"^\s*(\d+) (nodes|relationships|properties)$", output, re.MULTILINE):
        counts[name] = int(number)
    return ImportReport(**counts)

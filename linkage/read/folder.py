"""A folder of facts: which tables it has, in which parts, and why it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from linkage.errors import InputError
from linkage.model.facts import BY_NAME, TABLES, TRUTH
from linkage.read.columns import inspect
from linkage.read.part import Format, Part, format_of

_LEFT_BY_TOOLS = ("_SUCCESS", "_metadata", "_common_metadata", "Thumbs.db", "desktop.ini")
"""Files that engines and systems leave beside data; hidden files are passed over too."""

FACTS = "facts"
"""The folder of facts inside a simulated world, beside its truth."""


@dataclass(frozen=True, slots=True)
class FactsFolder:
    """The tables of a folder, each as its parts in order of name, and what a person should know of it."""

    path: Path
    tables: dict[str, list[Part]]
    notes: list[str] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """Returns every part, in the contract's order of tables."""
        return [part for parts in self.tables.values() for part in parts]

    @property
    def size(self) -> int:
        """Returns the bytes of all parts on disk."""
        return sum(part.size for part in self.parts)


def open_folder(path: Path) -> FactsFolder:
    """Returns the tables in a folder of facts, after a look at every header and schema.

    A folder without tables that has a folder `facts` (a simulated world) stands for that. InputError: it is
    missing, empty, without `accounts`, with `truth`; a table is there twice, in a format that is not read, or
    with columns that cannot be used.
    """
    path = _resolve(Path(path))
    tables: dict[str, list[Part]] = {}
    notes: list[str] = []
    for entry in _entries(path, path):
        _refuse_truth(path, entry)
        name = entry.name if entry.is_dir() else format_of(entry.name)[0]
        if name not in BY_NAME:
            notes.append(_unknown(entry, name))
        elif name in tables:
            raise InputError(f"{path} has the table «{name}» twice, also as {entry.name}: keep one")
        else:
            tables[name] = _parts(path, entry, name, notes)
    if "accounts" not in tables:
        raise InputError(_no_accounts(path, bool(tables)))
    ordered = {table.name: tables[table.name] for table in TABLES if table.name in tables}
    notes += dict.fromkeys(note for parts in ordered.values() for part in parts for note in inspect(part))
    return FactsFolder(path, ordered, notes)


def _resolve(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"there is no folder {path}")
    if not path.is_dir():
        raise InputError(f"{path} is a file: give the folder that holds the tables")
    inner = path / FACTS
    if inner.is_dir() and not any(_table_name(entry) in BY_NAME for entry in _entries(path, path)):
        return inner
    return path


def _entries(root: Path, path: Path) -> Iterator[Path]:
    """Yields what is in a folder, by name, without what is hidden or left by tools."""
    try:
        found = sorted(path.iterdir())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    for entry in found:
        if entry.is_symlink() and not entry.exists():
            raise InputError(f"{entry.relative_to(root)} is a link to a file that is not there")
        if not entry.name.startswith(".") and entry.name not in _LEFT_BY_TOOLS and entry.suffix != ".crc":
            yield entry


def _table_name(entry: Path) -> str:
    return entry.name if entry.is_dir() else format_of(entry.name)[0]


def _refuse_truth(path: Path, entry: Path) -> None:
    if _table_name(entry).lower() == TRUTH:
        raise InputError(f"{path} holds a truth ({entry.name}): a truth is never loaded; move it elsewhere")


def _unknown(entry: Path, name: str) -> str:
    hint = f" (did you mean «{name.lower()}»?)" if name.lower() in BY_NAME else ""
    return f"{entry.name} is not a table of the facts and is ignored{hint}"


def _no_accounts(path: Path, others: bool) -> str:
    if others:
        return f"{path} has no table «accounts», which every folder of facts needs"
    names = ", ".join(table.name for table in TABLES)
    return f"{path} has no facts: expected tables such as accounts.parquet or requests.csv.gz (of {names})"


def _parts(root: Path, entry: Path, table: str, notes: list[str]) -> list[Part]:
    if not entry.is_dir():
        return [_part(root, entry, table)]
    parts = []
    for file in _entries(root, entry):
        if file.is_dir():
            raise InputError(f"{file.relative_to(root)} is a folder inside a table: put its files into {entry.name}/")
        if format_of(file.name)[1] is None and not file.name.startswith(table):
            notes.append(f"{file.relative_to(root)} is not a part of a table and is ignored")
        else:
            parts.append(_part(root, file, table))
    if not parts:
        raise InputError(f"the table {entry.name}/ has no parts")
    return parts


def _part(root: Path, file: Path, table: str) -> Part:
    kind = format_of(file.name)[1]
    if kind is None:
        endings = ", ".join(ending.value for ending in Format)
        raise InputError(f"{file.relative_to(root)} is in no format that is read ({endings})")
    return Part(file, kind, table, str(file.relative_to(root)))

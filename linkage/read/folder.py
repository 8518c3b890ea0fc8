"""A folder of facts: which tables it has, in which parts, and why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from linkage.errors import InputError
from linkage.model.facts import BY_NAME, TABLES, TRUTH
from linkage.read.columns import inspect
from linkage.read.part import Format, Part, format_of
from linkage.read.partitions import columns_of, is_partition
from linkage.read.storage import Entry, Root, Stamp, open_root

_FINISHED = "_SUCCESS"
"""The file by which an engine says that all it had to write is there, be it nothing."""

_LEFT_BY_TOOLS = (_FINISHED, "_metadata", "_common_metadata", "Thumbs.db", "desktop.ini")
"""Files that engines and systems leave beside data; hidden files are passed over too."""

_DELTA = "_delta_log"
"""The folder that says which of the files beside it count: read without it, rows that were removed would come back."""

FACTS = "facts"
"""The folder of facts inside a simulated world, beside its truth."""


@dataclass(frozen=True, slots=True)
class FactsFolder:
    """The tables of a folder, each as its parts in order of their paths, and what a person should know of it."""

    root: Root
    tables: dict[str, list[Part]]
    notes: list[str] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """Returns every part, in the contract's order of tables."""
        return [part for parts in self.tables.values() for part in parts]

    @property
    def size(self) -> int:
        """Returns the bytes of all parts where they lie."""
        return sum(part.size for part in self.parts)

    def now(self, parts: Iterable[Part]) -> list[tuple[Part, Stamp]]:
        """Returns the stamps that parts have now; InputError where one is gone."""
        asked = list(parts)
        if not asked:
            return []
        try:
            found = self.root.now({part.source: part.file for part in asked})
        except OSError as error:
            raise InputError(f"{self.root.shown} cannot be read: {error.strerror}") from error
        for part in asked:
            if part.source not in found:
                raise InputError(f"{part.source} cannot be read: it is gone")
        return [(part, found[part.source]) for part in asked]


def open_folder(path: Path | str, seen: Callable[[Part], bool] | None = None) -> FactsFolder:
    """Returns the tables in a folder of facts, at a path or a URL, after a look at every header and schema.

    A folder without tables that has a folder `facts` (a simulated world) stands for that. `seen`: says of which parts
    the headers were looked at before. InputError: the folder is missing, empty, without `accounts`, with `truth`; a
    table is there twice, in a format that is not read, or with columns that cannot be used.
    """
    root = _resolve(open_root(path))
    tables: dict[str, list[Part]] = {}
    notes: list[str] = []
    for entry in _entries(root):
        _refuse_truth(root, entry)
        name = _table_name(entry)
        if name not in BY_NAME:
            notes.append(_unknown(entry, name))
        elif name in tables:
            raise InputError(f"{root.shown} has the table «{name}» twice, also as {entry.name}: keep one")
        else:
            tables[name] = _parts(entry, name, notes)
    if "accounts" not in tables:
        raise InputError(_no_accounts(root, bool(tables)))
    ordered = {table.name: tables[table.name] for table in TABLES if table.name in tables}
    new = [part for parts in ordered.values() for part in parts if seen is None or not seen(part)]
    notes += dict.fromkeys(_looked_at(new, root.looks))
    return FactsFolder(root, ordered, notes)


def _looked_at(parts: Sequence[Part], looks: int) -> Iterator[str]:
    if looks == 1:
        yield from (note for part in parts for note in inspect(part))
        return
    with ThreadPoolExecutor(looks) as pool:
        try:
            yield from (note for found in pool.map(inspect, parts) for note in found)
        finally:
            pool.shutdown(cancel_futures=True)  # of the first that is refused, not after a look at all others


def _resolve(root: Root) -> Root:
    names = {_table_name(entry): entry.is_folder for entry in _entries(root)}
    return root.inner(FACTS) if names.get(FACTS) and not names.keys() & BY_NAME.keys() else root


def _entries(folder: Entry) -> Iterator[Entry]:
    """Yields what is in a folder, by name, without what is hidden or left by tools."""
    for entry in folder.entries():
        if not entry.name.startswith(".") and entry.name not in _LEFT_BY_TOOLS and not entry.name.endswith(".crc"):
            yield entry


def _table_name(entry: Entry) -> str:
    return entry.name if entry.is_folder else format_of(entry.name)[0]


def _refuse_truth(root: Root, entry: Entry) -> None:
    if _table_name(entry).lower() == TRUTH:
        raise InputError(f"{root.shown} holds a truth ({entry.name}): a truth is never loaded; move it elsewhere")


def _unknown(entry: Entry, name: str) -> str:
    hint = f" (did you mean «{name.lower()}»?)" if name.lower() in BY_NAME else ""
    return f"{entry.name} is not a table of the facts and is ignored{hint}"


def _no_accounts(root: Root, others: bool) -> str:
    if others:
        return f"{root.shown} has no table «accounts», which every folder of facts needs"
    names = ", ".join(table.name for table in TABLES)
    return f"{root.shown} has no facts: expected tables such as accounts.parquet or requests.csv.gz (of {names})"


def _parts(entry: Entry, table: str, notes: list[str]) -> list[Part]:
    if not entry.is_folder:
        return [_part(entry, table)]
    said = len(notes)
    parts = list(_below(entry, table, notes))
    if not parts:
        if len(notes) > said or not _is_finished(entry):
            raise InputError(
                f"the table {entry.name}/ has no parts, and no {_FINISHED}, which would say that it is empty"
            )
        notes.append(f"the table {entry.name}/ is empty")
    return parts


def _is_finished(folder: Entry) -> bool:
    """Returns whether an engine says that it wrote all of a table, in its folder or in one below."""
    inside = [entry for entry in folder.entries() if not entry.name.startswith(".")]
    below = (entry for entry in inside if entry.is_folder and not entry.name.startswith("_"))
    return any(entry.name == _FINISHED for entry in inside) or any(map(_is_finished, below))


def _below(folder: Entry, table: str, notes: list[str]) -> Iterator[Part]:
    """Yields the parts in a folder of a table and in all folders below it, by their paths."""
    for entry in _entries(folder):
        if entry.is_folder and entry.name == _DELTA:
            raise InputError(f"{folder.source} is a table of Delta Lake: write its rows as plain files")
        if entry.is_folder and entry.name.startswith("_") and not is_partition(entry.name):
            continue  # of an engine that is at work, or was: what lies there does not count yet
        if entry.is_folder:
            yield from _below(entry, table, notes)
        elif format_of(entry.name)[1] is None and not entry.name.startswith(table):
            notes.append(f"{entry.source} is not a part of a table and is ignored")
        else:
            yield _part(entry, table)


def _part(entry: Entry, table: str) -> Part:
    kind = format_of(entry.name)[1]
    if kind is None:
        endings = ", ".join(ending.value for ending in Format)
        raise InputError(f"{entry.source} is in no format that is read ({endings})")
    return Part(entry.file, kind, table, entry.source, columns_of(entry.source, BY_NAME[table]))

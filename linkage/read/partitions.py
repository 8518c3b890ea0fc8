"""What the folders above a part say of its rows: `kind=card/` is a column and its value, for all of them."""

from __future__ import annotations

from urllib.parse import unquote

from linkage.model.facts import Table

_NULL = "__HIVE_DEFAULT_PARTITION__"
"""The name that engines give to the folder of rows without a value."""


def is_partition(name: str) -> bool:
    """Returns whether the name of a folder is that of a column and a value."""
    column, mark, _ = name.partition("=")
    return bool(column and mark)


def columns_of(source: str, table: Table) -> tuple[tuple[str, str | None], ...]:
    """Returns the table's columns that the folders of a path name, with their values; None is a missing one.

    Names that the table does not have (`day=2026-11-24/`) part the facts and say nothing of them. The innermost of two
    folders with one name counts.
    """
    known = {column.name for column in table.columns}
    found: dict[str, str | None] = {}
    for folder in source.split("/")[:-1]:
        name, _, value = folder.partition("=")
        if is_partition(folder) and unquote(name) in known:
            found[unquote(name)] = None if value == _NULL else unquote(value)
    return tuple(found.items())

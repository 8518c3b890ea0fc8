"""A whole graph as CSV files for Neo4j's bulk importer, which fills an empty store in minutes.

The files hold what `load` would merge, value for value: the importer's types are named in the header. Rows
with a line break in a text are left to `load`, since the importer reads files in parallel, line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError
from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.batches import conform, plain
from linkage.stores.neo4j.local.bulk import NodeFiles, RelationshipFiles
from linkage.stores.neo4j.writes import LABELS

if TYPE_CHECKING:
    import pyarrow as pa

Importer = Callable[[Sequence[NodeFiles], Sequence[RelationshipFiles]], object]
"""Fills the store with the graph of these files, and returns when it answers again."""

LABEL = ":LABEL"


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """What the importer reads, and the rows that it cannot read, by the same three tables."""

    nodes: tuple[NodeFiles, ...]
    relationships: tuple[RelationshipFiles, ...]
    rest: GraphTables


@dataclass(slots=True)
class _Group:
    """A header and a file of rows on disk, and the rows that are left out."""

    folder: Path
    name: str
    header: Sequence[str]
    rest: list[pa.Table] = field(default_factory=list)

    def write(self, tables: Iterable[pa.Table]) -> tuple[Path, Path]:
        """Returns the two files, with the rows of all tables."""
        head, body = self.folder / f"{self.name}-header.csv", self.folder / f"{self.name}.csv"
        head.write_text(",".join(self.header) + "\n", encoding="utf-8")
        with body.open("wb") as sink:
            writer: Any = None  # pyarrow publishes no types
            for table in tables:
                rows = plain(self._readable(table))
                writer = writer or _writer(sink, rows.schema)
                writer.write_table(rows)
            if writer is not None:
                writer.close()
        return head, body

    def _readable(self, table: pa.Table) -> pa.Table:
        """Returns the rows without line breaks; the others go to the rest."""
        import pyarrow.compute as pc

        broken = _broken(table)
        if not pc.any(broken).as_py():
            return table
        self.rest.append(table.filter(broken))
        return table.filter(pc.invert(broken))


def write_files(graph: GraphTables, folder: Path) -> ImportFiles:
    """Returns the files of the graph, written into the folder."""
    accounts = _Group(folder, "accounts", _header(accounts_schema(), {"id": "id:ID(Account)"}))
    names = _header(identifiers_schema(), {"key": "key:ID(Identifier)"})
    identifiers = _Group(folder, "identifiers", [*names, LABEL])
    ends = {"account_id": ":START_ID(Account)", "key": ":END_ID(Identifier)"}
    uses = _Group(folder, "uses", _header(uses_schema(), ends))
    return ImportFiles(
        (
            NodeFiles(("Account",), accounts.write(_conformed(graph.accounts, accounts_schema()))),
            NodeFiles(
                ("Identifier",),
                identifiers.write(map(_labelled, _conformed(graph.identifiers, identifiers_schema()))),
            ),
        ),
        (RelationshipFiles("USED", uses.write(_conformed(graph.uses, uses_schema()))),),
        GraphTables(accounts.rest, identifiers.rest, uses.rest),
    )


def _conformed(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterable[pa.Table]:
    return (conform(table, schema) for table in tables)


def _header(schema: pa.Schema, keys: dict[str, str]) -> list[str]:
    return [keys.get(column.name) or f"{column.name}:{_import_type(column.type)}" for column in schema]


def _import_type(kind: pa.DataType) -> str:
    """Returns the importer's name of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return _import_type(kind.value_type) + "[]"
    if pa.types.is_timestamp(kind):
        return "datetime"
    names = {"string": "string", "bool": "boolean", "double": "double", "int32": "int", "int64": "long"}
    return names[str(kind)]


def _labelled(table: pa.Table) -> pa.Table:
    """Returns the table of identifiers with the label of each one's kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = pc.index_in(table.column("kind"), pa.array(list(LABELS)))
    if at.null_count:
        raise StoreError(f"a table for the store holds a kind of identifier beside {', '.join(LABELS)}")
    return table.append_column(LABEL, pc.take(pa.array(list(LABELS.values())), at))


def _broken(table: pa.Table) -> pa.ChunkedArray:
    """Returns which rows hold a line break in a text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.chunked_array([pa.repeat(False, table.num_rows)])
    for column in table.columns:
        if pa.types.is_string(column.type):
            has = pc.match_substring_regex(column, "[\r\n]")
            found = pc.or_(found, pc.fill_null(has, False))
    return found


def _writer(sink: Any, schema: pa.Schema) -> Any:
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    return csv.CSVWriter(sink, schema, write_options=options)

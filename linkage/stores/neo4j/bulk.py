"""A whole graph as CSV files for Neo4j's bulk importer, which fills an empty store in minutes.

The files hold what `load` would merge, value for value: the importer's types are named in the header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError
from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.batches import conform, plain
from linkage.stores.neo4j.writes import LABELS

if TYPE_CHECKING:
    import pyarrow as pa

ARRAY_DELIMITER = ";"


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One group of files for the importer: `label` of the nodes or type of the relationships, empty where
    the files tell it row by row; the first of `paths` is the header."""

    label: str
    paths: tuple[Path, ...]


Importer = Callable[[Sequence[ImportFile], Sequence[ImportFile]], None]
"""Fills the store from node files and relationship files, and returns when it answers again."""


def write_files(graph: GraphTables, folder: Path) -> tuple[list[ImportFile], list[ImportFile]]:
    """Returns node files and relationship files, written into the folder."""
    accounts = _write(
        folder,
        "accounts",
        "Account",
        _header(accounts_schema(), {"id": "id:ID(Account)"}),
        (conform(table, accounts_schema()) for table in graph.accounts),
    )
    header = _header(identifiers_schema(), {"key": "key:ID(Identifier)"})
    identifiers = _write(
        folder,
        "identifiers",
        "",
        [*header, ":LABEL"],
        (_labelled(conform(table, identifiers_schema())) for table in graph.identifiers),
    )
    ends = {"account_id": ":START_ID(Account)", "key": ":END_ID(Identifier)"}
    uses = _write(
        folder, "uses", "USED", _header(uses_schema(), ends), (conform(table, uses_schema()) for table in graph.uses)
    )
    return [accounts, identifiers], [uses]


def _header(schema: pa.Schema, keys: dict[str, str]) -> list[str]:
    return [keys.get(field.name) or f"{field.name}:{_import_type(field.type)}" for field in schema]


def _import_type(kind: pa.DataType) -> str:
    """Returns the importer's name of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return _import_type(kind.value_type) + "[]"
    if pa.types.is_timestamp(kind):
        return "datetime"
    names = {
        pa.string(): "string",
        pa.bool_(): "boolean",
        pa.float64(): "double",
        pa.int32(): "int",
        pa.int64(): "long",
    }
    return names[kind]


def _labelled(table: pa.Table) -> pa.Table:
    """Returns the table of identifiers with the labels of each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = pc.index_in(table.column("kind"), pa.array(list(LABELS)))
    if at.null_count:
        raise StoreError(f"a table for the store holds a kind of identifier beside {', '.join(LABELS)}")
    labels = pa.array([f"Identifier{ARRAY_DELIMITER}{label}" for label in LABELS.values()])
    return table.append_column("labels", pc.take(labels, at))


def _write(folder: Path, name: str, label: str, header: Sequence[str], tables: Iterable[pa.Table]) -> ImportFile:
    """Returns the header and one file of rows, written table by table."""
    head, body = folder / f"{name}-header.csv", folder / f"{name}.csv"
    head.write_text(",".join(header) + "\n", encoding="utf-8")
    with body.open("wb") as sink:
        writer: Any = None  # pyarrow publishes no types
        for table in tables:
            rows = _flat(plain(table))
            writer = writer or _writer(sink, rows.schema)
            writer.write_table(rows)
        if writer is not None:
            writer.close()
    return ImportFile(label, (head, body))


def _writer(sink: Any, schema: pa.Schema) -> Any:
    from pyarrow import csv

    return csv.CSVWriter(sink, schema, write_options=csv.WriteOptions(include_header=False, quoting_style="needed"))


def _flat(table: pa.Table) -> pa.Table:
    """Returns the table with lists as text, joined as the importer wants them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            text = table.column(at).cast(pa.list_(pa.string()))
            table = table.set_column(at, field.name, pc.binary_join(text, ARRAY_DELIMITER))
    return table

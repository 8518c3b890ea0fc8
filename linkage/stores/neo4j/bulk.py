"""A whole graph as CSV files for Neo4j's bulk importer, which fills an empty store in minutes.

The files hold what `load` would merge, value for value: the importer's types are named in the header. Nodes are
given the numbers under which Neo4j will keep them, accounts first, then identifiers: the importer then looks no
ids up, which is half of its work. These numbers are no properties, and nothing relies on them afterwards.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError
from linkage.model.graph import accounts_schema, identifiers_schema, numbered_uses_schema
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.batches import in_seconds, plain
from linkage.stores.neo4j.local.bulk import ImportOptions, NodeFiles, RelationshipFiles
from linkage.stores.neo4j.writes import LABELS
from linkage.stores.tables import conform

if TYPE_CHECKING:
    import pyarrow as pa

Importer = Callable[[Sequence[NodeFiles], Sequence[RelationshipFiles], ImportOptions], object]
"""Fills the store with the graph of these files, and returns when it answers again."""

OPTIONS = ImportOptions(ids="actual")

LABEL = ":LABEL"
_NUMBER = ":ID"
_ENDS = (":START_ID", ":END_ID")


def import_graph(importer: Importer, graph: GraphTables) -> None:
    """Has the graph, whose uses are numbered, imported from files that only the owner can read."""
    with tempfile.TemporaryDirectory(prefix="linkage-import-") as folder:  # mkdtemp makes it owner-only
        importer(*write_files(graph, Path(folder)), OPTIONS)


def write_files(graph: GraphTables, folder: Path) -> tuple[Sequence[NodeFiles], Sequence[RelationshipFiles]]:
    """Returns the files of the graph, whose uses are numbered, written into the folder."""
    count = itertools.count()
    accounts = _numbered(graph.accounts, accounts_schema(), count)
    written = _write(folder, "accounts", [_NUMBER, *_header(accounts_schema())], accounts)
    nodes = [NodeFiles(("Account",), written, multiline=True)]  # a text that somebody chose may hold a line break
    begin = next(count)
    identifiers = map(_labelled, _numbered(graph.identifiers, identifiers_schema(), itertools.count(begin)))
    written = _write(folder, "identifiers", [_NUMBER, *_header(identifiers_schema()), LABEL], identifiers)
    nodes.append(NodeFiles(("Identifier",), written))
    uses = (_ended(table, begin) for table in graph.uses)
    header = [*_ENDS, *_header(in_seconds(numbered_uses_schema().empty_table()).schema)[len(_ENDS) :]]
    return nodes, [RelationshipFiles("USED", _write(folder, "uses", header, uses))]


def _numbered(tables: Iterable[pa.Table], schema: pa.Schema, count: Iterator[int]) -> Iterator[pa.Table]:
    """Yields the tables, each row with its number from the count."""
    import pyarrow as pa

    for table in tables:
        numbers = pa.array(itertools.islice(count, table.num_rows), pa.int64())
        yield conform(table, schema).add_column(0, _NUMBER, numbers)


def _labelled(table: pa.Table) -> pa.Table:
    """Returns the table of identifiers with the label of each one's kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = pc.index_in(table.column("kind"), pa.array(list(LABELS)))
    if at.null_count:
        raise StoreError(f"a table for the store holds a kind of identifier beside {', '.join(LABELS)}")
    return table.append_column(LABEL, pc.take(pa.array(list(LABELS.values())), at))


def _ended(table: pa.Table, begin: int) -> pa.Table:
    """Returns the table of uses with the numbers of both nodes, where those of identifiers begin at `begin`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = in_seconds(conform(table, numbered_uses_schema()))
    return table.set_column(1, "identifier", pc.add(table.column("identifier").cast(pa.int64()), begin))


def _write(folder: Path, name: str, header: Sequence[str], tables: Iterable[pa.Table]) -> tuple[Path, Path]:
    """Returns the two files of a header and of the rows of all tables."""
    head, body = folder / f"{name}-header.csv", folder / f"{name}.csv"
    head.write_text(",".join(header) + "\n", encoding="utf-8")
    with body.open("wb") as sink:
        writer: Any = None  # pyarrow publishes no types
        for table in tables:
            rows = plain(table)
            writer = writer or _writer(sink, rows.schema)
            writer.write_table(rows)
        if writer is not None:
            writer.close()
    return head, body


def _header(schema: pa.Schema) -> list[str]:
    return [f"{column.name}:{_import_type(column.type)}" for column in schema]


def _import_type(kind: pa.DataType) -> str:
    """Returns the importer's name of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return _import_type(kind.value_type) + "[]"
    if pa.types.is_timestamp(kind):
        return "datetime"
    names = {"string": "string", "bool": "boolean", "double": "double", "int32": "int", "int64": "long"}
    return names[str(kind)]


def _writer(sink: Any, schema: pa.Schema) -> Any:
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    return csv.CSVWriter(sink, schema, write_options=options)

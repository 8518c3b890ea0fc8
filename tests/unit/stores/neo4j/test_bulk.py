"""Files for the bulk importer, read back as CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from known_graph import IP, ODD, account_rows, identifier_rows, numbered, tables, use_rows

from linkage.errors import StoreError
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.bulk import write_files


def _rows(paths: tuple[Path, ...]) -> list[dict[str, str]]:
    head, body = paths
    names = head.read_text(encoding="utf-8").strip().split(",")
    with body.open(encoding="utf-8", newline="") as lines:
        return [dict(zip(names, row, strict=True)) for row in csv.reader(lines)]


def _written(
    graph: GraphTables, folder: Path
) -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]]]:
    """Returns the rows of accounts, identifiers and uses."""
    nodes, relationships = write_files(graph, folder)
    assert [one.labels for one in nodes] == [("Account",), ("Identifier",)]
    assert [one.type for one in relationships] == ["USED"]
    return _rows(nodes[0].files), _rows(nodes[1].files), _rows(relationships[0].files)


def test_every_row_is_written_with_the_types_of_the_importer(tmp_path: Path) -> None:
    accounts, identifiers, uses = _written(numbered(tables()), tmp_path)
    assert [len(accounts), len(identifiers), len(uses)] == [6, 6, 15]
    a1 = next(row for row in accounts if row["id:string"] == "a1")
    assert a1["first_seen:datetime"] == "2024-10-04T09:05:00.000000Z"
    assert a1["starts:int[]"].count(";") == 2
    assert a1["breadth:double[]"] == "0.5;0;0.25;0;0;0"
    assert a1["requests:long"] == "30"
    assert any(row["id:string"] == ODD for row in accounts)
    ip = next(row for row in identifiers if row["key:string"] == IP)
    assert (ip[":LABEL"], ip["windowed:boolean"], ip["bits:double"]) == ("IP", "true", "8.125")
    names = {row[":ID"]: row.get("id:string") or row["key:string"] for row in [*accounts, *identifiers]}
    assert sorted(map(int, names)) == list(range(12))
    assert {(names[row[":START_ID"]], names[row[":END_ID"]]) for row in uses} == {
        (row["account_id"], row["key"]) for row in use_rows()
    }
    first = {row["first_seen:long"] for row in uses}
    assert first == {str(int(row["first_seen"].timestamp())) if row["first_seen"] else "" for row in use_rows()}


def test_nothing_and_an_empty_text_are_told_apart(tmp_path: Path) -> None:
    write_files(numbered(tables(account_rows()[-1:], [], [])), tmp_path)
    body = (tmp_path / "accounts.csv").read_text(encoding="utf-8")
    assert ',,"",' in body, "plan is unknown, country is empty"


def test_only_texts_that_users_chose_are_read_line_break_by_line_break(tmp_path: Path) -> None:
    broken = [account_rows()[0] | {"id": "a\nb"}, account_rows()[1] | {"plan": "x\ry"}]
    nodes, _ = write_files(numbered(tables(broken, [], [])), tmp_path)
    assert [one.multiline for one in nodes] == [True, False]
    assert sorted(row["id:string"] for row in _rows(nodes[0].files)) == ["a\nb", "a2"]


def test_no_tables_make_empty_files(tmp_path: Path) -> None:
    assert _written(GraphTables([], [], []), tmp_path) == ([], [], [])


def test_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kind of identifier"):
        write_files(tables([], [identifier_rows()[0] | {"kind": "tea"}], []), tmp_path)

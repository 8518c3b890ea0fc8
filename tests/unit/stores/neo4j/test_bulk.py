"""Files for the bulk importer, read back as CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from known_graph import IP, ODD, account_rows, identifier_rows, tables, use_rows

from linkage.errors import StoreError
from linkage.stores.base import GraphTables
from linkage.stores.neo4j.bulk import write_files


def _rows(paths: tuple[Path, ...]) -> list[dict[str, str]]:
    head, body = paths
    names = head.read_text(encoding="utf-8").strip().split(",")
    with body.open(encoding="utf-8", newline="") as lines:
        return [dict(zip(names, row, strict=True)) for row in csv.reader(lines)]


def test_every_row_is_written_with_the_types_of_the_importer(tmp_path: Path) -> None:
    files = write_files(tables(), tmp_path)
    assert [one.labels for one in files.nodes] == [("Account",), ("Identifier",)]
    assert [one.type for one in files.relationships] == ["USED"]
    accounts, identifiers = (_rows(one.files) for one in files.nodes)
    uses = _rows(files.relationships[0].files)
    assert [len(accounts), len(identifiers), len(uses)] == [6, 6, 15]
    a1 = next(row for row in accounts if row["id:ID(Account)"] == "a1")
    assert a1["first_seen:datetime"] == "2024-10-04T09:05:00.000000Z"
    assert a1["starts:int[]"].count(";") == 2
    assert a1["breadth:double[]"] == "0.5;0;0.25;0;0;0"
    assert a1["requests:long"] == "30"
    assert any(row["id:ID(Account)"] == ODD for row in accounts)
    ip = next(row for row in identifiers if row["key:ID(Identifier)"] == IP)
    assert (ip[":LABEL"], ip["windowed:boolean"], ip["bits:double"]) == ("IP", "true", "8.125")
    assert {(row[":START_ID(Account)"], row[":END_ID(Identifier)"]) for row in uses} == {
        (row["account_id"], row["key"]) for row in use_rows()
    }


def test_nothing_and_an_empty_text_are_told_apart(tmp_path: Path) -> None:
    files = write_files(tables(account_rows()[-1:], [], []), tmp_path)
    body = files.nodes[0].files[1].read_text(encoding="utf-8")
    assert ',,"",' in body, "plan is unknown, country is empty"


def test_rows_with_line_breaks_are_left_out(tmp_path: Path) -> None:
    broken = [account_rows()[0] | {"id": "a\nb"}, account_rows()[1] | {"plan": "x\ry"}]
    uses = [use_rows()[0] | {"account_id": "a\nb"}, use_rows()[1]]
    files = write_files(tables([*broken, account_rows()[2]], None, uses), tmp_path)
    assert [row["id:ID(Account)"] for row in _rows(files.nodes[0].files)] == ["a3"]
    assert sorted(row["id"] for table in files.rest.accounts for row in table.to_pylist()) == ["a\nb", "a2"]
    assert [row["account_id"] for table in files.rest.uses for row in table.to_pylist()] == ["a\nb"]
    assert list(files.rest.identifiers) == []


def test_no_tables_make_empty_files(tmp_path: Path) -> None:
    files = write_files(GraphTables([], [], []), tmp_path)
    assert all(_rows(one.files) == [] for one in (*files.nodes, *files.relationships))


def test_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="kind of identifier"):
        write_files(tables([], [identifier_rows()[0] | {"kind": "tea"}], []), tmp_path)

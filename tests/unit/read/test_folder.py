"""What a folder of facts is, and what is said of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linkage.read import open_folder
from linkage.read.batches import batches
from linkage.validate import Validator


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_csv", ".csv").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_tables_come_in_the_contracts_order_and_parts_by_name(tmp_path: Path) -> None:
    put(tmp_path, requests__b_csv="account_id,at\n", requests__a_csv="account_id,at\n", accounts_csv="account_id\n")
    folder = open_folder(tmp_path)
    assert list(folder.tables) == ["accounts", "requests"]
    assert [part.source for part in folder.parts] == ["accounts.csv", "requests/a.csv", "requests/b.csv"]
    assert folder.size == sum(part.size for part in folder.parts) > 0
    assert folder.notes == []


def test_unknown_tables_and_columns_are_noted_once(tmp_path: Path) -> None:
    put(tmp_path, Requests_csv="", accounts__1_csv="account_id,colour\n", accounts__2_csv="account_id,colour\n")
    put(tmp_path, notes_txt="x", accounts__README_txt="x")
    assert open_folder(tmp_path).notes == [
        "Requests.csv is not a table of the facts and is ignored (did you mean «requests»?)",
        "accounts/README.txt is not a part of a table and is ignored",
        "notes.txt is not a table of the facts and is ignored",
        "the column «colour» of accounts is not known and is ignored",
    ]


def test_unknown_keys_of_json_lines_are_noted(tmp_path: Path) -> None:
    (tmp_path / "accounts.jsonl").write_text('{"account_id": "a", "colour": 1}\nnonsense\n[1]\n')
    assert open_folder(tmp_path).notes == ["the column «colour» of accounts is not known and is ignored"]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, accounts__1_csv="account_id\n", accounts___SUCCESS="", _SUCCESS="")
    for name in (".DS_Store", "._accounts.csv", "accounts/.1.csv.crc", "accounts/1.csv.crc"):
        (tmp_path / name).write_bytes(b"\0\1")
    assert open_folder(tmp_path).notes == []


def test_a_simulated_world_stands_for_its_facts(tmp_path: Path) -> None:
    put(tmp_path, facts__accounts_csv="account_id\n", truth__truth_csv="account_id\n")
    folder = open_folder(tmp_path)
    assert Path(folder.root.shown) == tmp_path / "facts"
    assert list(folder.tables) == ["accounts"]


def test_equal_parts_have_equal_digests(tmp_path: Path) -> None:
    put(tmp_path, accounts__1_csv="account_id\na\n", accounts__2_csv="account_id\na\n")
    put(tmp_path, accounts__3_csv="account_id\nb\n", identifiers_csv="account_id,kind,value\n")
    digests = [part.digest() for part in open_folder(tmp_path).parts]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert all(len(digest) == 32 for digest in digests)


def test_the_table_is_part_of_the_digest(tmp_path: Path) -> None:
    put(tmp_path, accounts_csv="account_id,label,kind,value\n", labels_csv="account_id,label,kind,value\n")
    first, second = (part.digest() for part in open_folder(tmp_path).parts)
    assert first != second


def test_a_column_that_no_table_has_cannot_be_asked_for(tmp_path: Path) -> None:
    put(tmp_path, accounts_csv="account_id\n")
    (part,) = open_folder(tmp_path).parts
    with pytest.raises(KeyError, match="colour"):
        batches(part, ["colour"])


def test_real_facts_are_read_without_a_reject() -> None:
    beside = Path(__file__).parents[4] / "shared" / "data"
    shared = Path(os.environ.get("LINKAGE_SHARED_DATA", beside))
    with Validator() as validator:
        for part in open_folder(shared / "p2p").parts:
            for raw in batches(part):
                validator.check(raw)
    assert validator.rejected == 0
    assert validator.rows_out["accounts"] == 33_732


@pytest.mark.parametrize("mark", ["requests/_SUCCESS", "requests/day=2026-11-24/_SUCCESS", "accounts/_SUCCESS"])
def test_a_table_of_which_an_engine_wrote_no_rows_is_empty(tmp_path: Path, mark: str) -> None:
    (tmp_path / "accounts").mkdir()
    if "accounts" not in mark:
        (tmp_path / "accounts" / "a.csv").write_text("account_id\na\n")
    (tmp_path / mark).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / mark).write_text("")
    opened = open_folder(tmp_path)
    table = mark.partition("/")[0]
    assert opened.tables[table] == []
    assert opened.notes == [f"the table {table}/ is empty"]

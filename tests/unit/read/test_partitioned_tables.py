"""Tables in folders of days and of values: what their paths say of the rows, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from facts_writers import FORMATS, Row, load, write_table

from linkage.errors import InputError
from linkage.read import open_folder
from linkage.read.parquet import group_rows

AT = "2026-11-01T10:00:00Z"


def put(folder: Path, name: str, ending: str, columns: list[str]) -> None:
    row = {"account_id": "a", "at": AT, "value": "v"}
    write_table(folder, name, [{column: row[column] for column in columns}], ending, columns)


def accounts(folder: Path) -> None:
    write_table(folder, "accounts", [{"account_id": "a"}], "csv", ["account_id"])


def values(folder: Path, table: str, column: str) -> list[object]:
    loaded = load(folder)
    assert loaded.counts == {}
    return [row[column] for row in loaded.rows[table]]


@pytest.mark.parametrize("ending", FORMATS)
def test_folders_of_days_say_nothing_of_the_rows(tmp_path: Path, ending: str) -> None:
    accounts(tmp_path)
    for name in ("day=2026-11-02/hour=7", "2026/11/01", "day=2026-11-01"):
        put(tmp_path / "requests" / name, "part-0", ending, ["account_id", "at"])
    put(tmp_path / "requests", "x", ending, ["account_id", "at"])
    found = open_folder(tmp_path)
    assert [part.source.removesuffix(f".{ending}") for part in found.tables["requests"]] == [
        "requests/2026/11/01/part-0",
        "requests/day=2026-11-01/part-0",
        "requests/day=2026-11-02/hour=7/part-0",
        "requests/x",
    ]
    assert found.notes == []
    assert len({part.digest() for part in found.tables["requests"]}) == 1
    assert len(load(tmp_path).rows["requests"]) == 4


@pytest.mark.parametrize("ending", FORMATS)
def test_a_column_that_the_files_lack_is_read_from_the_path(tmp_path: Path, ending: str) -> None:
    accounts(tmp_path)
    for kind in ("device", "a%20kind%2Fof"):
        put(tmp_path / "identifiers" / f"kind={kind}", "part-0", ending, ["account_id", "value"])
    assert values(tmp_path, "identifiers", "kind") == ["a kind/of", "device"]
    first, second = open_folder(tmp_path).tables["identifiers"]
    assert first.digest() != second.digest()  # the same bytes are other facts


@pytest.mark.parametrize("ending", FORMATS)
def test_what_the_files_say_themselves_counts(tmp_path: Path, ending: str) -> None:
    accounts(tmp_path)
    given: list[Row] = [{"account_id": "a", "kind": "phone", "value": "v"}]
    write_table(tmp_path / "identifiers" / "kind=device", "1", given, ending, ["account_id", "kind", "value"])
    assert values(tmp_path, "identifiers", "kind") == ["phone"]
    if "json" not in ending:
        write_table(tmp_path / "other", "identifiers", given, ending, ["account_id", "kind", "value"])
        accounts(tmp_path / "other")
        inside, beside = (open_folder(at).tables["identifiers"][0] for at in (tmp_path, tmp_path / "other"))
        assert inside.digest() == beside.digest()


@pytest.mark.parametrize("ending", FORMATS)
def test_times_and_counts_of_the_path_are_checked_as_any_others(tmp_path: Path, ending: str) -> None:
    accounts(tmp_path)
    for at in ("2026-11-01", "2026-13-01"):
        put(tmp_path / "requests" / f"at={at}" / "n=3", "part-0", ending, ["account_id"])
    loaded = load(tmp_path)
    (row,) = loaded.rows["requests"]
    assert (row["at"].isoformat(), row["n"]) == ("2026-11-01T00:00:00+00:00", 3)
    assert loaded.counts == {"not a time": 1}
    assert loaded.rejects[0]["part"] == f"requests/at=2026-13-01/n=3/part-0.{ending}"


def test_the_folder_of_rows_without_a_value(tmp_path: Path) -> None:
    accounts(tmp_path)
    put(tmp_path / "payments" / "kind=__HIVE_DEFAULT_PARTITION__", "1", "parquet", ["account_id", "value"])
    with pytest.raises(InputError, match="no column «payment_id»"):
        load(tmp_path)
    put(tmp_path / "payments" / "payment_id=p" / "kind=__HIVE_DEFAULT_PARTITION__", "1", "csv", ["account_id"])
    (tmp_path / "payments" / "kind=__HIVE_DEFAULT_PARTITION__" / "1.parquet").unlink()
    assert values(tmp_path, "payments", "kind") == [None]


def test_what_engines_are_at_work_on_is_passed_over(tmp_path: Path) -> None:
    accounts(tmp_path)
    for name in ("_temporary/0/task_1", ".spark-staging-1/day=2", "day=1"):
        put(tmp_path / "requests" / name, "part-0", "parquet", ["account_id", "at"])
    found = open_folder(tmp_path)
    assert [part.source for part in found.tables["requests"]] == ["requests/day=1/part-0.parquet"]
    assert group_rows(found.tables["requests"][0]) == [1]


def test_a_link_that_leads_back_is_an_error(tmp_path: Path) -> None:
    accounts(tmp_path)
    put(tmp_path / "requests" / "day=1", "part-0", "csv", ["account_id", "at"])
    (tmp_path / "requests" / "day=1" / "again").symlink_to(tmp_path / "requests")
    with pytest.raises(InputError, match="leads back"):
        open_folder(tmp_path)

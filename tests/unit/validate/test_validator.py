"""Counting, the reject file and what it may hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from linkage.errors import InputError
from linkage.model.batches import RawBatch
from linkage.model.facts import BY_NAME
from linkage.validate import RejectFile, Validator
from linkage.validate.rejects import masked

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def raw(table: str, first_line: int = 1, **columns: object) -> RawBatch:
    return RawBatch(BY_NAME[table], f"{table}.parquet", pa.RecordBatch.from_pydict(columns), first_line, 0)


def accounts(*ids: str | None, first_line: int = 1) -> RawBatch:
    return raw("accounts", first_line, account_id=pa.array(ids, pa.string()))


def ids_of(clean: pa.RecordBatch) -> list[str]:
    return [str(value) for value in clean.column("account_id").to_pylist()]


def test_the_first_row_of_a_key_wins_over_all_batches() -> None:
    validator = Validator(now=NOW)
    assert ids_of(validator.check(accounts("a", "b", " a", None))) == ["a", "b"]
    assert ids_of(validator.check(accounts("c", "b", "c"))) == ["c"]
    assert validator.counts == {"accounts": {"duplicate key": 3, "missing value": 1}}
    assert (validator.rows_in["accounts"], validator.good, validator.rejected) == (7, 3, 4)


def test_a_rejected_row_does_not_hold_its_key() -> None:
    first = raw("accounts", account_id=["a"], status=["frozen"])
    validator = Validator(now=NOW)
    assert ids_of(validator.check(first)) == []
    assert ids_of(validator.check(accounts("a"))) == ["a"]


def test_a_row_with_two_faults_is_rejected_once(tmp_path: Path) -> None:
    bad = raw("requests", account_id=["a"], at=["never"], ip=["nowhere"])
    with Validator(tmp_path, now=NOW) as validator:
        assert validator.check(bad).num_rows == 0
    assert validator.counts["requests"] == {"not a time": 1}
    (line,) = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert json.loads(line)["column"] == "at"


def test_nothing_personal_is_in_the_reject_file(tmp_path: Path) -> None:
    with Validator(tmp_path, now=NOW) as validator:
        validator.check(raw("requests", account_id=["alice@mail.example"], at=["2026-01-01"], ip=["203.0.113.77.1"]))
        validator.check(raw("payments", account_id=["a"], payment_id=["4111111111111111"], kind=["plastic"]))
        validator.check(raw("identifiers", account_id=["a"], kind=["phone"], value=["+49 170\x07 1234567"]))
    text = (tmp_path / "rejects.jsonl").read_text()
    assert [json.loads(line) for line in text.splitlines()] == [
        {
            "table": "requests",
            "part": "requests.parquet",
            "line": 1,
            "column": "ip",
            "value": "2… (14 characters)",
            "reason": "not an IP address",
        },
        {
            "table": "payments",
            "part": "payments.parquet",
            "line": 1,
            "column": "kind",
            "value": "p… (7 characters)",
            "reason": "not an allowed value",
        },
        {
            "table": "identifiers",
            "part": "identifiers.parquet",
            "line": 1,
            "column": "value",
            "value": "+… (16 characters)",
            "reason": "control character",
        },
    ]
    assert (tmp_path / "rejects.jsonl").stat().st_mode & 0o777 == 0o600


def test_short_values_are_hidden_and_numbers_shown() -> None:
    assert masked(pa.array(["abc"]), 0) == "… (3 characters)"
    assert masked(pa.array([b"\xff\xfe\xfd\xfc"]), 0) == "\ufffd… (4 characters)"
    assert masked(pa.array([None, "a"]), 0) is None
    assert masked(pa.array([-5]), 0) == "-5"
    assert (
        masked(pa.array([datetime(1980, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")), 0)
        == "1980-01-01 00:00:00.000000Z"
    )


def test_all_are_counted_though_not_all_are_written(tmp_path: Path) -> None:
    with Validator(tmp_path, now=NOW, limit=3) as validator:
        validator.check(accounts(*[None] * 10, first_line=5))
        validator.check(accounts(None))
    lines = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in lines] == [5, 6, 7]
    assert validator.counts == {"accounts": {"missing value": 11}}


def test_a_clean_load_leaves_no_reject_file(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text("of the load before")
    with Validator(tmp_path, now=NOW) as validator:
        validator.check(accounts("a"))
    assert list(tmp_path.iterdir()) == []


def test_a_reject_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        RejectFile(tmp_path / "file").write({})


def test_an_empty_batch_keeps_its_types() -> None:
    names = [column.name for column in BY_NAME["requests"].columns]
    empty = raw("requests", **{name: pa.array([], pa.string()) for name in names})
    schema = Validator(now=NOW).check(empty).schema
    expected = {"account_id": "string", "at": "timestamp[us, tz=UTC]", "ip": "string", "ip_hi": "uint64"}
    expected |= {"ip_lo": "uint64", "ip_family": "uint8", "n": "int64", "input_tokens": "int64", "prompt": "string"}
    assert {name: str(schema.field(name).type) for name in expected} == expected


def test_a_missing_address_has_no_family() -> None:
    batch = raw("requests", account_id=["a"] * 3, at=["2026-01-01"] * 3, ip=[None, "  ", "::1"])
    rows = Validator(now=NOW).check(batch)
    assert rows.column("ip").to_pylist() == [None, None, "::1"]
    assert rows.column("ip_family").to_pylist() == [0, 0, 6]


def test_prompts_keep_their_lines_and_may_be_long() -> None:
    prompts = ["two\nlines\t", "", "x" * 2_000_000, "y" * (10 * 2**20 + 1)]
    batch = raw("requests", account_id=["a"] * 4, at=["2026-01-01"] * 4, prompt=prompts)
    validator = Validator(now=NOW)
    assert validator.check(batch).column("prompt").to_pylist() == ["two\nlines\t", None, prompts[2]]
    assert validator.counts["requests"] == {"over-long value": 1}


def test_choices_are_taken_without_case_and_a_missing_one_stays_missing() -> None:
    batch = raw("accounts", account_id=["a", "b", "c"], status=[" ACTIVE ", None, "suspended"])
    rows = Validator(now=NOW).check(batch)
    assert rows.column("status").to_pylist() == ["active", None, "suspended"]

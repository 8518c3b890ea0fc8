"""JSON lines as programs that write them have them: deep, cut, and stricter than some parsers are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from facts_writers import Loaded, load

AT = "2026-11-01T10:00:00Z"


def read(folder: Path, *rows: str, table: str = "requests") -> Loaded:
    """Loads lines as one table of a folder."""
    (folder / "accounts.csv").write_text("account_id\na\n")
    (folder / f"{table}.jsonl").write_text("".join(f"{row}\n" for row in rows))
    return load(folder)


def request(**values: object) -> str:
    return json.dumps({"account_id": "a", "at": AT} | values)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("first", [0, 1, 5_000])
def test_a_deep_value_is_ignored_where_its_column_is_unknown_wherever_it_stands(tmp_path: Path, first: int) -> None:
    deep = f'{{"account_id": "a", "at": "{AT}", "x": {nested(20_000)}}}'
    loaded = read(tmp_path, *[request()] * first, deep, request(y=1))
    assert len(loaded.rows["requests"]) == first + 2
    assert loaded.counts == {}
    assert ("the column «y» of requests is not known and is ignored" in loaded.notes) == (first < 100)


def test_a_deep_value_of_a_known_column_is_a_counted_reject(tmp_path: Path) -> None:
    loaded = read(tmp_path, f'{{"account_id": "a", "at": "{AT}", "prompt": {nested(1_500)}}}', request())
    assert len(loaded.rows["requests"]) == 1
    assert loaded.counts == {"a list or an object instead of a value": 1}


def test_the_name_of_an_unknown_column_can_be_printed(tmp_path: Path) -> None:
    (note,) = read(tmp_path, request(**{"half \ud83d\x1b[31m": 1})).notes
    assert note == "the column «half \ufffd\ufffd[31m» of requests is not known and is ignored"


def test_a_prompt_that_was_cut_within_a_pair_is_read(tmp_path: Path) -> None:
    prompts = ["cut emoji \ud83d", "\ude00\ud83d\ude00 whole, then cut \ud83d", "plain", "\ufffd", "\\ud83d is text"]
    loaded = read(tmp_path, *(request(prompt=prompt) for prompt in prompts), request(unknown="\ud83d"))
    found = [row["prompt"] for row in loaded.rows["requests"]]
    assert found == ["cut emoji \ufffd", "\ufffd\U0001f600 whole, then cut \ufffd", *prompts[2:], None]
    assert loaded.counts == {}


def test_half_a_pair_in_an_id_is_rejected_for_two_ids_would_become_one(tmp_path: Path) -> None:
    rows = [{"kind": "device", "value": "a\ud83d"}, {"kind": "\ud83d", "value": "b"}, {"kind": "device", "value": "c"}]
    lines = [json.dumps({"account_id": "a"} | row) for row in rows]
    loaded = read(tmp_path, *lines, '{"account_id": "\\ud83d"', table="identifiers")
    assert [row["value"] for row in loaded.rows["identifiers"]] == ["c"]
    assert loaded.counts == {"not UTF-8": 2, "not a JSON object": 1}


IDS = ["7", 7, 2**70, "1.5", "true", "1e5", "NaN", -3]
NO_IDS = ["1.5", "true", "false", "1e5", "-0.5", "NaN", "-Infinity", "1e400"]


def test_fractions_and_truth_values_are_no_ids_and_numbers_are_no_times(tmp_path: Path) -> None:
    good = [json.dumps({"account_id": one, "at": AT}) for one in IDS]
    bad = [f'{{"account_id": {one}, "at": "{AT}"}}' for one in NO_IDS]
    loaded = read(tmp_path, *good, *bad, request(at=20260101), request(at=1767225600.5), request(model=True))
    assert [row["account_id"] for row in loaded.rows["requests"]] == [*map(str, IDS), "a"]
    assert loaded.counts == {"not an id": len(NO_IDS), "not a time": 2}


@pytest.mark.parametrize(
    "line",
    [
        '{"account_id": "j", }',
        '{"account_id": "j",}',
        '{"account_id": "j", "x": [1, 2,\t]}',
        '{"account_id": "j", "x": "a\\\\", }',
        '{"account_id": "j", "x": {"y": 1 , } }',
    ],
)
def test_a_comma_before_a_bracket_is_no_json(tmp_path: Path, line: str) -> None:
    fine = [
        json.dumps({"account_id": name, "plan": plan}) for name, plan in {"a": "f(x, )", "b": '\\",}', "c": "]"}.items()
    ]
    (tmp_path / "accounts.jsonl").write_text("\n".join([*fine, line, '{"account_id": "d", "x": [ ] }', ""]))
    loaded = load(tmp_path)
    assert [row["account_id"] for row in loaded.rows["accounts"]] == ["a", "b", "c", "d"]
    assert loaded.counts == {"not a JSON object": 1}
    assert loaded.rejects[0]["line"] == 4


def test_faults_of_one_reason_found_in_two_ways_are_in_the_order_of_lines(tmp_path: Path) -> None:
    (tmp_path / "accounts.jsonl").write_bytes(
        b'{"account_id": "\\ud83d"}\n{"account_id": "\xff"}\n{"account_id": "b"}\n'
    )
    loaded = load(tmp_path)
    assert [reject["line"] for reject in loaded.rejects] == [1, 2]
    assert loaded.counts == {"not UTF-8": 2}

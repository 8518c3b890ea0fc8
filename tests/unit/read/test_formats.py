"""The same facts in every format are the same clean rows, and no good row is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from facts_writers import FORMATS, Row, load, write_table
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.model.facts import BY_NAME
from linkage.read import batches, open_folder

COLUMNS = [column.name for column in BY_NAME["requests"].columns]
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
ids = st.sampled_from(["a", "b", " c ", "", "ü", "d\te", "x" * 1025]) | text
times = st.sampled_from(
    ["2026-11-01T10:00:00Z", "2026-11-01 12:00:00.5+02:00", "2026-11-01", "never", "1999-01-01", ""]
)
addresses = st.sampled_from(["1.2.3.4", "::ffff:1.2.3.4", "2001:db8::1", " 9.9.9.9", "1.2.3", "", "fe80::1%1"])
counts = st.sampled_from(["1", "2", "3.0", "0", "-1", "x", "", " 7 "])
rows = st.lists(
    st.fixed_dictionaries(
        {"account_id": ids | st.none(), "at": times},
        optional={
            "ip": addresses | st.none(),
            "model": ids,
            "prompt": st.text(st.characters(codec="utf-8"), max_size=9),
            "n": counts,
            "input_tokens": counts,
        },
    ),
    max_size=8,
)


@settings(max_examples=12, deadline=None)  # the first call compiles
@given(rows)
def test_every_format_gives_the_same_rows(given_rows: list[Row]) -> None:
    seen = []
    with tempfile.TemporaryDirectory() as name:
        for ending in FORMATS:
            folder = Path(name) / ending
            write_table(folder, "accounts", [{"account_id": "a"}], ending, ["account_id"])
            write_table(folder, "requests", given_rows, ending, COLUMNS)
            loaded = load(folder, rows=3)
            assert loaded.rows_in == len(given_rows) + 1
            seen.append((loaded.rows, loaded.counts))
        half = len(given_rows) // 2
        folder = Path(name) / "parts"
        write_table(folder, "accounts", [{"account_id": "a"}], "jsonl", ["account_id"])
        write_table(folder / "requests", "1", given_rows[:half], "csv.gz", COLUMNS)
        write_table(folder / "requests", "2", given_rows[half:], "parquet", COLUMNS)
        loaded = load(folder)
        seen.append((loaded.rows, loaded.counts))
    assert all(one == seen[0] for one in seen)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_table_is_typed(tmp_path: Path, ending: str) -> None:
    facts: dict[str, list[Row]] = {
        "accounts": [{"account_id": "a", "created_at": "2026-01-01", "status": "Terminated"}, {"account_id": "b"}],
        "requests": [{"account_id": "a", "at": "2026-01-02T03:04:05+01:00", "ip": "::ffff:9.8.7.6", "n": "3"}],
        "payments": [{"account_id": "a", "payment_id": "p", "kind": "card", "bin": "411111"}],
        "identifiers": [{"account_id": "a", "kind": "device", "value": "v"}],
        "labels": [{"account_id": "a", "label": "abuse", "source": "desk"}],
    }
    for table, given_rows in facts.items():
        columns = [column.name for column in BY_NAME[table].columns]
        write_table(tmp_path, table, given_rows, ending, columns)
    loaded = load(tmp_path)
    assert loaded.counts == {}
    first, second = loaded.rows["accounts"]
    assert (first["status"], second["status"]) == ("terminated", None)
    assert first["created_at"].isoformat() == "2026-01-01T00:00:00+00:00"
    (request,) = loaded.rows["requests"]
    assert request["at"].isoformat() == "2026-01-02T02:04:05+00:00"
    assert (request["n"], request["input_tokens"], request["ip_family"]) == (3, None, 4)
    assert (request["ip_hi"], request["ip_lo"]) == (0, 0xFFFF_0908_0706)
    assert loaded.rows["payments"][0]["bin"] == "411111"
    assert loaded.rows["identifiers"][0]["at"] is None
    assert loaded.rows["labels"][0]["source"] == "desk"


@pytest.mark.parametrize("kind", ["large_string", "string_view", "dictionary", "binary", "large_binary", "int64"])
def test_parquet_ids_in_every_layout(tmp_path: Path, kind: str) -> None:
    ids = pa.array(["7", "8", "9"])
    layouts = {
        "large_string": ids.cast(pa.large_string()),
        "string_view": ids.cast(pa.string_view()),
        "dictionary": ids.dictionary_encode(),
        "binary": ids.cast(pa.binary()),
        "large_binary": ids.cast(pa.large_binary()),
        "int64": ids.cast(pa.int64()),
    }
    pq.write_table(pa.table({"account_id": layouts[kind]}), tmp_path / "accounts.parquet")
    loaded = load(tmp_path, rows=2)
    assert [row["account_id"] for row in loaded.rows["accounts"]] == ["7", "8", "9"]
    assert bool(loaded.notes) == (kind == "int64")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_parquet_times_in_every_unit(tmp_path: Path, unit: str, zone: str | None) -> None:
    seconds = pa.array([1_750_000_000, None], pa.int64()).cast(pa.timestamp("s"))
    at = seconds.cast(pa.timestamp(unit)).cast(pa.int64()).cast(pa.timestamp(unit, zone))
    pq.write_table(pa.table({"account_id": ["a", "b"], "created_at": at}), tmp_path / "accounts.parquet")
    first, second = load(tmp_path).rows["accounts"]
    assert first["created_at"].timestamp() == 1_750_000_000
    assert second["created_at"] is None


def test_dates_are_times(tmp_path: Path) -> None:
    dates = pa.array([20_000, None, 1 << 30], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"account_id": ["a", "b", "c"], "created_at": dates}), tmp_path / "accounts.parquet")
    loaded = load(tmp_path)
    assert loaded.rows["accounts"][0]["created_at"].timestamp() == 20_000 * 86_400
    assert loaded.counts == {"impossible time": 1}


def test_only_the_asked_columns_are_read_and_checked(tmp_path: Path) -> None:
    given_rows: list[Row] = [{"account_id": "a", "at": "2026-01-01", "model": "x" * 2000, "n": "2"}]
    write_table(tmp_path, "accounts", [{"account_id": "a"}], "csv", ["account_id"])
    write_table(tmp_path, "requests", given_rows, "csv", COLUMNS)
    assert load(tmp_path).counts == {"over-long value": 1}
    (part,) = open_folder(tmp_path).tables["requests"]
    (raw,) = batches(part, ["n"])
    assert raw.rows.schema.names == ["account_id", "at", "n"]

"""Bad input, kind by kind: each is a clear error or counted rejects with line and reason."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from facts_writers import load

from linkage.errors import InputError

Write = Callable[[Path], object]

AT = "2026-11-01T10:00:00Z"
LATER = datetime(2026, 11, 1, tzinfo=UTC)


def raw(name: str, data: bytes | str) -> Write:
    """Writes one file as it is."""

    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    return write


def parquet(name: str, **columns: pa.Array | Sequence[object]) -> Write:
    def write(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), folder / name)

    return write


def both(*writes: Write) -> Write:
    def write(folder: Path) -> None:
        for one in writes:
            one(folder)

    return write


def accounts(*ids: str) -> Write:
    return raw("accounts.csv", "account_id\n" + "".join(f"{one}\n" for one in ids))


OK = accounts("a")
REQUESTS = "account_id,at,ip,n\n"
GOOD_REQUEST = f"a,{AT},1.2.3.4,2\n"
GZ = gzip.compress(("account_id\n" + "x" * 10 + "\n" * 2000 + "".join(f"account{i}\n" for i in range(5000))).encode())

# name, what is written, and what the error says
ERRORS: list[tuple[str, Write, str]] = [
    ("empty folder", both(), "has no facts: expected tables such as"),
    ("only unknown files", raw("notes.txt", "x"), "has no facts"),
    ("no accounts", raw("requests.csv", REQUESTS), "has no table «accounts»"),
    ("truth as a file", both(OK, raw("truth.csv", "account_id\n")), "truth is never loaded"),
    ("truth as a folder", both(OK, raw("truth/part.parquet", "")), "truth is never loaded"),
    ("truth inside facts", both(raw("facts/accounts.csv", "account_id\na\n"), raw("facts/truth.csv", "a")), "truth"),
    ("a table in two formats", both(OK, raw("accounts.jsonl", "")), "«accounts» twice, also as accounts.jsonl"),
    ("a table as file and folder", both(OK, raw("accounts/a.csv", "account_id\n")), "«accounts» twice"),
    ("a table without anything", both(OK, lambda folder: (folder / "requests").mkdir()), "requests/ has no parts, and"),
    ("a table of other files", both(OK, raw("requests/_SUCCESS", ""), raw("requests/a.orc", "")), "has no parts"),
    ("a table at work", both(OK, raw("requests/_temporary/0/_SUCCESS", "")), "requests/ has no parts, and no _SUCCESS"),
    ("folders of days without parts", both(OK, raw("requests/day=1/.part.crc", "")), "requests/ has no parts"),
    ("a table of Delta Lake", both(OK, raw("requests/_delta_log/0.json", "{}")), "requests is a table of Delta Lake"),
    ("a format that is not read", both(OK, raw("requests.xlsx", "PK")), r"requests.xlsx is in no format that is read"),
    ("a half-written part", both(OK, raw("requests/requests.parquet.tmp", "")), "in no format that is read"),
    ("a broken link", both(OK, lambda folder: (folder / "b.csv").symlink_to("gone")), "a link to a file that is not"),
    ("CSV of no bytes", raw("accounts.csv", ""), "accounts.csv is empty: its first line must name the columns"),
    ("CSV of blank lines", raw("accounts.csv", "\n\n\n"), "is empty"),
    ("CSV without a header", raw("accounts.csv", "secret1,active\nb,active\n"), "none of its 2 columns is known"),
    (
        "CSV without a required column",
        both(OK, raw("requests.csv", "account_id,ip\n")),
        "no column «at».*account_id, ip",
    ),
    ("a column twice", raw("accounts.csv", "account_id,plan,plan\n"), "has the column «plan» twice"),
    ("semicolons", raw("accounts.csv", "account_id;plan\na;b\n"), "by semicolons: separate them by commas"),
    (
        "a header in Latin-1",
        raw("accounts.csv", "account_id,pl\xe4n\n".encode("latin-1")),
        "line 1: .* not CSV in UTF-8",
    ),
    ("UTF-16", raw("accounts.csv", "account_id\na\n".encode("utf-16")), "written in UTF-16: write it in UTF-8"),
    ("gzip without its ending", raw("accounts.csv", GZ), "is packed by gzip: end its name in .gz"),
    ("Parquet named CSV", raw("accounts.csv", b"PAR1....PAR1"), "is a Parquet file: end its name in .parquet"),
    ("a workbook named CSV", raw("accounts.csv", b"PK\x03\x04...."), "a zip file or a workbook"),
    ("a truncated gzip", raw("accounts.csv.gz", GZ[: len(GZ) // 2]), "accounts.csv.gz is cut off"),
    ("a gzip of no bytes", raw("accounts.csv.gz", b""), "is empty"),
    ("a gzip that is none", raw("accounts.csv.gz", "account_id\na\n"), "is not a sound gzip file"),
    ("a gzip with a wrong checksum", raw("accounts.csv.gz", GZ[:-8] + bytes(8)), "is not a sound gzip file"),
    ("a truncated gzip of JSON", raw("accounts.jsonl.gz", GZ[:-30]), "accounts.jsonl.gz is cut off"),
    ("one JSON array", raw("accounts.jsonl", '[{"account_id": "a"}]\n'), "is one JSON array: write one object a line"),
    ("Parquet that is none", raw("accounts.parquet", "account_id\na\n"), "accounts.parquet is not a sound Parquet"),
    ("Parquet of no bytes", raw("accounts.parquet", b""), "is not a sound Parquet"),
    ("Parquet without a required column", parquet("accounts.parquet", plan=["x"]), "no column «account_id»"),
    ("Parquet ids as fractions", parquet("accounts.parquet", account_id=[1.0, 2.0]), "«account_id» is of type double"),
    ("Parquet ids as structs", parquet("accounts.parquet", account_id=[{"secret": 1}]), "is of type struct; write it"),
    ("Parquet ids as lists", parquet("accounts.parquet", account_id=[["a"]]), "is of type list; write it as text or"),
    (
        "Parquet times as numbers",
        both(OK, parquet("requests.parquet", account_id=["a"], at=[1700000000])),
        "«at» is of type int64; write it as timestamps, dates or text",
    ),
    (
        "Parquet times as truth values",
        both(OK, parquet("requests.parquet", account_id=["a"], at=[True])),
        "«at» is of type bool",
    ),
    (
        "Parquet addresses as numbers",
        both(OK, parquet("requests.parquet", account_id=["a"], at=[LATER], ip=[16909060])),
        "«ip» is of type int64; write it as text",
    ),
]


@pytest.mark.parametrize(("write", "message"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_it_is_a_clear_error(tmp_path: Path, write: Write, message: str) -> None:
    write(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        load(tmp_path)
    assert "secret" not in str(caught.value)


def requests(*lines: str | bytes) -> Write:
    data = b"".join(line if isinstance(line, bytes) else line.encode() for line in (REQUESTS, GOOD_REQUEST, *lines))
    return both(OK, raw("requests.csv", data))


def objects(*lines: str | bytes) -> Write:
    good = f'{{"account_id": "a", "at": "{AT}"}}\n'
    data = b"".join(line if isinstance(line, bytes) else line.encode() for line in (good, *lines))
    return both(OK, raw("requests.jsonl", data))


def stamps(*times: object, kind: pa.DataType) -> Write:
    ids = ["a"] * (len(times) + 1)
    good = datetime(2026, 1, 1, tzinfo=UTC)
    return both(OK, parquet("requests.parquet", account_id=ids, at=pa.array([good, *times], kind)))


def counted(*values: object, kind: pa.DataType) -> Write:
    size = len(values) + 1
    at = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * size)
    return both(OK, parquet("requests.parquet", account_id=["a"] * size, at=at, n=pa.array([1, *values], kind)))


US = pa.timestamp("us", "UTC")
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
OLD = datetime(1999, 12, 31, tzinfo=UTC)

# name, what is written, the rejects by reason and, where it is known, the line of the first of them
REJECTS: list[tuple[str, Write, dict[str, int], int]] = [
    ("no key", requests(f",{AT},,\n", f"  ,{AT},,\n"), {"missing value": 2}, 3),
    ("no time", requests("a,,,\n"), {"missing value": 1}, 3),
    ("too few fields", requests("a\n", f"a,{AT}\n"), {"wrong number of fields": 2}, 3),
    ("too many fields", requests(f"a,{AT},,,,\n"), {"wrong number of fields": 1}, 3),
    ("not an address", requests(f"a,{AT},1.2.3,\n", f"a,{AT},fe80::1%eth0,\n"), {"not an IP address": 2}, 3),
    ("not a time", requests("a,yesterday,,\n", "a,1700000000,,\n", "a,24/11/2026,,\n"), {"not a time": 3}, 3),
    ("a day that is none", requests("a,2026-02-30T00:00:00Z,,\n"), {"not a time": 1}, 3),
    ("before 2000", requests("a,1999-12-31T23:59:59Z,,\n"), {"impossible time": 1}, 3),
    ("the epoch", requests("a,1970-01-01T00:00:00Z,,\n"), {"impossible time": 1}, 3),
    ("the far future", requests("a,2026-11-25T00:00:01Z,,\n", "a,9999-12-31,,\n"), {"impossible time": 2}, 3),
    ("a count below one", requests(f"a,{AT},,-3\n", f"a,{AT},,0\n"), {"count out of range": 2}, 3),
    (
        "a count beyond reason",
        requests(f"a,{AT},,9999999999999999\n", f"a,{AT},,{10**40}\n"),
        {"count out of range": 2},
        3,
    ),
    (
        "more equal requests than a row has",
        requests(f"a,{AT},,1000000000\na,{AT},,1000000001\n"),
        {"count out of range": 1},
        4,
    ),
    ("not a count", requests(f"a,{AT},,1.5\n", f"a,{AT},,many\n", f"a,{AT},,1e3\n"), {"not a whole number": 3}, 3),
    ("an over-long id", requests(f"{'x' * 1025},{AT},,\n"), {"over-long value": 1}, 3),
    ("a huge field", requests(f"{'x' * 3_000_000},{AT},,\n", GOOD_REQUEST), {"over-long value": 1}, 3),
    ("Latin-1 in the rows", requests(f"M\xfcller,{AT},,\n".encode("latin-1")), {"not UTF-8": 1}, 3),
    ("NUL bytes", requests(f"a\0b,{AT},,\n"), {"control character": 1}, 3),
    (
        "a line feed in an id",
        requests(f'"a\nb",{AT},,\n', "x\n"),
        {"control character": 1, "wrong number of fields": 1},
        3,
    ),
    ("a quote left open", requests(f'"a,{AT},,\n', GOOD_REQUEST, GOOD_REQUEST), {"quotes do not match": 1}, 3),
    ("text after a quote", requests(f'"a"b,{AT},,\n', GOOD_REQUEST), {"quotes do not match": 1}, 3),
    (
        "an over-long row",
        requests("x" * (17 << 20) + "\n", GOOD_REQUEST, "y\n"),
        {"over-long row": 1, "wrong number of fields": 1},
        3,
    ),
    ("a bad status", raw("accounts.csv", "account_id,status\na,active\nb,frozen\n"), {"not an allowed value": 1}, 3),
    (
        "a bad label",
        both(OK, raw("labels.csv", "account_id,label\na,abuse\na,good\na,\n")),
        {"not an allowed value": 1, "missing value": 1},
        3,
    ),
    ("a key twice", accounts("a", "b", "a", " a "), {"duplicate key": 2}, 4),
    (
        "a key twice in one of two parts",
        both(
            raw("accounts/1.csv", "account_id\na\nb\n"),
            raw("accounts/2.jsonl", '{"account_id": "a"}\n{"account_id": "c"}\n{"account_id": "c"}\n'),
        ),
        {"duplicate key": 1},
        3,
    ),
    ("a cut JSON line", objects('{"account_id": "a"\n', "null\n", "[1]\n", "7\n"), {"not a JSON object": 4}, 2),
    ("text after JSON", objects('{"account_id": "a"} x\n', "\0\n"), {"not a JSON object": 2}, 2),
    (
        "a list for a value",
        objects(f'{{"account_id": ["a"], "at": "{AT}"}}\n', '{"account_id": "a", "at": {}}\n'),
        {"a list or an object instead of a value": 2},
        2,
    ),
    (
        "Latin-1 in JSON",
        objects(f'{{"account_id": "M\xfcller", "at": "{AT}"}}\n'.encode("latin-1")),
        {"not UTF-8": 1},
        2,
    ),
    ("null for a key", objects(f'{{"account_id": null, "at": "{AT}"}}\n', "{}\n"), {"missing value": 2}, 2),
    (
        "a count beyond 64 bits in JSON",
        objects(f'{{"account_id": "a", "at": "{AT}", "n": {10**40}}}\n'),
        {"count out of range": 1},
        2,
    ),
    ("an over-long line of JSON", objects('{"account_id": "' + "x" * (17 << 20) + '"}\n'), {"over-long row": 1}, 2),
    ("a NUL in JSON", objects(f'{{"account_id": "a\\u0000b", "at": "{AT}"}}\n'), {"control character": 1}, 2),
    (
        "Parquet times out of range",
        stamps(OLD, END_OF_TIME, None, kind=US),
        {"impossible time": 2, "missing value": 1},
        2,
    ),
    (
        "Parquet times in text",
        both(OK, parquet("requests.parquet", account_id=["a", "a"], at=[AT, "soon"])),
        {"not a time": 1},
        2,
    ),
    (
        "Parquet fractions for counts",
        counted(1.5, -1.0, float("inf"), 1e300, None, float("nan"), kind=pa.float64()),
        {"not a whole number": 1, "count out of range": 3},
        2,
    ),
    ("Parquet counts beyond 64 bits", counted((1 << 64) - 1, kind=pa.uint64()), {"count out of range": 1}, 2),
    ("Parquet counts as decimals", counted(2, -5, None, kind=pa.decimal128(38, 0)), {"count out of range": 1}, 3),
    (
        "Parquet text that is not UTF-8",
        both(OK, parquet("labels.parquet", account_id=pa.array([b"a", b"\xff"]), label=["abuse", "abuse"])),
        {"not UTF-8": 1},
        2,
    ),
]


@pytest.mark.parametrize(("write", "counts", "line"), [case[1:] for case in REJECTS], ids=[case[0] for case in REJECTS])
def test_it_is_counted(tmp_path: Path, write: Write, counts: dict[str, int], line: int) -> None:
    write(tmp_path)
    loaded = load(tmp_path)
    assert loaded.counts == counts
    assert len(loaded.rejects) == sum(counts.values())
    assert loaded.rejects[0]["line"] == line
    assert any(loaded.rows.values())
    for reject in loaded.rejects:
        assert set(reject) == {"table", "part", "line", "column", "value", "reason"}
        assert reject["reason"] in counts


def test_milliseconds_beyond_what_microseconds_hold_are_impossible_times(tmp_path: Path) -> None:
    times = pa.array([1_750_000_000_000, 1 << 62, -(1 << 62)], pa.int64()).cast(pa.timestamp("ms"))
    both(OK, parquet("requests.parquet", account_id=["a"] * 3, at=times))(tmp_path)
    assert load(tmp_path).counts == {"impossible time": 2}


def test_a_damaged_page_of_parquet_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    ids = pa.array([f"account-{number}" for number in range(20_000)])
    pq.write_table(pa.table({"account_id": ids}), path, use_dictionary=False, compression="zstd")
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = bytes(len(data) // 2 - 100)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"accounts\.parquet is damaged"):
        load(tmp_path)


def test_a_missing_folder_and_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no folder"):
        load(tmp_path / "gone")
    (tmp_path / "file.csv").write_text("account_id\n")
    with pytest.raises(InputError, match="is a file: give the folder"):
        load(tmp_path / "file.csv")

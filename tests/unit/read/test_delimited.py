"""CSV against Python's own reader, in blocks of any size."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from linkage.model.batches import RawBatch, Reason
from linkage.model.facts import BY_NAME
from linkage.read.delimited import read_csv
from linkage.read.part import Format, Part
from linkage.read.storage import LocalFile

LABELS = BY_NAME["labels"]
HEADER = "account_id,label\n"
pieces = st.lists(
    st.sampled_from(["a", "b", ",", '"', '""', "\n", "\r\n", "é", " ", '"x",', ',"y"\n', "c,d\n"]), max_size=30
)


def part_of(folder: Path, data: bytes) -> Part:
    path = folder / "labels.csv"
    path.write_bytes(data)
    return Part(LocalFile(path), Format.CSV, "labels", "labels.csv")


def read(part: Part, size: int) -> list[RawBatch]:
    return list(read_csv(part, LABELS.columns[:2], size))


def rows_of(batches: list[RawBatch]) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]


def lines_of(batches: list[RawBatch]) -> list[int]:
    return [batch.line(row) for batch in batches for row in range(batch.rows.num_rows)]


def faults_of(batches: list[RawBatch]) -> list[tuple[int, Reason]]:
    return sorted((int(line), reason) for batch in batches for reason, lines in batch.faults.items() for line in lines)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces.map("".join), st.integers(16, 60))
@example('a,"b\r\nc"\r\n\r\n"d","e""f"\r\n', 17)
@example('a,"b\n', 16)
def test_same_as_the_csv_module(tmp_path: Path, body: str, size: int) -> None:
    batches = read(part_of(tmp_path, (HEADER + body).encode()), size)
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    expected, ragged = [], 0
    try:
        for row in reader:
            if len(row) == 2:
                expected.append(tuple(row))
            elif row:
                ragged += 1
    except csv.Error:
        assert Reason.QUOTES in {reason for _, reason in faults_of(batches)}
        assert rows_of(batches)[: len(expected)] == expected
        return
    assert rows_of(batches) == expected
    assert [reason for _, reason in faults_of(batches)] == [Reason.FIELDS] * ragged


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces.map("".join), st.integers(16, 60))
def test_blocks_of_any_size_give_the_same(tmp_path: Path, body: str, size: int) -> None:
    part = part_of(tmp_path, (HEADER + body).encode())
    whole, cut = read(part, 1 << 20), read(part, size)
    assert rows_of(whole) == rows_of(cut)
    assert lines_of(whole) == lines_of(cut)
    assert faults_of(whole) == faults_of(cut)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    body = 'a,abuse\n\n"b\nb",benign\r\nx\nc,abuse\n"open,abuse\nd,benign'
    batches = read(part_of(tmp_path, b"\r\n" + (HEADER + body).encode()), 16)
    assert list(zip(lines_of(batches), rows_of(batches), strict=True)) == [
        (3, ("a", "abuse")),
        (5, ("b\nb", "benign")),
        (8, ("c", "abuse")),
        (10, ("d", "benign")),
    ]
    assert faults_of(batches) == [(7, Reason.FIELDS), (9, Reason.QUOTES)]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r\n\r\n"])
def test_a_byte_order_mark_and_any_ending(tmp_path: Path, ending: str) -> None:
    data = b"\xef\xbb\xbf" + ("account_id,label\r\na,abuse" + ending).encode()
    assert rows_of(read(part_of(tmp_path, data), 1 << 20)) == [("a", "abuse")]


def test_a_row_longer_than_two_blocks(tmp_path: Path) -> None:
    value = "v" * 500
    data = f"{HEADER}a,{value}\nb,{value}".encode()
    assert rows_of(read(part_of(tmp_path, data), 64)) == [("a", value), ("b", value)]

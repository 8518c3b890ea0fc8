"""CSV parts to batches of text columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.errors import InputError
from linkage.kernels.buffers import frozen, text_array
from linkage.model.batches import RawBatch, Reason
from linkage.model.facts import Column
from linkage.read.blocks import BLOCK_BYTES, ROW_BYTES, blocks
from linkage.read.columns import compare, lacking
from linkage.read.part import Part
from linkage.read.scan import LONG, QUOTES, RAGGED, gather, scan

_REASONS = {RAGGED: Reason.FIELDS, QUOTES: Reason.QUOTES, LONG: Reason.LONG_ROW}
_HEADER_BYTES = 1 << 20
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class _Header:
    """Names of the columns, the bytes that the header takes, and the line after it."""

    names: list[str]
    length: int
    next_line: int


def inspect_header(part: Part) -> list[str]:
    """Returns notes on the columns that a CSV part names; InputError where it cannot be used."""
    return compare(part, column_names(part))


def column_names(part: Part) -> list[str]:
    """Returns the names of the columns of a CSV part."""
    first, _ = next(_headed(part, _HEADER_BYTES))
    return _header(part, first).names


def read_csv(part: Part, columns: Sequence[Column], size: int = BLOCK_BYTES) -> Iterator[RawBatch]:
    """Yields the rows of a CSV part, a block at a time, as text that is not checked yet."""
    found = _headed(part, size)
    first, done = next(found)
    header = _header(part, first)
    compare(part, header.names)
    scanner = _Scanner(part, columns, header)
    yield from scanner.take(first[header.length :], done, final=False)
    for block, done in found:
        yield from scanner.take(block, done, final=False)
    yield from scanner.take(b"", part.size, final=True)


def _headed(part: Part, size: int) -> Iterator[tuple[bytes, int]]:
    """Yields blocks, the first of which holds the whole header (and is empty in an empty file)."""
    head, whole = b"", False
    for block, done in blocks(part, size):
        if whole:
            yield block, done
            continue
        head += block
        whole = b"\n" in head.lstrip(b"\r\n") or len(head) > _HEADER_BYTES
        if whole:
            yield head, done
    if not whole:
        yield head, part.size


class _Scanner:
    """Cuts blocks into rows; a row that a block cuts is kept for the next."""

    def __init__(self, part: Part, columns: Sequence[Column], header: _Header) -> None:
        self._part = part
        self._columns = columns
        places = {column.name: place for place, column in enumerate(columns)}
        self._want = frozen([places.get(name, -1) for name in header.names], np.int64)
        self._given = set(header.names)
        self._line = header.next_line
        self._kept = b""
        self._skip = False

    def take(self, block: bytes, done: int, *, final: bool) -> Iterator[RawBatch]:
        if self._skip:  # an over-long row ends where the next line begins
            block = block.partition(b"\n")[2] if b"\n" in block else b""
            self._skip = not block
        data = frozen(np.frombuffer(self._kept + block, np.uint8), np.uint8)
        result = scan(data, final, self._want, len(self._columns), ROW_BYTES, self._line)
        stretches, lines, fault_lines, faults, at, following = result
        self._kept = data[at:].tobytes()
        self._skip = self._skip or at > len(data)
        first, self._line = self._line, following
        if len(lines) or len(fault_lines):
            rows = self._rows(data, stretches, len(lines))
            bad = {_REASONS[code]: fault_lines[faults == code] for code in _REASONS if (faults == code).any()}
            yield RawBatch(self._part.shape, self._part.source, rows, first, done, lines, bad)

    def _rows(
        self, data: npt.NDArray[np.uint8], stretches: Sequence[npt.NDArray[np.int64]], count: int
    ) -> pa.RecordBatch:
        arrays = []
        for place, column in enumerate(self._columns):
            if column.name in self._given:
                arrays.append(text_array(*gather(data, *(frozen(part[place], part.dtype) for part in stretches))))
            else:
                arrays.append(lacking(self._part, column, count))
        return pa.RecordBatch.from_arrays(arrays, [column.name for column in self._columns])


def _header(part: Part, block: bytes) -> _Header:
    body = block.lstrip(b"\r\n")
    blank = len(block) - len(body)
    line, feed, _ = body.partition(b"\n")
    if not line.strip():
        raise InputError(f"{part.source} is empty: its first line must name the columns")
    try:
        names = [name.strip() for name in next(csv.reader([line.decode("utf-8").rstrip("\r")], strict=True))]
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{part.source}, line 1: the names of the columns are not CSV in UTF-8") from None
    if len(names) == 1:
        _refuse_delimiter(part, line.decode("utf-8"))
    return _Header(names, blank + len(line) + len(feed), block[:blank].count(b"\n") + 2)


def _refuse_delimiter(part: Part, line: str) -> None:
    for mark, name in _OTHER_DELIMITERS.items():
        if any(column.name in line.split(mark) for column in part.shape.columns) and mark in line:
            raise InputError(f"{part.source} separates its columns by {name}: separate them by commas")

"""Writes the file of uses by key (see `working.keyed`), part by part, as weighing goes through uses in that order."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numba
import numpy as np
import numpy.typing as npt

from linkage.working.beside import META, VARIABLE, ending_of
from linkage.working.incidence import numbers_of
from linkage.working.keyed import ACCOUNTS, COLUMNS, LONG, MAGIC, THINGS, Columns, length_of
from linkage.working.layout import DAYS_PER_BLOCK, LAST_BITS, MINUTES_PER_DAY, PARTITION_BITS, REQUESTS_BITS
from linkage.working.schema import set_meta

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class KeyedWriter:
    """Writes the file of a working file that is open for writing; use it as a context manager."""

    def __init__(self, con: duckdb.DuckDBPyConnection, numbers: npt.NDArray[np.int32]) -> None:
        """Takes the numbers of accounts, by ordinal. A working file in memory gets none: then nothing is written."""
        given = con.execute(f"SELECT getvariable('{VARIABLE}')").fetchall()[0][0]
        self._con, self._numbers = con, numbers
        self._path = None if given is None else Path(given)
        self._out: Columns = {name: np.empty(0, kind) for name, kind in COLUMNS.items()}
        self._directory = np.zeros((1 << PARTITION_BITS, 4), np.int64)

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = os.fdopen(os.open(self._path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb", 0)
            self._write(np.frombuffer(MAGIC, np.uint8))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            self._file.close()

    def add(self, number: int, records: npt.NDArray[np.uint64], known: Any, place: npt.NDArray[np.uint8]) -> None:
        """Takes in the ordered records (see `derive.records`) of one part; `place` is by the keys that are `known`."""
        if self._path is None:
            return
        size = len(records)
        if size > len(self._out["key"]):
            self._out = {name: np.empty(size + size // 4, kind) for name, kind in COLUMNS.items()}
        keys, longs = _lay_out(records, self._numbers, known, place, tuple(self._out.values()))
        self._pad()
        self._directory[number] = self._file.tell(), keys, size, longs
        for name, column in self._out.items():
            self._write(column[: length_of(name, int(keys), size, int(longs))])

    def finish(self, things: Columns, ids: pa.Array) -> None:
        """Writes what several accounts used, by key, in the columns of `THINGS`, ids in order, and where all lies."""
        set_meta(self._con, META, ending_of(self._path) if self._path else "")
        if self._path is None:
            return
        at = self._section(THINGS, things)
        ends, text = _texts(ids)
        accounts: Columns = {"end": ends, "number": self._numbers, "ordinal": numbers_of(self._numbers), "text": text}
        of_accounts = self._section(ACCOUNTS, accounts)
        self._pad()
        self._write(self._directory)
        self._write(np.array([at, len(things["key"]), of_accounts, len(ids), len(text)], np.int64))
        self._write(np.frombuffer(MAGIC, np.uint8))
        os.fsync(self._file.fileno())

    def _section(self, kinds: dict[str, Any], columns: Columns) -> int:
        """Writes columns one after another; returns where they begin."""
        self._pad()
        at = self._file.tell()
        for name, kind in kinds.items():
            self._write(np.ascontiguousarray(columns[name], kind))
        return at

    def _pad(self) -> None:
        self._write(np.zeros(-self._file.tell() % 8, np.uint8))

    def _write(self, column: npt.NDArray[Any]) -> None:
        rest = column.reshape(-1).view(np.uint8).data
        while rest:
            rest = rest[self._file.write(rest) :]


def _texts(ids: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Returns the bytes of all texts, and where each ends."""
    import pyarrow as pa

    _, offsets, text = ids.cast(pa.large_string()).buffers()
    ends = np.frombuffer(offsets, np.int64, len(ids) + 1, 8 * ids.offset)
    letters = np.frombuffer(text, np.uint8)[int(ends[0]) : int(ends[-1])] if text else np.empty(0, np.uint8)
    return ends[1:] - ends[0], letters


@numba.njit(cache=True, nogil=True)
def _lay_out(records: Any, numbers: Any, known: Any, known_place: Any, out: Any) -> Any:
    """Fills the columns of a part; returns how many keys it has, and how many uses that `seen` does not tell."""
    o_key, o_days, o_end, o_account, o_seen, o_first, o_last, o_requests, o_kind, o_place = out
    half, low, one = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(1)
    last_bits, kind_bits = np.uint64(LAST_BITS), np.uint64(LAST_BITS + REQUESTS_BITS)
    last_mask, most = (one << last_bits) - one, np.uint64((1 << REQUESTS_BITS) - 1)
    keys, longs, near = 0, 0, 0
    for row in range(len(records)):
        key, days, rest = records[row, 0], records[row, 1], records[row, 3]
        if keys == 0 or o_key[keys - 1] != key:
            while near < len(known) and known[near] < key:
                near += 1
            o_key[keys], o_kind[keys] = key, rest >> kind_bits
            o_place[keys] = known_place[near] if near < len(known) and known[near] == key else 0
            keys += 1
        o_end[keys - 1] = row + 1
        o_account[row] = numbers[records[row, 2] >> half]
        since, until, requests = records[row, 2] & low, rest & last_mask, (rest >> last_bits) & most
        own_day = (since - one) // np.uint64(MINUTES_PER_DAY) % np.uint64(DAYS_PER_BLOCK) if since else np.uint64(0)
        plain = days == (one << own_day if since else np.uint64(0))
        if plain and since == until and requests == one:
            o_seen[row] = since
        else:
            o_seen[row] = LONG + longs
            o_days[longs], o_first[longs], o_last[longs], o_requests[longs] = days, since, until, requests
            longs += 1
    return keys, longs

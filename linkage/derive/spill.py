"""Uses on their way to identifiers: set aside in a file of no name, in partitions by key.

Grouping all uses by key needs them in another order than the one in which they come. Each partition holds the
keys with the same first bits, so none is split, and fits into memory on its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

PARTITION_BITS = 8
"""A million accounts with 54 million uses make partitions of 210,000: what fits into a processor's cache."""

PARTITIONS = 1 << PARTITION_BITS
BATCH_ROWS = 2_000_000
"""Uses of earlier loads that are read from the working file at a time."""

WORDS = 4
"""Words of a record: key; days; account, then first minute; kind, then last minute (minutes plus one, 32 bits)."""

_READ = ("account", "key", "kind", "days", "first_minute", "last_minute")
Records = npt.NDArray[np.uint64]


class Spill:
    """Holds uses by partition of their keys; use it as a context manager. Nothing is left of it, even if killed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed on exit
        self._chunks: list[tuple[int, npt.NDArray[np.int64]]] = []
        self._written = 0
        self._records: Records = np.empty((0, WORDS), np.uint64)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, uses: Any) -> None:
        """Takes uses in, given in columns named as those of the table `use`."""
        count = len(uses.key)
        records = self._room(count)
        bounds = _split(uses.account, uses.key, uses.kind, uses.days, uses.first_minute, uses.last_minute, records)
        rest = _bytes(records[:count])
        while rest:
            rest = rest[os.write(self._file.fileno(), rest) :]
        self._chunks.append((self._written, bounds))
        self._written += count

    def read(self, con: duckdb.DuckDBPyConnection) -> None:
        """Takes in all uses of the working file."""
        for batch in con.sql(f"SELECT {', '.join(_READ)} FROM use").to_arrow_reader(BATCH_ROWS):
            self.add(_Columns(*(batch.column(name).to_numpy() for name in _READ)))

    def partitions(self) -> Iterator[Records]:
        """Yields the records of one partition after another, by rising keys; each is overwritten by the next."""
        for number in range(PARTITIONS):
            sizes = [int(bounds[number + 1] - bounds[number]) for _, bounds in self._chunks]
            records = self._room(sum(sizes))
            at = 0
            for (base, bounds), size in zip(self._chunks, sizes, strict=True):
                self._fill(records[at : at + size], base + int(bounds[number]))
                at += size
            yield records[:at]

    def _fill(self, records: Records, first: int) -> None:
        place = first * WORDS * 8
        rest = _bytes(records)
        while rest:
            got = os.preadv(self._file.fileno(), [rest], place)
            if got == 0:
                raise OSError("the file of uses is cut off")
            place, rest = place + got, rest[got:]

    def _room(self, count: int) -> Records:
        """Returns a buffer that is kept: fresh memory for every chunk costs more than what is done in it."""
        if len(self._records) < count:
            self._records = np.empty((count + count // 4, WORDS), np.uint64)
        return self._records


def _bytes(records: Records) -> memoryview:
    return records.view(np.uint8).reshape(-1).data


class _Columns:
    """The columns of `add`, from the working file."""

    __slots__ = _READ

    def __init__(self, *columns: npt.NDArray[Any]) -> None:
        for name, column in zip(_READ, columns, strict=True):
            setattr(self, name, column)


@numba.njit(cache=True, nogil=True)
def _split(account: Any, key: Any, kind: Any, days: Any, first: Any, last: Any, out: Any) -> Any:
    """Fills the records by partition; returns where each partition begins, and the end."""
    shift = np.uint64(64 - PARTITION_BITS)
    bounds = np.zeros((1 << PARTITION_BITS) + 1, np.int64)
    for row in range(len(key)):
        bounds[np.int64(key[row] >> shift) + 1] += 1
    for number in range(1, len(bounds)):
        bounds[number] += bounds[number - 1]
    free = bounds[:-1].copy()
    half = np.uint64(32)
    for row in range(len(key)):
        part = np.int64(key[row] >> shift)
        at = free[part]
        free[part] = at + 1
        out[at, 0] = key[row]
        out[at, 1] = days[row]
        out[at, 2] = (np.uint64(account[row]) << half) | np.uint64(first[row] + 1)
        out[at, 3] = (np.uint64(kind[row]) << half) | np.uint64(last[row] + 1)
    return bounds

"""Uses on their way to identifiers: set aside in memory, then in a file of no name, in partitions by key.

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

from linkage.working.layout import (
    DAYS_PER_BLOCK,
    KIND_BITS,
    KIND_MASK,
    LAST_BITS,
    MINUTES_PER_DAY,
    PARTITION_BITS,
    REQUESTS_BITS,
)
from linkage.working.uses import is_plain

if TYPE_CHECKING:
    import duckdb

PARTITIONS = 1 << PARTITION_BITS
BATCH_ROWS = 2_000_000
"""Uses of earlier loads that are read from the working file at a time."""

HELD_WORDS = 1 << 27
"""Words that are held in memory, a gigabyte: what a million accounts use in two months. The rest goes to the file."""

LONG = KIND_MASK
"""In place of the kind: a record of four words. The first two are key, and account (32 bits), first minute plus one
(28) and kind (4); a use of one request has no more. Else there follow its days, and kind (4), requests (32, or the
most that fits) and last minute plus one (28)."""

_MOST_REQUESTS = (1 << REQUESTS_BITS) - 1

_MINUTES_PER_BLOCK = MINUTES_PER_DAY * DAYS_PER_BLOCK
_READ = ("account", "key", "kind", "days", "requests", "first_minute", "last_minute")
Records = npt.NDArray[np.uint64]


class Spill:
    """Holds uses by partition of their keys; use it as a context manager. Nothing is left of it, even if killed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed on exit
        self._chunks: list[tuple[Records | int, npt.NDArray[np.int64]]] = []  # words, or where they begin in the file
        self._held = self._written = 0
        self._records: Records = np.empty(0, np.uint64)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, uses: Any) -> None:
        """Takes uses in, given in columns named as those of the table `use`."""
        rest = uses.days, uses.requests, uses.first_minute, uses.last_minute
        bounds = _bounds(uses.key, *rest)
        count = int(bounds[-1])
        hold = self._held + count <= HELD_WORDS
        records = np.empty(count, np.uint64) if hold else self._room(count)
        _split(uses.account, uses.key, uses.kind, rest, bounds[:-1].copy(), records)
        if hold:
            self._held += count
            self._chunks.append((records, bounds))
        else:
            self._write(records)
            self._chunks.append((self._written, bounds))
            self._written += count

    def _write(self, records: Records) -> None:
        rest = _bytes(records)
        while rest:
            rest = rest[os.write(self._file.fileno(), rest) :]

    def read(self, con: duckdb.DuckDBPyConnection) -> None:
        """Takes in all uses of the working file."""
        for batch in con.sql(f"SELECT {', '.join(_READ)} FROM use").to_arrow_reader(BATCH_ROWS):
            self.add(_Columns(*(batch.column(name).to_numpy() for name in _READ)))

    def partitions(self) -> Iterator[Records]:
        """Yields the records of one partition after another, by rising keys; each is overwritten by the next.

        All is given back at the end: this can be done once.
        """
        for number in range(PARTITIONS):
            sizes = [int(bounds[number + 1] - bounds[number]) for _, bounds in self._chunks]
            records = self._room(sum(sizes))
            at = 0
            for (held, bounds), size in zip(self._chunks, sizes, strict=True):
                first = int(bounds[number])
                if isinstance(held, int):
                    self._fill(records[at : at + size], held + first)
                else:
                    records[at : at + size] = held[first : first + size]
                at += size
            yield records
        self._chunks.clear()
        self._records = np.empty(0, np.uint64)

    def _fill(self, records: Records, first: int) -> None:
        place = first * 8
        rest = _bytes(records)
        while rest:
            got = os.preadv(self._file.fileno(), [rest], place)
            if got == 0:
                raise OSError("the file of uses is cut off")
            place, rest = place + got, rest[got:]

    def _room(self, count: int) -> Records:
        """Returns a buffer that is kept: fresh memory for every chunk costs more than what is done in it."""
        if len(self._records) < count:
            self._records = np.empty(count + count // 4, np.uint64)
        return self._records[:count]


def _bytes(records: Records) -> memoryview:
    return records.view(np.uint8).data


class _Columns:
    """The columns of `add`, from the working file."""

    __slots__ = _READ

    def __init__(self, *columns: npt.NDArray[Any]) -> None:
        for name, column in zip(_READ, columns, strict=True):
            setattr(self, name, column)


@numba.njit(inline="always")
def block_of(minute: Any) -> Any:
    """Returns the block of 64 days of a minute, -1 for one that is not known (-1)."""
    return (minute + np.int64(_MINUTES_PER_BLOCK)) // np.int64(_MINUTES_PER_BLOCK) - 1


@numba.njit(inline="always")
def _is_short(days: Any, requests: Any, first: Any, last: Any) -> Any:
    return requests == 1 and is_plain(first, last, block_of(first), days)


@numba.njit(cache=True, nogil=True)
def _bounds(key: Any, days: Any, requests: Any, first: Any, last: Any) -> Any:
    """Returns where the words of each partition begin, and the end."""
    shift = np.uint64(64 - PARTITION_BITS)
    bounds = np.zeros((1 << PARTITION_BITS) + 1, np.int64)
    for row in range(len(key)):
        short = _is_short(days[row], requests[row], first[row], last[row])
        bounds[(key[row] >> shift) + np.uint64(1)] += 2 if short else 4
    for number in range(1, len(bounds)):
        bounds[number] += bounds[number - 1]
    return bounds


@numba.njit(cache=True, nogil=True)
def _split(account: Any, key: Any, kind: Any, rest: Any, free: Any, out: Any) -> None:
    """Fills the records by partition; `free` is where each partition begins."""
    days, requests, first, last = rest
    shift, half, four = np.uint64(64 - PARTITION_BITS), np.uint64(32), np.uint64(KIND_BITS)
    of_last, of_kind = np.uint64(LAST_BITS), np.uint64(LAST_BITS + REQUESTS_BITS)
    for row in range(len(key)):
        part = key[row] >> shift
        at = np.uint64(free[part])
        code = np.uint64(kind[row])
        out[at] = key[row]
        head = (np.uint64(account[row]) << half) | (np.uint64(first[row] + 1) << four)
        if _is_short(days[row], requests[row], first[row], last[row]):
            out[at + np.uint64(1)] = head | code
            free[part] = at + np.uint64(2)
        else:
            out[at + np.uint64(1)] = head | np.uint64(LONG)
            out[at + np.uint64(2)] = days[row]
            count = np.uint64(min(requests[row], _MOST_REQUESTS))
            out[at + np.uint64(3)] = (code << of_kind) | (count << of_last) | np.uint64(last[row] + 1)
            free[part] = at + np.uint64(4)

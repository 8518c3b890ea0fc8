"""All uses once more, in the order of their keys, in a file beside the working file that is mapped into memory.

What shares some keys is found in it without a look at anything else: a sign-up asks for sixty of fifty million uses,
and a table is scanned for them. The file is made with the identifiers, under a new name each time, which the working
file keeps; one that lacks it is whole without it, and only slower to ask. Beside the working file of another store
there is none: that store finds the users of a key itself.

Keys with the same first bits make a part, in which numbers of 8, 4 and 1 bytes follow each other, column by column:
`key`, `days`; `end` (of the key's rows), `account` (its number), `seen`, `first`, `last`, `requests`; `kind`, `place`.
Four of these columns are of uses that `seen` does not tell, which is the minute plus one (0 for none) or, from `LONG`
on, the row in those columns. Behind the parts there follow the things that several accounts used, by key; the ids of
accounts in their order, with their numbers; and where all this lies.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import lowest_bit
from linkage.working.beside import META, path_of
from linkage.working.layout import DAYS_PER_BLOCK, MINUTES_PER_DAY, PARTITION_BITS
from linkage.working.schema import get_meta

if TYPE_CHECKING:
    import duckdb

LONG = 1 << 31
"""From here on `seen` is no minute."""

MAGIC = b"linkage keyed 1\n"
OF_LONG = ("days", "first", "last", "requests")
_OF_KEYS = ("key", "end", "kind", "place")
COLUMNS: dict[str, Any] = {
    "key": np.uint64,
    "days": np.uint64,
    "end": np.uint32,
    "account": np.int32,
    "seen": np.uint32,
    "first": np.int32,
    "last": np.int32,
    "requests": np.uint32,
    "kind": np.uint8,
    "place": np.uint8,
}
THINGS: dict[str, Any] = {
    "key": np.uint64,
    "degree": np.int32,
    "peak": np.int32,
    "millibits": np.int32,
    "first": np.int32,
    "last": np.int32,
}
ACCOUNTS: dict[str, Any] = {"end": np.int64, "number": np.int32, "ordinal": np.int32, "text": np.uint8}
_TAIL = 5
"""Numbers before the last sixteen bytes, which are the first ones again: where things and accounts begin, how many
there are, and how long all ids are."""

Columns = dict[str, npt.NDArray[Any]]
_NOBODY = tuple(np.empty(0, kind) for kind in (np.uint64, np.int32, np.int32, np.int32, np.int64, np.int32, np.int32))


@dataclass(frozen=True, slots=True)
class KeyedThing:
    """What is known of a key; minutes are -1 where they are not known, `place` is a code."""

    key: int
    kind: int
    place: int
    degree: int
    peak: int
    millibits: int
    first_minute: int
    last_minute: int


@dataclass(frozen=True, slots=True)
class KeyedUses:
    """Who used some keys: a row for each use, by key as they were asked for; `days` are bounded by `day_ends`."""

    key: npt.NDArray[np.uint64]
    account: npt.NDArray[np.int32]
    first_minute: npt.NDArray[np.int32]
    last_minute: npt.NDArray[np.int32]
    requests: npt.NDArray[np.int64]
    day_ends: npt.NDArray[np.int32]
    days: npt.NDArray[np.int32]


class Keyed:
    """Reads the file; as many threads as like may ask it."""

    def __init__(self, path: Path) -> None:
        """OSError where there is none, ValueError for one that is no such file, or cut off."""
        self._bytes = np.memmap(path, np.uint8, "r")
        ends = self._bytes[: len(MAGIC)], self._bytes[-len(MAGIC) :]
        if any(end.tobytes() != MAGIC for end in ends):
            raise ValueError(f"{path} is no file of keys")
        tail = len(self._bytes) - len(MAGIC) - 8 * _TAIL
        things, count, accounts, many, letters = self._column(tail, _TAIL, np.int64).tolist()
        self._directory = self._column(tail - (32 << PARTITION_BITS), 4 << PARTITION_BITS, np.int64).reshape(-1, 4)
        self._things = self._columns(things, THINGS, lambda _: count)
        self._accounts = self._columns(accounts, ACCOUNTS, lambda name: letters if name == "text" else many)

    @classmethod
    def of(cls, path: Path, con: duckdb.DuckDBPyConnection) -> Self | None:
        """Returns the file of the working file at `path`, open as `con`, if it has a whole one."""
        ending = get_meta(con, META)
        if not ending:
            return None
        try:
            return cls(path_of(path, ending))
        except (FileNotFoundError, ValueError):  # it was copied without it or replaced since it was opened, or cut off
            return None

    def find(self, keys: Sequence[int], limit: int) -> tuple[list[KeyedThing], KeyedUses]:
        """Returns what is known of those keys that anybody used, and the uses of what `limit` accounts or fewer did."""
        things: list[KeyedThing] = []
        found: list[Any] = []
        for key in keys:
            offset, count, size, longs = self._directory[key >> (64 - PARTITION_BITS)].tolist()
            part = self._columns(offset, COLUMNS, lambda name, of=(count, size, longs): length_of(name, *of))
            at = _place_of(part["key"], key)
            if at is None:
                continue
            sort = int(part["kind"][at]), int(part["place"][at])
            thing = self._shared(key, *sort)
            if thing is None or thing.degree <= limit:
                begin, end = (int(part["end"][at - 1]) if at else 0), int(part["end"][at])
                uses = _merged(part["account"][begin:end], part["seen"][begin:end], *(part[name] for name in OF_LONG))
                thing = thing or KeyedThing(key, *sort, 1, 1, 0, int(uses[1].min()), int(uses[2].max()))
                if thing.degree <= limit:
                    found.append((np.full(len(uses[0]), key, np.uint64), *uses))
            things.append(thing)
        columns = [np.concatenate(column) for column in zip(_NOBODY, *found, strict=True)]
        columns[5] = np.cumsum(columns[5], dtype=np.int32)
        return things, KeyedUses(*columns)

    def ids_of(self, numbers: Sequence[int]) -> list[str]:
        """Returns the ids of accounts, given by number."""
        return [self._id(int(self._accounts["ordinal"][number])).decode() for number in numbers]

    def numbers_of(self, ids: Sequence[str]) -> dict[int, str]:
        """Returns those of the accounts that are known, by number."""
        found = {}
        for one in ids:
            name = one.encode()
            at = bisect_left(range(len(self._accounts["number"])), name, key=self._id)
            if at < len(self._accounts["number"]) and self._id(at) == name:
                found[int(self._accounts["number"][at])] = one
        return found

    def _id(self, ordinal: int) -> bytes:
        ends = self._accounts["end"]
        begin = int(ends[ordinal - 1]) if ordinal else 0
        return self._accounts["text"][begin : int(ends[ordinal])].tobytes()

    def _shared(self, key: int, kind: int, place: int) -> KeyedThing | None:
        """Returns what is known of a thing that several accounts used, None for others."""
        at = _place_of(self._things["key"], key)
        if at is None:
            return None
        return KeyedThing(key, kind, place, *(int(self._things[name][at]) for name in list(THINGS)[1:]))

    def _columns(self, offset: int, kinds: dict[str, Any], length: Any) -> Columns:
        found = {}
        for name, kind in kinds.items():
            found[name] = self._column(offset, length(name), kind)
            offset += found[name].nbytes
        return found

    def _column(self, offset: int, count: int, kind: Any) -> npt.NDArray[Any]:
        return np.frombuffer(self._bytes.data, kind, count, offset)


def length_of(name: str, keys: int, rows: int, longs: int) -> int:
    """Returns how long a column is in a part of so many keys, uses, and uses that `seen` does not tell."""
    return longs if name in OF_LONG else keys if name in _OF_KEYS else rows


def _place_of(keys: npt.NDArray[np.uint64], key: int) -> int | None:
    at = int(np.searchsorted(keys, np.uint64(key)))
    return at if at < len(keys) and int(keys[at]) == key else None


@numba.njit(inline="always")
def _use(seen: Any, days: Any, first: Any, last: Any, requests: Any) -> Any:
    """Returns first and last minute, requests, block and days of a use."""
    if seen < LONG:
        minute, count = np.int64(seen) - 1, np.int64(1)
        until = minute
        day = minute // MINUTES_PER_DAY % DAYS_PER_BLOCK if minute >= 0 else np.int64(0)
        mask = np.uint64(1) << np.uint64(day) if minute >= 0 else np.uint64(0)
    else:
        at = seen - np.uint32(LONG)
        minute, until, count, mask = np.int64(first[at]) - 1, np.int64(last[at]) - 1, np.int64(requests[at]), days[at]
    block = minute // (MINUTES_PER_DAY * DAYS_PER_BLOCK) if minute >= 0 else np.int64(-1)
    return minute, until, count, block, mask


@numba.njit(cache=True, nogil=True)
def _merged(account: Any, seen: Any, l_days: Any, l_first: Any, l_last: Any, l_requests: Any) -> Any:
    """Returns the uses of one key by account, whose rows follow each other by time: account, first and last minute,
    requests, number of days, and the days."""
    rows = len(account)
    o_account, o_first, o_last = np.empty(rows, np.int32), np.empty(rows, np.int32), np.empty(rows, np.int32)
    o_requests, o_count = np.empty(rows, np.int64), np.zeros(rows, np.int32)
    o_days, size, mine = np.empty(64, np.int32), 0, -1
    of_block, of_days = np.int64(-1), np.uint64(0)
    for row in range(rows + 1):
        fresh = row in (0, rows) or account[row] != account[row - 1]
        if row < rows:
            first, last, requests, block, days = _use(seen[row], l_days, l_first, l_last, l_requests)
        if row > 0 and (fresh or block != of_block):  # all rows of a block have been seen
            while of_days:
                if size == len(o_days):
                    o_days = np.concatenate((o_days, np.empty_like(o_days)))
                o_days[size] = of_block * DAYS_PER_BLOCK + lowest_bit(of_days)
                of_days &= of_days - np.uint64(1)
                o_count[mine] += 1
                size += 1
        if row == rows:
            break
        of_block = block
        of_days |= days
        if fresh:
            mine += 1
            o_account[mine], o_first[mine], o_last[mine], o_requests[mine] = account[row], first, last, 0
        if first >= 0 and (o_first[mine] < 0 or first < o_first[mine]):
            o_first[mine] = first
        o_last[mine] = max(o_last[mine], last)
        o_requests[mine] += requests
    end = mine + 1
    return o_account[:end], o_first[:end], o_last[:end], o_requests[:end], o_count[:end], o_days[:size]

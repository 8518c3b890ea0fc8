"""Uses as the working file keeps them: most are of a single request, and all that is known of those fits in 16 bytes.

`once` holds these: account, key, and in `seen` the minute plus one (0 where it is not known) and the kind. All others
have a row in `often`. The view `use` shows both as one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.working.layout import DAYS_PER_BLOCK, KIND_BITS, MINUTES_PER_DAY

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {
    "account": np.int32,
    "key": np.uint64,
    "kind": np.uint8,
    "block": np.int16,
    "days": np.uint64,
    "requests": np.int64,
    "first_minute": np.int32,
    "last_minute": np.int32,
}
_ONCE = {"account": np.int32, "key": np.uint64, "seen": np.uint32}


class UseWriter:
    """Writes uses of one load, in columns named as those of the view, from memory that is kept."""

    def __init__(self, con: duckdb.DuckDBPyConnection, load: int) -> None:
        self._con = con
        self._load = load
        self._once = [np.empty(0, kind) for kind in _ONCE.values()]
        self._often = [np.empty(0, kind) for kind in _COLUMNS.values()]

    def write(self, uses: Any) -> None:
        """Adds uses to the file."""
        size = len(uses.key)
        if len(self._once[0]) < size:
            self._once = [np.empty(size + size // 4, kind) for kind in _ONCE.values()]
        given = tuple(np.asarray(getattr(uses, name), kind) for name, kind in _COLUMNS.items())
        often = int(np.count_nonzero(given[5] != 1)) + int(_odd(given))
        if len(self._often[0]) < often:
            self._often = [np.empty(often + often // 4, kind) for kind in _COLUMNS.values()]
        once = int(_part(given, tuple(self._once), tuple(self._often)))
        self._insert("once", dict(zip(_ONCE, (column[:once] for column in self._once), strict=True)))
        self._insert("often", dict(zip(_COLUMNS, (column[: size - once] for column in self._often), strict=True)))

    def _insert(self, table: str, columns: dict[str, npt.NDArray[Any]]) -> None:
        import pyarrow as pa

        if len(columns["key"]) == 0:
            return
        self._con.register("held", pa.table(columns))
        self._con.execute(f"INSERT INTO {table} SELECT *, {self._load} FROM held")
        self._con.unregister("held")


@numba.njit(inline="always")
def is_plain(minute: Any, last: Any, block: Any, days: Any) -> Any:
    """Whether a minute says all of a use that is known of its times."""
    if minute != last:
        return False
    if minute < 0:
        return block == -1 and days == 0
    day = minute // MINUTES_PER_DAY
    return block == day // DAYS_PER_BLOCK and days == np.uint64(1) << np.uint64(day % DAYS_PER_BLOCK)


@numba.njit(cache=True, nogil=True)
def _odd(uses: Any) -> int:
    """Returns how many uses of one request are not told by a minute: none that is made here."""
    _, _, _, block, days, requests, first, last = uses
    odd = 0
    for row in range(len(first)):
        odd += requests[row] == 1 and not is_plain(first[row], last[row], block[row], days[row])
    return odd


@numba.njit(cache=True, nogil=True)
def _part(uses: Any, to_once: Any, to_often: Any) -> Any:
    """Parts uses into those of a single request and all others; returns how many are of the first sort."""
    account, key, kind, block, days, requests, first, last = uses
    once_account, once_key, once_seen = to_once
    often_account, often_key, often_kind, often_block, often_days, often_requests, often_first, often_last = to_often
    once, often = np.uint64(0), np.uint64(0)
    one = np.uint64(1)
    for row in range(len(key)):
        if requests[row] == 1 and is_plain(first[row], last[row], block[row], days[row]):
            once_account[once], once_key[once] = account[row], key[row]
            once_seen[once] = np.uint32((first[row] + 1) << KIND_BITS | kind[row])
            once += one
        else:
            often_account[often], often_key[often], often_kind[often] = account[row], key[row], kind[row]
            often_block[often], often_days[often], often_requests[often] = block[row], days[row], requests[row]
            often_first[often], often_last[often] = first[row], last[row]
            often += one
    return np.int64(once)

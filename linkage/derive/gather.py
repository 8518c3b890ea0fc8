"""Gathers identifiers and who shares them, partition by partition; those used by one account are written at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.keying import KeyedWriter
from linkage.derive.spill import Spill
from linkage.derive.summary import Identifiers, Life, Shares, Summary
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.model.weights import CROWDED

if TYPE_CHECKING:
    import duckdb

CROWD = 8
"""An address with this many accounts on one day is no home."""

IP = BY_NAME["ip"].code
WRITTEN_ROWS = 1_000_000
"""Identifiers of one account that are held before they are written."""

_Places = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Identifiers that two accounts or more used, by key, with their places, and who shares them, in parts.

    `visitors`: for each crowded place, which accounts used an address there. `alone` counts the identifiers
    of one account. `life` is when each account was first and last seen. Accounts go by ordinal.
    """

    identifiers: Identifiers
    place: _Places
    shares: list[Shares]
    visitors: dict[int, npt.NDArray[np.bool_]]
    alone: int
    life: Life


def gather(
    con: duckdb.DuckDBPyConnection, spill: Spill, ordinals: npt.NDArray[np.int32], keyed: KeyedWriter
) -> Gathered:
    """Returns what is shared; writes the identifiers of one account into the table `identifier`, and all uses by key.

    But for prompts that only one account ever sent: they are no nodes of the graph, and would be most of it.
    """
    con.execute("DELETE FROM identifier")
    listed = con.execute("SELECT key, place FROM listed_place ORDER BY key").fetchnumpy()
    keys, sorts = np.asarray(listed["key"], np.uint64), np.asarray(listed["place"], np.uint8)
    seen = np.zeros((len(PLACE_CODES), len(ordinals)), np.bool_)
    summary = Summary(ordinals)
    several, lone = _Pile(), _Pile()
    shared: list[Shares] = []
    alone = 0
    for number, records in enumerate(spill.partitions()):
        identifiers, shares, left_out = summary.add(records)
        place = _places(identifiers, keys, sorts)
        keyed.add(number, summary.ordered, identifiers.key, place)
        _visit(identifiers.kind == IP, place, identifiers.rows, identifiers.user, shares.account, seen)
        some = identifiers.degree > 1
        several.put(identifiers, place, some)
        lone.put(identifiers, place, ~some)
        if lone.held > WRITTEN_ROWS:
            write_identifiers(con, *lone.whole())
        shared.append(shares)
        alone += left_out + int(np.count_nonzero(~some))
    write_identifiers(con, *lone.whole())
    visitors = {PLACE_CODES[sort]: seen[PLACE_CODES[sort]] for sort in CROWDED}
    return Gathered(*several.whole(), shared, visitors, alone, summary.life)


class _Pile:
    """Identifiers of several partitions, and their places."""

    def __init__(self) -> None:
        self._parts: list[tuple[Identifiers, _Places]] = []
        self.held = 0

    def put(self, identifiers: Identifiers, place: _Places, rows: npt.NDArray[np.bool_]) -> None:
        """Takes in those of the rows."""
        self._parts.append((take(identifiers, rows), place[rows]))
        self.held += len(self._parts[-1][1])

    def whole(self) -> tuple[Identifiers, _Places]:
        """Returns all that is held, and forgets it."""
        names = Identifiers.__slots__
        columns = [np.concatenate([getattr(part, name) for part, _ in self._parts]) for name in names]
        place = np.concatenate([place for _, place in self._parts])
        self.__init__()  # type: ignore[misc]
        return Identifiers(*columns), place


def take(identifiers: Identifiers, rows: npt.NDArray[Any]) -> Identifiers:
    """Returns the identifiers of these rows (numbers or a mask)."""
    return Identifiers(*(getattr(identifiers, name)[rows] for name in Identifiers.__slots__))


def write_identifiers(
    con: duckdb.DuckDBPyConnection,
    identifiers: Identifiers,
    place: _Places,
    millibits: npt.NDArray[np.int32] | None = None,
) -> None:
    """Writes identifiers; those worth anything come first and are numbered as they come, the others get no number."""
    import pyarrow as pa

    count = len(place)
    if count == 0:
        return
    worth = np.zeros(count, np.int32) if millibits is None else millibits
    rows = pa.table(
        {
            "identifier": pa.array(np.arange(count, dtype=np.int32), mask=worth == 0),
            "key": identifiers.key,
            "kind": identifiers.kind,
            "place": place,
            "degree": identifiers.degree,
            "peak": identifiers.peak,
            "millibits": worth,
            "first_minute": identifiers.first_minute,
            "last_minute": identifiers.last_minute,
        }
    )
    con.register("rows", rows)
    con.execute("INSERT INTO identifier SELECT * FROM rows")
    con.unregister("rows")


@numba.njit(cache=True, nogil=True)
def _visit(ip: Any, place: Any, rows: Any, user: Any, account: Any, seen: Any) -> None:
    """Marks who used an address of each sort of place; those who share it with nobody were there, too."""
    at = 0
    for number in range(len(ip)):
        if ip[number]:
            seen[place[number], user[number]] = True
            for row in range(at, at + rows[number]):
                seen[place[number], account[row]] = True
        at += rows[number]


def _places(identifiers: Identifiers, listed: npt.NDArray[np.uint64], listed_place: _Places) -> _Places:
    """Returns the place code of each identifier: as listed, else by the shape of an IP's traffic."""
    place = np.zeros(len(identifiers.key), np.uint8)
    ips = identifiers.kind == IP
    crowded = ips & (identifiers.peak >= CROWD)
    stable = identifiers.degree <= 3 * identifiers.peak
    office = crowded & stable & (identifiers.weekend < 0.15)
    place[ips] = PLACE_CODES[Place.HOME]
    place[crowded] = PLACE_CODES[Place.SHARED]
    place[crowded & ~stable] = PLACE_CODES[Place.CGNAT]
    place[office] = PLACE_CODES[Place.OFFICE]
    if len(listed):
        at = np.searchsorted(listed, identifiers.key).clip(0, len(listed) - 1)
        hit = ips & (listed[at] == identifiers.key)
        place[hit] = listed_place[at[hit]]
    return place

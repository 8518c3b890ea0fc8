"""Gathers identifiers and who shares them, partition by partition; those used by one account are written at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.derive.summary import Identifiers, Shares, summarise
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.model.weights import CROWDED

if TYPE_CHECKING:
    import duckdb

PARTITION_ROWS = 8_000_000
"""Uses that are summarised at once; identifiers fall into partitions by key, so none is split."""

CROWD = 8
"""An address with this many accounts on one day is no home."""

IP = BY_NAME["ip"].code
_Places = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Identifiers that two accounts or more used, their places, and who shares them.

    `visitors`: for each crowded place, which accounts used an address there. `alone` counts the identifiers
    of one account.
    """

    identifiers: Identifiers
    place: _Places
    shares: Shares
    visitors: dict[int, npt.NDArray[np.bool_]]
    alone: int


def gather(con: duckdb.DuckDBPyConnection, accounts: int) -> Gathered:
    """Returns what is shared; writes the identifiers of one account into the table `identifier`."""
    con.execute("DELETE FROM identifier")
    rows = int(con.execute("SELECT count(*) FROM use").fetchall()[0][0])
    partitions = rows // PARTITION_ROWS + 1
    listed = con.execute("SELECT key, place FROM listed_place ORDER BY key").fetchnumpy()
    visitors = {PLACE_CODES[sort]: np.zeros(accounts, bool) for sort in CROWDED}
    found: list[Identifiers] = []
    place: list[_Places] = []
    shared: list[Shares] = []
    total = alone = 0
    for partition in range(partitions):
        identifiers, shares = summarise(_uses(con, partitions, partition))
        places = _places(identifiers, np.asarray(listed["key"], np.uint64), np.asarray(listed["place"], np.uint8))
        _visit(visitors, identifiers, shares, places)
        several = identifiers.degree > 1
        write_identifiers(con, _take(identifiers, ~several), places[~several])
        number = total + np.cumsum(several, dtype=np.int32) - 1
        shared.append(Shares(shares.account, number[shares.identifier].astype(np.int32), shares.block, shares.days))
        found.append(_take(identifiers, several))
        place.append(places[several])
        total += int(several.sum())
        alone += int((~several).sum())
    whole = Identifiers(*(np.concatenate([getattr(part, name) for part in found]) for name in Identifiers.__slots__))
    shares = Shares(*(np.concatenate([getattr(part, name) for part in shared]) for name in Shares.__slots__))
    return Gathered(whole, np.concatenate(place), shares, visitors, alone)


def write_identifiers(
    con: duckdb.DuckDBPyConnection,
    identifiers: Identifiers,
    place: _Places,
    millibits: npt.NDArray[np.int32] | None = None,
) -> None:
    """Writes identifiers; those without millibits are worth nothing and get no number."""
    import pyarrow as pa

    count = len(place)
    rows = pa.table(
        {
            "identifier": pa.nulls(count, pa.int32()) if millibits is None else np.arange(count, dtype=np.int32),
            "key": identifiers.key,
            "kind": identifiers.kind,
            "place": place,
            "degree": identifiers.degree,
            "peak": identifiers.peak,
            "millibits": np.zeros(count, np.int32) if millibits is None else millibits,
            "first_minute": identifiers.first_minute,
            "last_minute": identifiers.last_minute,
        }
    )
    con.register("rows", rows)
    con.execute("INSERT INTO identifier SELECT * FROM rows")
    con.unregister("rows")


def _uses(con: duckdb.DuckDBPyConnection, partitions: int, partition: int) -> dict[str, npt.NDArray[np.generic]]:
    uses = con.sql(
        "SELECT account, key, kind, block, days, first_minute, last_minute FROM use WHERE key % ? = ?",
        params=[partitions, partition],
    ).to_arrow_table()
    return {name: uses.column(name).to_numpy() for name in uses.column_names}


def _take(identifiers: Identifiers, rows: npt.NDArray[np.bool_]) -> Identifiers:
    return Identifiers(*(getattr(identifiers, name)[rows] for name in Identifiers.__slots__))


def _visit(
    visitors: dict[int, npt.NDArray[np.bool_]], identifiers: Identifiers, shares: Shares, place: _Places
) -> None:
    of_ip = np.where(identifiers.kind == IP, place, 0)
    of_share = of_ip[shares.identifier]
    for code, seen in visitors.items():
        seen[shares.account[of_share == code]] = True
        seen[identifiers.user[of_ip == code]] = True  # those who share it with nobody were there, too


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

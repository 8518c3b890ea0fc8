"""What sharing each identifier is worth, and how broad each account's habits are (docs/model.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.derive.habits import read_minutes, session_starts
from linkage.derive.summary import Identifiers, Shares, summarise
from linkage.model.kinds import BY_NAME, FACETS, KINDS, PLACE_CODES, Place
from linkage.model.weights import CHARGED_KIND, CROWDED, LEAST_BITS
from linkage.working.schema import set_meta

if TYPE_CHECKING:
    import duckdb

PARTITION_ROWS = 16_000_000
"""Uses that are summarised at once; identifiers fall into partitions by key, so none is split."""

_FACET_OF_KIND = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int8)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_IP = BY_NAME["ip"].code
_PROMPT = BY_NAME[CHARGED_KIND].code

CROWD = 8
"""An address with this many accounts on one day is no home."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many accounts, identifiers and shared identifiers there are."""

    accounts: int
    identifiers: int
    shared: int


def weigh(con: duckdb.DuckDBPyConnection) -> Weighed:
    """Makes the tables `identifier`, `shared` and `habit` again from all uses and activity."""
    accounts = int(con.execute("SELECT count(*) FROM account").fetchall()[0][0])
    identifiers, shares = _read(con)
    place = _places(con, identifiers)
    millibits = _millibits(identifiers, place, _crowd(identifiers, shares, place, accounts), accounts)
    set_meta(con, "chance", repr(_chance(identifiers, millibits, accounts)))
    _write_identifiers(con, identifiers, place, millibits)
    kept = millibits[shares.identifier] > 0
    shares = Shares(*(getattr(shares, name)[kept] for name in Shares.__slots__))
    _write_shared(con, shares)
    _write_habits(con, accounts, _breadth(identifiers, shares, accounts))
    return Weighed(accounts, len(identifiers.key), int(np.count_nonzero(millibits)))


def _read(con: duckdb.DuckDBPyConnection) -> tuple[Identifiers, Shares]:
    rows = int(con.execute("SELECT count(*) FROM use").fetchall()[0][0])
    partitions = rows // PARTITION_ROWS + 1
    found: list[Identifiers] = []
    shared: list[Shares] = []
    total = 0
    for partition in range(partitions):
        uses = con.sql(
            "SELECT account, key, kind, block, days, first_minute, last_minute FROM use WHERE key % ? = ?",
            params=[partitions, partition],
        ).to_arrow_table()
        columns = {name: uses.column(name).to_numpy() for name in uses.column_names}
        del uses
        identifiers, shares = summarise(columns)
        shared.append(Shares(shares.account, shares.identifier + np.int32(total), shares.block, shares.days))
        found.append(identifiers)
        total += len(identifiers.key)
    return (
        Identifiers(*(np.concatenate([getattr(part, name) for part in found]) for name in Identifiers.__slots__)),
        Shares(*(np.concatenate([getattr(part, name) for part in shared]) for name in Shares.__slots__)),
    )


def _places(con: duckdb.DuckDBPyConnection, identifiers: Identifiers) -> npt.NDArray[np.uint8]:
    """Returns the place code of each identifier: as listed, else by the shape of an IP's traffic."""
    place = np.zeros(len(identifiers.key), np.uint8)
    ips = identifiers.kind == _IP
    crowded = ips & (identifiers.peak >= CROWD)
    stable = identifiers.degree <= 3 * identifiers.peak
    office = crowded & stable & (identifiers.weekend < 0.15)
    place[ips] = PLACE_CODES[Place.HOME]
    place[crowded] = PLACE_CODES[Place.SHARED]
    place[crowded & ~stable] = PLACE_CODES[Place.CGNAT]
    place[office] = PLACE_CODES[Place.OFFICE]
    listed = con.execute("SELECT key, place FROM listed_place").fetchnumpy()
    if len(listed["key"]):
        order = np.argsort(listed["key"])
        known = np.asarray(listed["key"], np.uint64)[order]
        at = np.searchsorted(known, identifiers.key).clip(0, len(known) - 1)
        hit = ips & (known[at] == identifiers.key)
        place[hit] = np.asarray(listed["place"], np.uint8)[order][at[hit]]
    return place


def _crowd(identifiers: Identifiers, shares: Shares, place: npt.NDArray[np.uint8], accounts: int) -> dict[int, int]:
    """Returns, for each place that many pass through, how many accounts were seen at any such place."""
    crowd: dict[int, int] = {}
    of_ip = np.where(identifiers.kind == _IP, place, 0)
    of_share = of_ip[shares.identifier]
    for code in sorted(PLACE_CODES[sort] for sort in CROWDED):
        seen = np.zeros(accounts, bool)
        seen[shares.account[of_share == code]] = True
        seen[identifiers.user[of_ip == code]] = True  # those who share it with nobody were there, too
        crowd[code] = int(seen.sum())
    return crowd


def _millibits(
    identifiers: Identifiers, place: npt.NDArray[np.uint8], crowd: dict[int, int], accounts: int
) -> npt.NDArray[np.int32]:
    population = np.full(len(identifiers.key), accounts, np.float64)
    ips = identifiers.kind == _IP
    for code, count in crowd.items():
        population[ips & (place == code)] = count
    users = np.where(_WINDOWED[identifiers.kind], identifiers.peak, identifiers.degree).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.log2((population - 1) / (users - 1))
    bits[(users < 2) | ~(bits >= LEAST_BITS)] = 0
    millibits: npt.NDArray[np.int32] = np.rint(bits * 1000).astype(np.int32)
    return millibits


def _chance(identifiers: Identifiers, millibits: npt.NDArray[np.int32], accounts: int) -> float:
    """Returns X of docs/model.md: the bits of prompts that two accounts of mean breadth share by chance."""
    prompts = identifiers.kind == _PROMPT
    share = identifiers.degree[prompts] / max(accounts, 1)
    return float(np.sum(share**2 * millibits[prompts]) / 1000)


def _breadth(identifiers: Identifiers, shares: Shares, accounts: int) -> npt.NDArray[np.int32]:
    """Returns millibits of breadth, accounts x facets."""
    first = np.ones(len(shares.account), bool)
    first[1:] = (np.diff(shares.account) != 0) | (np.diff(shares.identifier) != 0)
    facet = _FACET_OF_KIND[identifiers.kind[shares.identifier[first]]]
    out = np.zeros((accounts, len(FACETS)), np.int32)
    for number in range(len(FACETS)):
        count = np.bincount(shares.account[first][facet == number], minlength=accounts)
        if count.any():
            with np.errstate(divide="ignore"):
                bits = 0.5 * np.log2(count / count[count > 0].mean())
            out[:, number] = np.rint(1000 * np.maximum(bits, 0))
    return out


def _write_identifiers(
    con: duckdb.DuckDBPyConnection,
    identifiers: Identifiers,
    place: npt.NDArray[np.uint8],
    millibits: npt.NDArray[np.int32],
) -> None:
    import pyarrow as pa

    rows = pa.table(
        {
            "identifier": np.arange(len(place), dtype=np.int32),
            "key": identifiers.key,
            "kind": identifiers.kind,
            "place": place,
            "degree": identifiers.degree,
            "peak": identifiers.peak,
            "millibits": millibits,
            "first_minute": identifiers.first_minute,
            "last_minute": identifiers.last_minute,
        }
    )
    _replace(con, "identifier", rows)


def _write_shared(con: duckdb.DuckDBPyConnection, shares: Shares) -> None:
    import pyarrow as pa

    _replace(con, "shared", pa.table({name: getattr(shares, name) for name in Shares.__slots__}))


def _write_habits(con: duckdb.DuckDBPyConnection, accounts: int, breadth: npt.NDArray[np.int32]) -> None:
    import pyarrow as pa

    offsets, starts = session_starts(*read_minutes(con, accounts))
    width = breadth.shape[1]
    bounds = pa.array(np.arange(0, (accounts + 1) * width, width, dtype=np.int32))
    rows = pa.table(
        {
            "account": np.arange(accounts, dtype=np.int32),
            "starts": pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(starts)),
            "breadth": pa.ListArray.from_arrays(bounds, pa.array(breadth.ravel())),
        }
    )
    con.register("rows", rows)
    con.execute("DELETE FROM habit")
    con.execute(
        "INSERT INTO habit SELECT rows.account, starts, breadth, coalesce(t.requests, 0), u.first, u.last FROM rows "
        "LEFT JOIN (SELECT account, sum(requests)::BIGINT AS requests FROM activity GROUP BY account) t "
        "USING (account) "
        "LEFT JOIN (SELECT account, min(first_minute) FILTER (first_minute >= 0) AS first, "
        "max(last_minute) FILTER (last_minute >= 0) AS last FROM use GROUP BY account) u USING (account)"
    )
    con.unregister("rows")


def _replace(con: duckdb.DuckDBPyConnection, table: str, rows: object) -> None:
    con.register("rows", rows)
    con.execute(f"DELETE FROM {table}")
    con.execute(f"INSERT INTO {table} SELECT * FROM rows")
    con.unregister("rows")

"""What sharing each identifier is worth, and how broad each account's habits are (docs/model.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.derive.gather import gather, write_identifiers
from linkage.derive.habits import read_minutes, session_starts
from linkage.derive.summary import Identifiers, Shares
from linkage.model.kinds import BY_NAME, FACETS, KINDS
from linkage.model.weights import CHARGED_KIND, LEAST_BITS
from linkage.working.schema import set_meta

if TYPE_CHECKING:
    import duckdb

_FACET_OF_KIND = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int8)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_IP = BY_NAME["ip"].code
_PROMPT = BY_NAME[CHARGED_KIND].code


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many accounts, identifiers and shared identifiers there are."""

    accounts: int
    identifiers: int
    shared: int


def weigh(con: duckdb.DuckDBPyConnection) -> Weighed:
    """Makes the tables `identifier`, `shared` and `habit` again from all uses and activity."""
    accounts = int(con.execute("SELECT count(*) FROM account").fetchall()[0][0])
    found = gather(con, accounts)
    identifiers, place, shares = found.identifiers, found.place, found.shares
    crowd = {code: int(seen.sum()) for code, seen in found.visitors.items()}
    millibits = _millibits(identifiers, place, crowd, accounts)
    set_meta(con, "chance", repr(_chance(identifiers, millibits, accounts)))
    write_identifiers(con, identifiers, place, millibits)
    kept = millibits[shares.identifier] > 0
    shares = Shares(*(getattr(shares, name)[kept] for name in Shares.__slots__))
    _write_shared(con, shares)
    _write_habits(con, accounts, _breadth(identifiers, shares, accounts))
    return Weighed(accounts, len(identifiers.key) + found.alone, int(np.count_nonzero(millibits)))


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

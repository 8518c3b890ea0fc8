"""What sharing each identifier is worth, and how broad each account's habits are (docs/model.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.derive.gather import gather, take, write_identifiers
from linkage.derive.habits import Minutes, Offsets, read_activity
from linkage.derive.keying import KeyedWriter
from linkage.derive.spill import Spill
from linkage.derive.summary import Identifiers, Life, Shares
from linkage.model.kinds import BY_NAME, FACETS, KINDS
from linkage.model.weights import CHANCES, CHARGED_KIND, LEAST_BITS
from linkage.working.incidence import READ_ORDER, numbers_of
from linkage.working.schema import set_meta
from linkage.working.vectors import Vectors, write_vectors

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_FACET_OF_KIND = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int8)
_WORTHLESS = int(READ_ORDER.max()) + 1
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_IP = BY_NAME["ip"].code
_PROMPT = BY_NAME[CHARGED_KIND].code
_MOST_MILLIBITS = 32_000  # log2 of more accounts than their numbers can hold


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many accounts, identifiers and shared identifiers there are."""

    accounts: int
    identifiers: int
    shared: int


def weigh(con: duckdb.DuckDBPyConnection, spill: Spill | None = None) -> Weighed:
    """Makes the tables `identifier`, `incidence` and `habit`, and the file of uses by key, again from all uses.

    `spill` holds all uses; without one they are read from the working file.
    """
    if spill is None:
        with Spill() as read:
            read.read(con)
            return weigh(con, read)
    ordinals, ids = _ordinals(con)
    accounts = len(ordinals)
    with KeyedWriter(con, numbers_of(ordinals)) as keyed:
        found = gather(con, spill, ordinals, keyed)
        crowd = {code: int(seen.sum()) for code, seen in found.visitors.items()}
        millibits = _millibits(found.identifiers, found.place, crowd, accounts)
        keyed.finish(_known_of(found.identifiers, millibits), ids)
    set_meta(con, "chance", " ".join(map(repr, _chance(found.identifiers, millibits, accounts))))
    order = _by_worth(millibits, READ_ORDER[found.identifiers.kind])
    identifiers, place, millibits = take(found.identifiers, order), found.place[order], millibits[order]
    write_identifiers(con, identifiers, place, millibits)
    things = int(np.count_nonzero(millibits))
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    used = np.zeros((accounts, len(FACETS)), np.int32)
    size = identifiers.rows[:things]
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(size, dtype=np.int64)))
    shares = _in_order(found.shares, found.identifiers, number, bounds, used)
    of_things: Vectors = {"kind": identifiers.kind[:things], "place": place[:things], "millibits": millibits[:things]}
    rows: Vectors = {"size": size, "account": shares.account, "block": shares.block, "days": shares.days}
    write_vectors(con, of_things | rows)
    _write_habits(con, ordinals, _breadth(used), found.life)
    return Weighed(accounts, len(millibits) + found.alone, things)


def _known_of(identifiers: Identifiers, millibits: npt.NDArray[np.int32]) -> Vectors:
    return {
        "key": identifiers.key,
        "degree": identifiers.degree,
        "peak": identifiers.peak,
        "millibits": millibits,
        "first": identifiers.first_minute,
        "last": identifiers.last_minute,
    }


def _by_worth(millibits: npt.NDArray[np.int32], group: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Returns the numbers of things by falling weight, equal ones in their order: addresses, then content, last.

    The worthless come behind. Whoever weighs a pair reads each of the two until it is worth a facet's cap, the
    rarest first, and has to read all of the rest.
    """
    falling = (_MOST_MILLIBITS - millibits).astype(np.uint16)
    order: npt.NDArray[np.int64] = np.argsort(falling, kind="stable")
    group = np.where(millibits > 0, group, _WORTHLESS).astype(np.uint8)
    return order[np.argsort(group[order], kind="stable")]


def _in_order(
    parts: list[Shares],
    identifiers: Identifiers,
    number: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    used: npt.NDArray[np.int32],
) -> Shares:
    """Returns the shares of things worth anything in the things' order, and counts what accounts use.

    Takes each part off the list when it is done with: they are the largest thing in memory.
    """
    size = int(bounds[-1])
    whole = Shares(np.empty(size, np.int32), np.empty(size, np.int16), np.empty(size, np.uint64))
    facet = _FACET_OF_KIND[identifiers.kind]
    first = 0
    while parts:
        part = parts.pop(0)
        columns = part.account, part.block, part.days, whole.account, whole.block, whole.days
        first = int(_copy(first, identifiers.rows, number, bounds, facet, used, columns))
    return whole


@numba.njit(cache=True, nogil=True)
def _copy(first: int, rows: Any, number: Any, bounds: Any, facet: Any, used: Any, columns: Any) -> int:
    """Copies the rows of the identifiers from `first` on; returns the number of the one after the last."""
    account, block, days, to_account, to_block, to_days = columns
    at = 0
    while at < len(account):
        begin, end = at, at + rows[first]
        if number[first] < len(bounds) - 1:
            to = bounds[number[first]] - begin
            for row in range(begin, end):
                to_account[to + row], to_block[to + row], to_days[to + row] = account[row], block[row], days[row]
                if row == begin or account[row] != account[row - 1]:
                    used[account[row], facet[first]] += 1
        first += 1
        at = end
    return first


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


def _chance(identifiers: Identifiers, millibits: npt.NDArray[np.int32], accounts: int) -> list[float]:
    """Returns E of docs/model.md, by whole bits of breadth: the bits of prompts that two accounts share by chance."""
    prompts = identifiers.kind == _PROMPT
    both = (identifiers.degree[prompts] / max(accounts, 1)) ** 2
    bits = millibits[prompts] / 1000
    return [float(np.sum(np.minimum(1.0, 4.0**s * both) * np.maximum(bits - s, 0.0))) for s in range(CHANCES)]


def _breadth(used: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Returns millibits of breadth, accounts x facets, from how many things of each facet accounts use."""
    out = np.zeros(used.shape, np.int32)
    for number in range(len(FACETS)):
        count = used[:, number]
        if count.any():
            with np.errstate(divide="ignore"):
                bits = 0.5 * np.log2(count / count[count > 0].mean())
            out[:, number] = np.rint(1000 * np.maximum(bits, 0))
    return out


def _ordinals(con: duckdb.DuckDBPyConnection) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Returns where each account, by number, stands among all in the order of ids, and the ids in that order."""
    import pyarrow.compute as pc

    ids = con.sql("SELECT id FROM account ORDER BY account").to_arrow_table().column(0).combine_chunks()
    order = pc.sort_indices(ids)
    return numbers_of(order.to_numpy().astype(np.int32)), ids.take(order)


def _write_habits(
    con: duckdb.DuckDBPyConnection, ordinals: npt.NDArray[np.int32], breadth: npt.NDArray[np.int32], life: Life
) -> None:
    """Writes what is known of each account, by number; `breadth` and `life` are by ordinal."""
    import pyarrow as pa

    accounts = len(ordinals)
    offsets, starts, ends, requests = read_activity(con, accounts)
    first, last = _with_requests(life.first[ordinals], life.last[ordinals], offsets, starts, ends)
    width = breadth.shape[1]
    bounds = pa.array(np.arange(0, (accounts + 1) * width, width, dtype=np.int32))
    rows = pa.table(
        {
            "account": np.arange(accounts, dtype=np.int32),
            "starts": pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(starts)),
            "breadth": pa.ListArray.from_arrays(bounds, pa.array(breadth[ordinals].ravel())),
            "requests": requests,
            "first": pa.array(first, mask=first < 0),
            "last": pa.array(last, mask=last < 0),
            "alone": life.alone[ordinals],
            "ordinal": ordinals,
        }
    )
    con.register("rows", rows)
    con.execute("DELETE FROM habit")
    con.execute("INSERT INTO habit SELECT * FROM rows")
    con.unregister("rows")


def _with_requests(first: Minutes, last: Minutes, offsets: Offsets, starts: Minutes, ends: Minutes) -> tuple[Any, Any]:
    """Returns the first and the last minute of accounts by number, -1 for none, now with those of their requests.

    A request without an address and a prompt is no use of anything, but it was made.
    """
    active = np.flatnonzero(np.diff(offsets))
    met, left = starts[offsets[active]], ends[offsets[active + 1] - 1]
    first[active] = np.where(first[active] < 0, met, np.minimum(first[active], met))
    last[active] = np.maximum(last[active], left)
    return first, last

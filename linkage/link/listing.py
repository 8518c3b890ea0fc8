"""The things behind many links at once, from the working file: rows of the exported table `links`.

They are found by numbers, as links were; texts and times are fetched for what is listed alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.link.dates import common_days
from linkage.link.grade import chance_millibits
from linkage.link.rows import KIND_ORDER, evidence_schema
from linkage.link.rule import Rule, rule_of
from linkage.link.timing import timing_millibits
from linkage.model.columns import read_links, renamed
from linkage.model.kinds import BY_NAME, FACETS, KINDS, Facet
from linkage.model.weights import CHARGED_KIND
from linkage.settings import Settings
from linkage.working.incidence import Incidence, numbers_of, read_incidence, read_ordinals
from linkage.working.schema import read_chance

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]  # rows of the incidence, by account

_FACET_OF = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int64)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_CHARGED = BY_NAME[CHARGED_KIND].code
_CONTENT = FACETS.index(Facet.CONTENT)
_SESSIONS = len(KINDS)  # stands for the kind of timing
_MINUTES_PER_DAY = 1440
_TYPES = (np.int32, np.int32, np.uint8, np.int32, np.int32, np.int32, np.int64, np.int64)
_COLUMNS = len(_TYPES)
_USES = """
SELECT w.place, min(u.first_minute) FILTER (u.first_minute >= 0), max(u.last_minute) FILTER (u.last_minute >= 0)
FROM use u JOIN wanted w ON w.account = u.account AND w.key = u.key GROUP BY w.place
"""


def listing(con: duckdb.DuckDBPyConnection, settings: Settings, groups: Sequence[Sequence[str]]) -> Iterator[pa.Table]:
    """Yields the rows of the links among the accounts of each group, by pair, facet, kind and identifier.

    No account is in two groups; KeyError names one that is unknown.
    """
    incidence = read_incidence(con)
    rule = rule_of(settings, incidence.accounts, traffic=len(incidence.starts) > 0, chance=read_chance(con))
    accounts = _Accounts.read(con)
    found = _Listing(con, incidence, rule, accounts, _pairs(con, accounts, groups))
    del incidence
    yield from found


@dataclass(frozen=True, slots=True)
class _Accounts:
    """Ids and numbers of all accounts, by ordinal, and ordinals, by number."""

    ids: pa.Array
    numbers: Numbers
    ordinals: Numbers

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> _Accounts:
        ordinals = read_ordinals(con)
        numbers = numbers_of(ordinals)
        ids = con.sql("SELECT id FROM account ORDER BY account").to_arrow_table().column(0).combine_chunks()
        return cls(ids.take(numbers), numbers, ordinals)


def _pairs(
    con: duckdb.DuckDBPyConnection, accounts: _Accounts, groups: Sequence[Sequence[str]]
) -> list[tuple[Numbers, Numbers]]:
    """Returns the links of each group: ends in the order of their ids, pairs likewise."""
    ids = accounts.ids
    links, _ = renamed(read_links(con), accounts.ordinals)
    group, place = np.full(len(ids), -1, np.int32), np.zeros(len(ids), np.int32)
    sizes = [len(accounts) for accounts in groups]
    group[_ordinals([one for accounts in groups for one in accounts], ids)] = np.repeat(np.arange(len(groups)), sizes)
    inside = np.flatnonzero(group >= 0)
    place[inside[_order(ids, inside)]] = np.arange(len(inside), dtype=np.int32)
    kept = np.flatnonzero((group[links.a] >= 0) & (group[links.a] == group[links.b]))
    a, b = links.a[kept], links.b[kept]
    a, b = np.where(place[a] < place[b], a, b), np.where(place[a] < place[b], b, a)
    order = np.lexsort((place[b], place[a], group[a]))
    a, b = a[order], b[order]
    bounds = np.searchsorted(group[a], np.arange(len(groups) + 1))
    return [(a[begin:end], b[begin:end]) for begin, end in pairwise(bounds)]


def _order(ids: pa.Array, numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Returns the order of some accounts by id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(pc.array_sort_indices(ids.take(pa.array(numbers))).to_numpy(), np.intp)


class _Listing:
    """What the pairs of groups share; `groups` holds the ordinals of both accounts of each pair."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        incidence: Incidence,
        rule: Rule,
        accounts: _Accounts,
        groups: Sequence[tuple[Numbers, Numbers]],
    ) -> None:
        self._groups = groups
        self._ids = accounts.ids
        self._keys = _keys(con)
        self._rows = [_rows(a, b, incidence, rule) for a, b in groups]
        wanted = np.zeros(len(incidence.thing), np.bool_)
        for *_, one, two in self._rows:
            wanted[one[one >= 0]] = True
            wanted[two[two >= 0]] = True
        self._first, self._last = _times(con, np.flatnonzero(wanted), incidence, self._keys, accounts.numbers)

    def __iter__(self) -> Iterator[pa.Table]:
        for at in range(len(self._groups)):
            yield self._table(at)

    def _table(self, at: int) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        a, b = self._groups[at]
        pair, thing, kind, millibits, first, last, one, two = self._rows[at]
        keys = np.where(thing >= 0, self._keys[thing], 0) if len(self._keys) else np.zeros(len(thing), np.uint64)
        order = np.lexsort((keys, KIND_ORDER[kind], pair))
        pair, thing, kind, millibits, keys = (values[order] for values in (pair, thing, kind, millibits, keys))
        first, last = (
            np.where(one >= 0, _later(ends[one], ends[two]), dates)[order]
            for ends, dates in ((self._first, first), (self._last, last))
        )
        names, place = np.unique(keys, return_inverse=True)
        texts = pa.array([f"{int(key):016x}" for key in names], pa.string()).take(pa.array(place))
        facet = pa.array([*(one.facet.value for one in KINDS), Facet.TIMING.value])
        columns = [
            self._ids.take(pa.array(a[pair])),
            self._ids.take(pa.array(b[pair])),
            pa.array(millibits / 1000.0),
            facet.take(pa.array(kind)),
            pa.array([*(one.name for one in KINDS), "sessions"]).take(pa.array(kind)),
            pc.if_else(pa.array(thing >= 0), texts, ""),
            _moments(first),
            _moments(last),
        ]
        return pa.table(columns, names=evidence_schema().names).cast(evidence_schema())


def _later(one: npt.NDArray[np.int32], two: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Returns the later of two minutes, -1 where one is not known."""
    later: npt.NDArray[np.int32] = np.where((one < 0) | (two < 0), -1, np.maximum(one, two))
    return later


def _ordinals(accounts: Sequence[str], ids: pa.Array) -> Numbers:
    """Returns the ordinals of accounts with these ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(accounts, pa.string())
    found = pc.index_in(wanted, value_set=ids)
    if found.null_count:
        raise KeyError(wanted.filter(pc.is_null(found))[0].as_py())
    return np.asarray(found.to_numpy(), np.int32)


def _keys(con: duckdb.DuckDBPyConnection) -> npt.NDArray[np.uint64]:
    found = con.execute("SELECT key FROM identifier WHERE identifier IS NOT NULL ORDER BY identifier").fetchnumpy()
    return np.asarray(found["key"], np.uint64)


def _times(
    con: duckdb.DuckDBPyConnection,
    places: Places,
    incidence: Incidence,
    keys: npt.NDArray[np.uint64],
    numbers: Numbers,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Returns the first and last minute of the uses at these places of the incidence, -1 for all others.

    One scan of all uses: to ask for those of one account would be another.
    """
    import pyarrow as pa

    account = numbers[np.searchsorted(incidence.of_account, places, side="right") - 1]
    wanted = {"place": places, "account": account, "key": keys[incidence.thing[places]]}
    con.register("wanted", pa.table(wanted))
    found = con.sql(_USES).to_arrow_table()
    con.unregister("wanted")
    at = found.column(0).to_numpy()
    ends = np.full((2, len(incidence.thing) + 1), -1, np.int32)  # the last is for whoever has no place
    for row, column in zip(ends, found.columns[1:], strict=True):
        row[at] = column.fill_null(-1).to_numpy()
    return ends[0], ends[1]


def _moments(minutes: npt.NDArray[np.int32]) -> pa.Array:
    import pyarrow as pa

    return pa.array(minutes.astype(np.int64) * 60_000_000, pa.timestamp("us", tz="UTC"), mask=minutes < 0)


def _rows(a: Numbers, b: Numbers, incidence: Incidence, rule: Rule) -> tuple[npt.NDArray[Any], ...]:
    """Returns the rows of pairs: pair, thing, kind, millibits, first and last minute, and the uses of both.

    Timing is of no thing (-1); of things that are dated by their uses the minutes are left out, of all others the uses.
    """
    shared = _shared(
        a,
        b,
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.kind, incidence.millibits, incidence.breadth, _FACET_OF, _WINDOWED),
        np.array([rule.cap, _CHARGED, _CONTENT], np.int64),
        np.array(rule.chance),
    )
    rows = np.concatenate((shared, _together(a, b, incidence.of_starts, incidence.starts, _SESSIONS)))
    return tuple(rows[:, at].astype(kind) for at, kind in enumerate(_TYPES))  # all groups are held at once


@numba.njit(cache=True, nogil=True)
def _shared(a: Any, b: Any, mine: Any, weights: Any, numbers: Any, chance: Any) -> Any:  # noqa: C901, PLR0912 - one merge of two lists
    of_account, thing, block, days = mine
    kind, millibits, breadth, facet_of, windowed = weights
    cap, charged, content = numbers
    found = np.full((1024, _COLUMNS), -1, np.int64)
    size = 0
    sums = np.zeros(len(windowed), np.int64)
    for pair in range(len(a)):
        one, two = a[pair], b[pair]
        sums[:] = 0
        charge = chance_millibits(chance, breadth[one, content] + breadth[two, content])
        i, end_a, j, end_b = of_account[one], of_account[one + 1], of_account[two], of_account[two + 1]
        while i < end_a and j < end_b:
            if thing[i] != thing[j]:
                if thing[i] < thing[j]:
                    i += 1
                else:
                    j += 1
                continue
            now = thing[i]
            sort = kind[now]
            end_i, end_j = i + 1, j + 1
            while end_i < end_a and thing[end_i] == now:
                end_i += 1
            while end_j < end_b and thing[end_j] == now:
                end_j += 1
            facet = facet_of[sort]
            worth = millibits[now] - breadth[one, facet] - breadth[two, facet]
            first, last = np.int64(0), np.int64(0)
            if worth > 0 and windowed[sort]:
                first, last = common_days(block, days, i, end_i, j, end_j)
                if last < first:
                    worth = 0
            one_at, two_at = i, j
            i, j = end_i, end_j
            if sort == charged and sums[sort] >= cap + charge:
                break  # prompts come last
            if worth <= 0 or (sort != charged and sums[sort] >= cap):
                continue
            sums[sort] += worth
            if size == len(found):
                found = np.concatenate((found, np.full_like(found, -1)))
            found[size, 0], found[size, 1], found[size, 2] = pair, now, sort
            found[size, 3] = worth
            if windowed[sort]:
                found[size, 4], found[size, 5] = first * _MINUTES_PER_DAY, last * _MINUTES_PER_DAY
            else:
                found[size, 6], found[size, 7] = one_at, two_at
            size += 1
    return found[:size].copy()


@numba.njit(cache=True, nogil=True)
def _together(a: Any, b: Any, of_starts: Any, starts: Any, kind: int) -> Any:
    """Returns the rows of timing."""
    found = np.full((len(a), _COLUMNS), -1, np.int64)
    size = 0
    for pair in range(len(a)):
        one = starts[of_starts[a[pair]] : of_starts[a[pair] + 1]]
        two = starts[of_starts[b[pair]] : of_starts[b[pair] + 1]]
        timing = timing_millibits(one, two)
        if timing > 0:
            found[size, 0], found[size, 1], found[size, 2], found[size, 3] = pair, -1, kind, timing
            found[size, 4], found[size, 5] = max(one[0], two[0]), min(one[-1], two[-1])
            size += 1
    return found[:size].copy()

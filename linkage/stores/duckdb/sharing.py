"""What shares given identifiers, in the embedded store: by the file of uses by key, or one pass over the uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.model.kinds import BY_NAME, KINDS, PLACE_CODES
from linkage.stores.base import GraphTables
from linkage.stores.duckdb import sql
from linkage.stores.duckdb.exploring import numbers_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from linkage.working.keyed import Keyed, KeyedThing, KeyedUses

# Lists are in the text of a query, as numbers: a scan passes over what no number of a list can be in, and does not
# for a table that is joined. Uses are found before their accounts are, of which there are few.
_THINGS = f"{sql.IDENTIFIER_ROWS} AND i.key IN ({{wanted}})"
_USES = f"""
WITH u AS MATERIALIZED (FROM use WHERE key IN ({{wanted}})), users AS MATERIALIZED (SELECT DISTINCT account FROM u)
SELECT a.id AS account_id, printf('%016x', u.key) AS key,
    {sql.all_days("u.block", "u.days")} AS days,
    sum(u.requests)::BIGINT AS requests,
    {sql.time_of("min(u.first_minute) FILTER (u.first_minute >= 0)")} AS first_seen,
    {sql.time_of("max(u.last_minute) FILTER (u.last_minute >= 0)")} AS last_seen
FROM u JOIN (FROM account SEMI JOIN users USING (account)) a USING (account)
GROUP BY a.id, u.key ORDER BY key, account_id
"""


class DuckDBSharing(ABC):
    """The part of the embedded store that answers for a sign-up."""

    @abstractmethod
    def _batches(self, query: str, schema: pa.Schema, values: object = None) -> Iterator[pa.Table]:
        """Yields the rows of a query over the file as it stands."""

    @abstractmethod
    def _keyed(self) -> Keyed | None:
        """Returns the uses by key of the file as it stands, if there are any."""

    @abstractmethod
    def _numbered(self, account_ids: Sequence[str]) -> dict[int, str]:
        """Returns the accounts that are known, by number."""

    def sharing_tables(self, keys: Sequence[str], limit: int = 256) -> GraphTables:
        """Returns what shares the identifiers.

        A prompt that one account alone sent is no node of a graph; it is known here, and worth nothing yet.
        """
        numbers = numbers_of(keys)
        if keyed := self._keyed():
            things, uses = keyed.find(sorted(set(numbers)), limit)
            accounts, number = np.unique(uses.account, return_inverse=True)
            return _as_tables(things, uses, keyed.ids_of(accounts.tolist()), number)
        return self._scanned(numbers, limit)

    def _scanned(self, numbers: Sequence[int], limit: int) -> GraphTables:
        """Returns them in one pass over the uses, where there is no such file."""
        import pyarrow as pa

        things = list(self._batches(_THINGS.format(wanted=_listed(numbers)), identifiers_schema()))
        crowds = {row["key"] for table in things for row in table.to_pylist() if row["degree"] > limit}
        few = [number for number in numbers if f"{number:016x}" not in crowds]
        uses = list(self._batches(_USES.format(wanted=_listed(few)), uses_schema()))
        known = {key for table in things for key in table.column("key").to_pylist()}
        lone = sorted({key for table in uses for key in table.column("key").to_pylist()} - known)
        rows = [_LONE | {"key": key} for key in lone]
        return GraphTables((), [*things, pa.Table.from_pylist(rows, identifiers_schema())], uses)

    def account_tables(self, account_ids: Sequence[str]) -> Iterator[pa.Table]:
        """Returns those of the accounts that are held."""
        numbers = _listed(self._numbered(account_ids))
        return self._batches(f"{sql.account_rows(numbers)} ORDER BY id", accounts_schema())


def _as_tables(
    things: Sequence[KeyedThing], uses: KeyedUses, ids: Sequence[str], number: npt.NDArray[np.int64]
) -> GraphTables:
    """Returns what the file of uses by key tells; `number` is the row of `ids` of each use."""
    import pyarrow as pa

    table = pa.table(
        {
            "account_id": pa.array(ids, pa.string()).take(pa.array(number)),
            "key": [f"{key:016x}" for key in uses.key.tolist()],
            "days": pa.ListArray.from_arrays(pa.array(np.append(np.int32(0), uses.day_ends)), pa.array(uses.days)),
            "requests": uses.requests,
            "first_seen": _times(uses.first_minute),
            "last_seen": _times(uses.last_minute),
        },
        uses_schema(),
    )
    rows = [_LONE | {"key": f"{one.key:016x}"} if _is_lone(one) else _thing(one) for one in things]
    found = [table.sort_by([("key", "ascending"), ("account_id", "ascending")])]
    return GraphTables((), [pa.Table.from_pylist(rows, identifiers_schema())], found)


def _times(minutes: npt.NDArray[np.int32]) -> pa.Array:
    import pyarrow as pa

    return pa.array(minutes * np.int64(60_000_000), pa.timestamp("us", tz="UTC"), mask=minutes < 0)


def _is_lone(thing: KeyedThing) -> bool:
    return thing.degree == 1 and thing.kind == _PROMPT.code


def _thing(thing: KeyedThing) -> dict[str, Any]:
    """Returns a thing as a row of identifiers."""
    kind = KINDS[thing.kind]
    return {
        "key": f"{thing.key:016x}",
        "kind": kind.name,
        "facet": kind.facet.value,
        "place": _PLACES.get(thing.place),
        "degree": thing.degree,
        "peak": thing.peak,
        "bits": thing.millibits / 1000,
        "windowed": kind.windowed,
        "first_seen": _time(thing.first_minute),
        "last_seen": _time(thing.last_minute),
    }


def _time(minute: int) -> datetime | None:
    return _EPOCH + timedelta(minutes=minute) if minute >= 0 else None


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "NULL"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACES = {code: place.value for place, code in PLACE_CODES.items() if code}
_PROMPT = BY_NAME["prompt"]
_LONE = {
    "kind": _PROMPT.name,
    "facet": _PROMPT.facet.value,
    "place": None,
    "degree": 1,
    "peak": 1,
    "bits": 0.0,
    "windowed": _PROMPT.windowed,
    "first_seen": None,
    "last_seen": None,
}

"""What shares given identifiers, in the embedded store: one pass over the uses for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.model.kinds import BY_NAME
from linkage.stores.base import GraphTables
from linkage.stores.duckdb import sql
from linkage.stores.duckdb.exploring import numbers_of

if TYPE_CHECKING:
    import pyarrow as pa

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
_ACCOUNTS = f"{sql.ACCOUNT_ROWS} WHERE a.account IN ({{wanted}}) ORDER BY id"


class DuckDBSharing(ABC):
    """The part of the embedded store that answers for a sign-up."""

    @abstractmethod
    def _batches(self, query: str, schema: pa.Schema, values: object = None) -> Iterator[pa.Table]:
        """Yields the rows of a query over the file as it stands."""

    @abstractmethod
    def _numbered(self, account_ids: Sequence[str]) -> dict[int, str]:
        """Returns the accounts that are known, by number."""

    def sharing_tables(self, keys: Sequence[str], limit: int = 256) -> GraphTables:
        """Returns what shares the identifiers.

        A prompt that one account alone sent is no node of a graph; it is known here, and worth nothing yet.
        """
        import pyarrow as pa

        numbers = numbers_of(keys)
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
        wanted = _listed(self._numbered(account_ids))
        return self._batches(_ACCOUNTS.format(wanted=wanted), accounts_schema())


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "NULL"


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

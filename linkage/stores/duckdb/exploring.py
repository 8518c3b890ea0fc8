"""Looking around in the embedded store: one query for many ids."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from linkage.model.filters import ATTRIBUTES, AccountFilter, AccountGroup, EventPlace
from linkage.model.rings import Identifier, Link, Member, Ring, RingEvent, Use
from linkage.stores.duckdb import rows, sql
from linkage.stores.exploring import Exploring

if TYPE_CHECKING:
    from linkage.working.keyed import Keyed

T = TypeVar("T")


class DuckDBExploring(Exploring):
    """The exploring part of the embedded store."""

    @abstractmethod
    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a query over the file as it stands."""

    @abstractmethod
    def _keyed(self) -> Keyed | None:
        """Returns the uses by key of the file as it stands, if there are any."""

    def uses_of(self, account_ids: Sequence[str], limit: int = 1000) -> dict[str, list[Use]]:
        names = self._numbered(account_ids)
        if not names:
            return {}
        found = self._all(sql.USES.replace("$numbers", listed(names)), {"limit": limit})
        return _grouped(found, lambda row: names[row[0]], lambda row: rows.use(row[1:]))

    def links_of(self, account_ids: Sequence[str], limit: int = 100) -> dict[str, list[Link]]:
        names = self._numbered(account_ids)
        if not names:
            return {}
        numbers = listed(names)
        found = self._all(
            f"WITH near AS ({sql.LINK_ROWS} WHERE l.a IN ({numbers}) OR l.b IN ({numbers})), seen AS ("
            "SELECT account_a AS id, account_b AS other, near.* FROM near UNION ALL "
            "SELECT account_b AS id, account_a AS other, near.* FROM near) "
            "FROM seen WHERE list_contains($ids, id) "
            "QUALIFY row_number() OVER (PARTITION BY id ORDER BY bits DESC, other) <= $limit "
            "ORDER BY id, bits DESC, other",
            {"ids": list(names.values()), "limit": limit},
        )
        return _grouped(found, lambda row: row[0], lambda row: rows.link(row[2:]))

    def users_of(self, keys: Sequence[str], limit: int = 1000, after: str = "") -> dict[str, list[str]]:
        found = self._all(
            "SELECT DISTINCT printf('%016x', u.key) AS name, a.id FROM use u JOIN account a USING (account) "
            "WHERE list_contains($keys, u.key) AND a.id > $after "
            "QUALIFY dense_rank() OVER (PARTITION BY u.key ORDER BY a.id) <= $limit ORDER BY name, a.id",
            {"keys": numbers_of(keys), "after": after, "limit": limit},
        )
        return _grouped(found, lambda row: row[0], lambda row: str(row[1]))

    def identifiers(self, keys: Sequence[str]) -> dict[str, Identifier]:
        found = self._all(sql.IDENTIFIERS, {"keys": numbers_of(keys)})
        return {row[0]: rows.identifier(row) for row in sorted(found, key=lambda row: str(row[0]))}

    def rings_by_id(self, ring_ids: Sequence[str]) -> dict[str, Ring]:
        query = f"SELECT {sql.RING_COLUMNS} FROM ring WHERE list_contains($rings, ring_id) ORDER BY ring_id"
        return {row[0]: rows.ring(row) for row in self._all(query, {"rings": list(ring_ids)})}

    def members_of(self, ring_ids: Sequence[str], limit: int = 100_000) -> dict[str, list[Member]]:
        order = f"{sql.ROLE_ORDER}, bits DESC, account_id"
        found = self._all(
            "SELECT ring_id, account_id, role, bits, weakest_facet, since FROM member "
            "WHERE list_contains($rings, ring_id) "
            f"QUALIFY row_number() OVER (PARTITION BY ring_id ORDER BY {order}) <= $limit ORDER BY ring_id, {order}",
            {"rings": list(ring_ids), "limit": limit},
        )
        return _grouped(found, lambda row: row[0], rows.member)

    def ring_links_of(self, ring_ids: Sequence[str], limit: int = 10_000) -> dict[str, list[Link]]:
        found = self._all(
            "WITH inside AS (SELECT account FROM member m JOIN account a ON a.id = m.account_id "
            "WHERE list_contains($rings, ring_id)), "
            f"near AS ({sql.LINK_ROWS} WHERE l.a IN (FROM inside) AND l.b IN (FROM inside)) "
            "SELECT one.ring_id, near.* FROM near JOIN member one ON one.account_id = near.account_a "
            "JOIN member two ON two.account_id = near.account_b AND two.ring_id = one.ring_id "
            "WHERE list_contains($rings, one.ring_id) "
            "QUALIFY row_number() OVER (PARTITION BY one.ring_id ORDER BY account_a, account_b) <= $limit "
            "ORDER BY one.ring_id, account_a, account_b",
            {"rings": list(ring_ids), "limit": limit},
        )
        return _grouped(found, lambda row: row[0], lambda row: rows.link(row[1:]))

    def events_of(self, ring_ids: Sequence[str], limit: int = 1000) -> dict[str, list[RingEvent]]:
        order = "run_id DESC, event, other_ring_id"
        found = self._all(
            "SELECT moment, run_id, ring_id, event, other_ring_id FROM event WHERE list_contains($rings, ring_id) "
            f"QUALIFY row_number() OVER (PARTITION BY ring_id ORDER BY {order}) <= $limit ORDER BY ring_id, {order}",
            {"rings": list(ring_ids), "limit": limit},
        )
        return _grouped(found, lambda row: row[2], rows.event)

    def events_after(self, place: EventPlace, limit: int = 1000) -> list[RingEvent]:
        found = self._all(
            "SELECT moment, run_id, ring_id, event, other_ring_id FROM event "
            "WHERE (run_id, ring_id, event, other_ring_id) > ($run, $ring, $event, $other) "
            "ORDER BY run_id, ring_id, event, other_ring_id LIMIT $limit",
            {
                "run": place.run_id,
                "ring": place.ring_id,
                "event": place.event,
                "other": place.other_ring_id,
                "limit": limit,
            },
        )
        return [rows.event(row) for row in found]

    def find_accounts(self, wanted: AccountFilter, limit: int = 100, after: str = "") -> list[str]:
        found = self._all(
            f"SELECT f.id FROM ({sql.ACCOUNTS}) f WHERE {sql.WANTED} ORDER BY f.id LIMIT $limit",
            _values(wanted, after, limit),
        )
        return [row[0] for row in found]

    def count_accounts(self, wanted: AccountFilter, limit: int) -> int:
        found = self._all(
            f"SELECT count(*) FROM (SELECT 1 FROM ({sql.ACCOUNTS}) f WHERE {sql.WANTED} LIMIT $limit)",
            _values(wanted, "", limit),
        )
        return int(found[0][0])

    def group_accounts(self, wanted: AccountFilter, by: str, limit: int = 100) -> list[AccountGroup]:
        if by not in ATTRIBUTES:
            raise ValueError(f"accounts are not counted by {by}")
        found = self._all(
            f"SELECT f.{by}, count(*) AS accounts, sum(f.requests)::BIGINT FROM ({sql.ACCOUNTS}) f WHERE {sql.WANTED} "
            f"GROUP BY ALL ORDER BY accounts DESC, f.{by} NULLS LAST LIMIT $limit",
            _values(wanted, "", limit),
        )
        return [AccountGroup(*row) for row in found]

    def _numbered(self, account_ids: Sequence[str]) -> dict[int, str]:
        """Returns those of the accounts that are known, by number."""
        if keyed := self._keyed():
            return keyed.numbers_of(account_ids)
        found = self._all("SELECT account, id FROM account WHERE list_contains($ids, id)", {"ids": list(account_ids)})
        return {row[0]: row[1] for row in found}


def _grouped(
    found: Iterable[rows.Row], name: Callable[[rows.Row], str], made: Callable[[rows.Row], T]
) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for row in found:
        groups[name(row)].append(made(row))
    return dict(groups)


def listed(numbers: Iterable[int]) -> str:
    """Returns numbers as a query lists them."""
    return ", ".join(map(str, numbers))


def numbers_of(keys: Sequence[str]) -> list[int]:
    """Returns keys as the file keeps them, without those that are none."""
    found = []
    for key in keys:
        try:
            number = int(key, 16)
        except ValueError:
            continue
        if 0 <= number < 1 << 64:
            found.append(number)
    return found


def _values(wanted: AccountFilter, after: str, limit: int) -> dict[str, Any]:
    given = wanted.values() | {"after": after, "limit": limit}
    return {name: rows.naive(value) if isinstance(value, datetime) else value for name, value in given.items()}

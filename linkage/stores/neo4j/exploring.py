"""Looking around in Neo4j: one query for many ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from linkage.model.filters import ATTRIBUTES, AccountFilter, AccountGroup, EventPlace
from linkage.model.rings import Identifier, Link, Member, Ring, RingEvent, Use
from linkage.stores.exploring import Exploring
from linkage.stores.neo4j import rows
from linkage.stores.neo4j.session import Row, Session

T = TypeVar("T")


class Neo4jExploring(Exploring):
    """The exploring part of the Neo4j store."""

    _session: Session

    def uses_of(self, account_ids: Sequence[str], limit: int = 1000) -> dict[str, list[Use]]:
        found = self._session.read("serve/list_uses", accounts=list(account_ids), limit=limit)
        return {name: [rows.use(one) for one in uses] for name, uses in found[0]["accounts"] if uses}

    def links_of(self, account_ids: Sequence[str], limit: int = 100) -> dict[str, list[Link]]:
        found = self._session.read("serve/list_links", accounts=list(account_ids), limit=limit)
        return _grouped(found, "of", rows.link)

    def users_of(self, keys: Sequence[str], limit: int = 1000, after: str = "") -> dict[str, list[str]]:
        found = self._session.read("serve/list_users", keys=list(keys), after=after, limit=limit)
        return _grouped(found, "key", lambda row: str(row["account_id"]))

    def identifiers(self, keys: Sequence[str]) -> dict[str, Identifier]:
        found = self._session.read("serve/list_identifiers", keys=list(keys))
        return {row["key"]: rows.identifier(row) for row in found}

    def rings_by_id(self, ring_ids: Sequence[str]) -> dict[str, Ring]:
        found = self._session.read("serve/list_given_rings", rings=list(ring_ids))
        return {row["ring_id"]: rows.ring(row) for row in found}

    def members_of(self, ring_ids: Sequence[str], limit: int = 100_000) -> dict[str, list[Member]]:
        found = self._session.read("serve/list_members", rings=list(ring_ids), limit=limit)
        return {
            row["ring_id"]: [rows.member(row["ring_id"], *one) for one in row["members"]]
            for row in found
            if row["members"]
        }

    def ring_links_of(self, ring_ids: Sequence[str], limit: int = 10_000) -> dict[str, list[Link]]:
        found = self._session.read("serve/list_ring_links", rings=list(ring_ids), limit=limit)
        return _grouped(found, "ring_id", rows.link)

    def events_of(self, ring_ids: Sequence[str], limit: int = 1000) -> dict[str, list[RingEvent]]:
        found = self._session.read("serve/list_ring_events", rings=list(ring_ids), limit=limit)
        return _grouped(found, "ring_id", rows.event)

    def events_after(self, place: EventPlace, limit: int = 1000) -> list[RingEvent]:
        found = self._session.read(
            "serve/list_new_events",
            run=place.run_id,
            ring=place.ring_id,
            event=place.event,
            other=place.other_ring_id,
            limit=limit,
        )
        return [rows.event(row) for row in found]

    def find_accounts(self, wanted: AccountFilter, limit: int = 100, after: str = "") -> list[str]:
        found = self._session.read("serve/list_found_accounts", **_params(wanted), after=after, limit=limit)
        return [row["account_id"] for row in found]

    def count_accounts(self, wanted: AccountFilter, limit: int) -> int:
        found = self._session.read("serve/count_accounts", **_params(wanted), after="", limit=limit)
        return int(found[0]["accounts"])

    def group_accounts(self, wanted: AccountFilter, by: str, limit: int = 100) -> list[AccountGroup]:
        if by not in ATTRIBUTES:
            raise ValueError(f"accounts are not counted by {by}")
        found = self._session.read("serve/list_account_groups", **_params(wanted), after="", by=by, limit=limit)
        return [AccountGroup(**row) for row in found]


def _grouped(found: Iterable[Row], name: str, made: Callable[[Row], T]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for row in found:
        groups[row[name]].append(made(row))
    return dict(groups)


def _params(wanted: AccountFilter) -> dict[str, Any]:
    """Returns the conditions as parameters; times with a zone by offset, as all times of the store are."""
    return {
        name: rows.by_offset(value) if isinstance(value, datetime) else value for name, value in wanted.values().items()
    }

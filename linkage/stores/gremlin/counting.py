"""Choosing and counting accounts by their attributes: part by part along the index of parts, never by a scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import P, TextP

from linkage.model.filters import ATTRIBUTES, AccountFilter, AccountGroup
from linkage.model.rings import Role
from linkage.stores.base import GraphCounts
from linkage.stores.exploring import Exploring
from linkage.stores.gremlin import rows
from linkage.stores.gremlin.batches import PROPERTIES
from linkage.stores.gremlin.ids import bucket_groups
from linkage.stores.gremlin.published import Published
from linkage.stores.gremlin.session import g

_NONE = "\0"
"""Stands for no value: no text of facts holds it."""

_BOUNDS = {
    "created_from": ("created_at", P.gte),
    "created_until": ("created_at", P.lt),
    "seen_from": ("last_seen", P.gte),
    "seen_until": ("last_seen", P.lt),
}


class GremlinCounting(Published, Exploring):
    """The part of the Gremlin store that looks at all accounts."""

    def find_accounts(self, wanted: AccountFilter, limit: int = 100, after: str = "") -> list[str]:
        found = [
            self._session.rows("find accounts", asked.values("name").order().limit(limit))
            for asked in self._wanted(wanted, after)
        ]
        return list(islice(merge(*map(sorted, found)), limit))

    def count_accounts(self, wanted: AccountFilter, limit: int) -> int:
        count = 0
        for asked in self._wanted(wanted, ""):
            if count < limit:
                count += self._session.one("count accounts", asked.limit(limit - count).count())
        return count

    def group_accounts(self, wanted: AccountFilter, by: str, limit: int = 100) -> list[AccountGroup]:
        if by not in ATTRIBUTES:
            raise ValueError(f"accounts are not counted by {by}")
        counts: Counter[str] = Counter()
        requests: Counter[str] = Counter()
        value = __.coalesce(__.values(PROPERTIES.get(by, by)), __.constant(_NONE))
        for asked in self._wanted(wanted, ""):
            pairs = asked.project("v", "r").by(value).by("requests")
            found = self._session.one("count accounts", pairs.group().by("v").by(__.select("r").fold()))
            for name, each in (found or {}).items():
                counts[name] += len(each)
                requests[name] += sum(each)
        groups = [
            AccountGroup(None if name == _NONE else name, count, requests[name]) for name, count in counts.items()
        ]
        return sorted(groups, key=lambda one: (-one.accounts, one.value is None, one.value or ""))[:limit]

    def counts(self) -> GraphCounts:
        found = self._snapshot()
        return GraphCounts(
            accounts=self._count("Account"),
            identifiers=self._count("Identifier"),
            uses=self._count("Account", __.out_e("USED")),
            links=self._count("Account", __.out_e("LINKED")),
            rings=len(found.living()) if found else 0,
        )

    def _count(self, label: str, what: Any = None) -> int:
        """Returns how many vertices of a label there are, or edges that leave them."""
        parts = (_part(group) for group in bucket_groups(label))
        asked = (part if what is None else part.flat_map(what) for part in parts)
        return sum(self._session.one(f"count {label}", one.count()) for one in asked)

    def _wanted(self, wanted: AccountFilter, after: str) -> Iterator[Any]:
        """Yields traversals of the accounts that are wanted, one for some of the parts each."""
        found = self._snapshot() if wanted.in_ring is not None else None
        for group in bucket_groups("Account"):
            asked = _part(group)
            asked = asked.has("name", P.gt(after)) if after else asked
            asked = asked.has("name", TextP.starting_with(wanted.prefix)) if wanted.prefix else asked
            for name in ATTRIBUTES:
                values = getattr(wanted, name)
                asked = asked if values is None else asked.has(PROPERTIES.get(name, name), P.within(list(values)))
            for name, (key, test) in _BOUNDS.items():
                moment = getattr(wanted, name)
                asked = asked if moment is None else asked.has(key, test(rows.micros(moment)))
            for least, test in ((wanted.least_requests, P.gte), (wanted.most_requests, P.lte)):
                asked = asked if least is None else asked.has("requests", test(least))
            yield asked if wanted.in_ring is None else _in_ring(asked, wanted.in_ring, found.stamp if found else "")


def _part(group: list[str]) -> Any:
    return g.V().has("bucket", P.within(group))


def _in_ring(asked: Any, wanted: bool, stamp: str) -> Any:
    roles = [Role.CORE.value, Role.MEMBER.value]
    inside = __.out_e("MEMBER_OF").has("stamp", stamp).has("role", P.within(roles))
    return asked.where(inside) if wanted else asked.not_(inside)

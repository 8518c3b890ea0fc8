"""Looking around in a Gremlin store: one request for many ids, each found by its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import Order, P

from linkage.model.filters import EventPlace
from linkage.model.rings import Identifier, Link, Member, Ring, RingEvent, Use
from linkage.stores.exploring import Exploring
from linkage.stores.gremlin import documents, rows
from linkage.stores.gremlin.history import newest
from linkage.stores.gremlin.published import Published
from linkage.stores.gremlin.publishing import members
from linkage.stores.gremlin.session import chunks, g

AT_ONCE = 200
"""Vertices of one request whose surroundings are read too."""


class GremlinExploring(Published, Exploring):
    """The exploring part of the Gremlin store."""

    def uses_of(self, account_ids: Sequence[str], limit: int = 1000) -> dict[str, list[Use]]:
        used = (
            __.out_e("USED")
            .project("e", "i")
            .by(__.value_map("days", "requests", "first_seen", "last_seen"))
            .by(__.in_v().value_map(*_THING).by(__.unfold()))
            .order()
            .by(__.select("i").select("bits"), Order.desc)
            .by(__.select("i").select("kind"))
            .by(__.select("i").select("name"))
            .limit(limit)
            .fold()
        )
        found = self._around("Account", account_ids, used)
        return {name: [rows.use(row["i"], row["e"]) for row in group] for name, group in found.items()}

    def links_of(self, account_ids: Sequence[str], limit: int = 100) -> dict[str, list[Link]]:
        linked = (
            __.union(
                __.out_e("LINKED").project("is", "bits", "other").by("body").by("bits").by("account_b"),
                __.in_e("LINKED").project("is", "bits", "other").by("body").by("bits").by("account_a"),
            )
            .order()
            .by(__.select("bits"), Order.desc)
            .by(__.select("other"))
            .limit(limit)
            .select("is")
            .fold()
        )
        found = self._around("Account", account_ids, linked)
        return {name: [rows.link(body) for body in group] for name, group in found.items()}

    def users_of(self, keys: Sequence[str], limit: int = 1000, after: str = "") -> dict[str, list[str]]:
        used = __.in_e("USED").has("account_id", P.gt(after)).values("account_id").order().limit(limit).fold()
        return self._around("Identifier", keys, used)

    def identifiers(self, keys: Sequence[str]) -> dict[str, Identifier]:
        found = documents.by_id(self._session, list(self._ids.named("Identifier", keys)), (*_THING, *_SEEN))
        return {row["name"]: rows.identifier(row) for row in sorted(found, key=lambda row: str(row["name"]))}

    def rings_by_id(self, ring_ids: Sequence[str]) -> dict[str, Ring]:
        found = self._snapshot()
        return {one.ring_id: one for one in self._rings(found, sorted(set(ring_ids)))} if found else {}

    def members_of(self, ring_ids: Sequence[str], limit: int = 100_000) -> dict[str, list[Member]]:
        found = self._snapshot()
        groups: dict[str, list[Member]] = defaultdict(list)
        wanted = sorted(name for name in set(ring_ids) if name in found.rings) if found else []
        for row in members(self._session, self._ids, found.stamp, wanted) if found else ():
            groups[row["ring_id"]].append(rows.member(row))
        for group in groups.values():
            group.sort(key=lambda one: (rows.ROLES[one.role], -one.bits, one.account_id))
        return {name: group[:limit] for name, group in sorted(groups.items())}

    def ring_links_of(self, ring_ids: Sequence[str], limit: int = 10_000) -> dict[str, list[Link]]:
        found = self._snapshot()
        wanted = sorted(name for name in set(ring_ids) if name in found.rings) if found else []
        groups: dict[str, list[Link]] = {}
        for name, ring in zip(wanted, self._ids.named("Ring", wanted), strict=True):
            row = self._session.one("read links", _around_members(ring, found.stamp if found else ""))
            if len(row["accounts"]) <= AT_ONCE:
                groups[name] = _inside(row["links"], set(row["accounts"]))[:limit]
            else:
                accounts = {one.account_id for one in self.members_of([name])[name]}
                groups[name] = self._links_between(accounts, limit)
        return {name: links for name, links in groups.items() if links}

    def _links_between(self, accounts: set[str], limit: int) -> list[Link]:
        """Returns links between accounts, by the two ids; accounts come in order, so the first links are enough."""
        links: list[Link] = []
        for part in chunks(sorted(accounts), AT_ONCE):
            asked = g.V(*self._ids.named("Account", part)).out_e("LINKED").values("body")
            links += _inside(self._session.rows("read links", asked), accounts)
            if len(links) >= limit:
                break
        return links[:limit]

    def events_of(self, ring_ids: Sequence[str], limit: int = 1000) -> dict[str, list[RingEvent]]:
        found = self._snapshot()
        kept = documents.of_rings(self._session, "RingEvent", sorted(set(ring_ids))) if found else []
        groups: dict[str, list[RingEvent]] = defaultdict(list)
        for one in newest(self._valid(found, kept)) if found else ():
            groups[one.ring_id].append(one)
        return {name: group[:limit] for name, group in sorted(groups.items())}

    def events_after(self, place: EventPlace, limit: int = 1000) -> list[RingEvent]:
        found = self._snapshot()
        behind = (place.run_id, place.ring_id, place.event, place.other_ring_id)
        events: list[RingEvent] = []
        for run in sorted(run for run in found.runs if run >= place.run_id) if found else ():
            if found and len(events) < limit:
                kept = newest(documents.of_runs(self._session, "RingEvent", [found.runs[run]]))
                events += [one for one in kept if (one.run_id, one.ring_id, one.event, one.other_ring_id) > behind]
        return events[:limit]

    def _around(self, label: str, names: Sequence[str], what: Any) -> dict[str, list[Any]]:
        """Returns what a traversal finds around each of the vertices, by name; names without anything are left out."""
        wanted = self._ids.named(label, sorted(set(names)))
        found: dict[str, list[Any]] = {}
        for part in chunks(list(wanted), AT_ONCE):
            asked = g.V(*part).project("of", "is").by("name").by(what)
            found |= {row["of"]: row["is"] for row in self._session.rows(f"read around {label}", asked) if row["is"]}
        return {name: found[name] for name in wanted.values() if name in found}


def _around_members(ring: Any, stamp: str) -> Any:
    """Returns the traversal that yields a ring's accounts, and the links that they have with whomever.

    It takes one account more than a request is for: where that one is there, the links are not all. It has no traversal
    inside another, since JanusGraph reads the surroundings of many vertices at once only then. Which links are the
    ring's own is told here: there it would cost a look at each link's values, more than to send the few others.
    """
    return (
        g.V(ring)
        .in_e("MEMBER_OF")
        .has("stamp", stamp)
        .limit(AT_ONCE + 1)
        .as_("member")
        .values("account_id")
        .aggregate("accounts")
        .select("member")
        .out_v()
        .out_e("LINKED")
        .values("body")
        .aggregate("links")
        .cap("accounts", "links")
    )


def _inside(bodies: Iterable[str], accounts: set[str]) -> list[Link]:
    """Returns those of the links that are between the accounts, by the two ids."""
    links = [one for one in map(rows.link, bodies) if one.account_b in accounts]
    return sorted(links, key=lambda one: (one.account_a, one.account_b))


_SEEN = ("first_seen", "last_seen")
_THING = ("name", "kind", "facet", "place", "degree", "bits")

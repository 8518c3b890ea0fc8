"""Erasing in a Gremlin store: nothing is found by a scan of it, and every request can be sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import P
from gremlin_python.statics import long

from linkage.model.kinds import BY_NAME
from linkage.model.rings import Role
from linkage.stores.erasing import Erasing, Traces
from linkage.stores.gremlin import documents, rows
from linkage.stores.gremlin.batches import value
from linkage.stores.gremlin.directory import Directory
from linkage.stores.gremlin.ids import bucket_groups
from linkage.stores.gremlin.published import Published
from linkage.stores.gremlin.publishing import members
from linkage.stores.gremlin.session import chunks, g

AT_ONCE = 200
EDGES_AT_ONCE = 1000
_LONE = BY_NAME["prompt"].name
_STAYS = ("Stay", "StayEnd")


class GremlinErasing(Published, Erasing):
    """The part of the Gremlin store that erases."""

    def traces(self, account_ids: Sequence[str], keys: Sequence[str]) -> Traces:
        accounts, things = self._accounts(account_ids), [self._ids.of("Identifier", key) for key in keys]
        found, wanted = self._snapshot(), set(account_ids)
        users = (one for part in chunks(things, AT_ONCE) for one in self._all(g.V(*part).in_e("USED").out_v().id_()))
        return Traces(
            accounts=self._counted(accounts, __.identity()),
            identifiers=self._counted(things, __.identity()),
            uses=self._counted(accounts, __.out_e("USED")) + sum(value(one) not in accounts for one in users),
            links=self._links(accounts),
            memberships=self._counted(accounts, __.out_e("MEMBER_OF").has("stamp", found.stamp)) if found else 0,
            stays=sum(row["account_id"] in wanted for _, row in self._stay_documents(("Stay",))),
        )

    def erase(self, account_ids: Sequence[str], keys: Sequence[str]) -> None:
        accounts, things = self._accounts(account_ids), [self._ids.of("Identifier", key) for key in keys]
        found = self._snapshot()
        if found:
            self._shrink(found, accounts, set(account_ids))
        self._drop_stays(set(account_ids))
        for part in chunks(accounts, AT_ONCE):
            self._drop_unused(part, accounts)
        for part in chunks([*accounts, *things], AT_ONCE):
            while self._all(g.V(*part).both_e().limit(1).count()) != [0]:
                self._all(g.V(*part).both_e().limit(EDGES_AT_ONCE).drop())
            self._all(g.V(*part).drop())

    def _accounts(self, account_ids: Sequence[str]) -> list[Any]:
        return [self._ids.of("Account", one) for one in account_ids]

    def _all(self, asked: Any) -> list[Any]:
        return self._session.rows("erase", asked)

    def _counted(self, vertices: Sequence[Any], what: Any) -> int:
        parts = chunks(vertices, AT_ONCE)
        return sum(int(self._session.one("count traces", g.V(*part).flat_map(what).count()) or 0) for part in parts)

    def _links(self, accounts: Sequence[Any]) -> int:
        """Counts links with an end among the accounts, those with both of them once."""
        within = set(accounts)
        into = (one for part in chunks(accounts, AT_ONCE) for one in self._all(g.V(*part).in_e("LINKED").out_v().id_()))
        return self._counted(accounts, __.out_e("LINKED")) + sum(value(one) not in within for one in into)

    def _shrink(self, found: Directory, accounts: Sequence[Any], gone: set[str]) -> None:
        """Counts the members of the rings of these accounts without them; called again, it counts the same."""
        held: set[str] = set()
        for part in chunks(accounts, AT_ONCE):
            asked = g.V(*part).out_e("MEMBER_OF").has("stamp", found.stamp).in_v().values("name")
            held |= set(self._all(asked))
        left = dict.fromkeys(held, 0)
        for row in members(self._session, self._ids, found.stamp, sorted(held)):
            told = {name: one[0] if isinstance(one, list) else one for name, one in row.items()}
            if told["account_id"] not in gone and told["role"] != Role.BYSTANDER.value:
                left[told["ring_id"]] += 1
        for ring_id, size in sorted(left.items()):
            version = self._ids.of("RingVersion", found.rings[ring_id].stamp, ring_id)
            self._all(g.V(version).property("size", long(size)).count())

    def _drop_stays(self, gone: set[str]) -> None:
        for label, row in self._stay_documents(_STAYS):
            if row["account_id"] in gone:
                names = (row["ring_id"], row["account_id"], row["role"])
                self._all(g.V(self._ids.of(label, row["stamp"], *names)).drop())

    def _stay_documents(self, labels: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields who came into rings and left them, as every run wrote it, those too that failed or were followed."""
        found = self._snapshot()
        stamps = set(found.runs.values()) if found else set()
        for group in bucket_groups("Attempt"):
            stamps |= set(self._all(g.V().has("bucket", P.within(group)).values("name")))
        for label in labels:
            for row in documents.of_runs(self._session, label, sorted(stamps)):
                yield label, rows.known(row)

    def _drop_unused(self, part: Sequence[Any], accounts: Sequence[Any]) -> None:
        """Removes identifiers that are none without these accounts, while their uses still tell which those are."""
        others = __.in_("USED").where(__.id_().is_(P.without([value(one) for one in accounts]))).limit(2).count()
        things = [value(one) for one in self._all(g.V(*part).out("USED").dedup().id_())]
        for some in chunks(things, AT_ONCE):
            asked = g.V(*some).project("i", "k", "n").by(__.id_()).by("kind").by(others)
            told = self._session.rows("find unused", asked)
            unused = [value(row["i"]) for row in told if row["n"] < (2 if row["k"] == _LONE else 1)]
            if unused:
                self._all(g.V(*unused).drop())

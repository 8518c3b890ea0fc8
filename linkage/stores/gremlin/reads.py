"""Reading the graph and the current run from a Gremlin store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import P

from linkage.kernels.forest import components as find_components
from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.rings import Account, Member, Ring, Role, Run
from linkage.model.weights import BEHAVIOUR_GRADE, GRADES
from linkage.stores.base import GraphTables, Store
from linkage.stores.gremlin import documents, rows
from linkage.stores.gremlin.batches import PROPERTIES
from linkage.stores.gremlin.counting import GremlinCounting
from linkage.stores.gremlin.decisions import GremlinDecisions
from linkage.stores.gremlin.erasing import GremlinErasing
from linkage.stores.gremlin.exploring import AT_ONCE, GremlinExploring
from linkage.stores.gremlin.history import GremlinHistory
from linkage.stores.gremlin.ids import bucket_groups
from linkage.stores.gremlin.publishing import members
from linkage.stores.gremlin.session import chunks, g

if TYPE_CHECKING:
    import pyarrow as pa

_ACCOUNT = {"id": "name", **PROPERTIES}
_IDENTIFIER = {"key": "name"}
_USE = {"key": "ekey"}


class GremlinReads(GremlinExploring, GremlinCounting, GremlinHistory, GremlinDecisions, GremlinErasing, Store):
    """The reading half of the port; every request stands alone, from any thread."""

    _last_run: tuple[str, Run | None] = ("", None)
    """The stamp that was read last and its run, which never changes."""

    def loaded_through(self) -> int:
        return int(self._session.one("read load", g.V(self._ids.of("Current", "load")).values("number")) or 0)

    def components(self) -> pa.Table:
        """Returns components found in the process: what a store finds itself depends on its ids and its memory."""
        import numpy as np
        import pyarrow as pa

        asked = __.out_e("LINKED").has("grade", GRADES[BEHAVIOUR_GRADE]).project("a", "b")
        found = [row for rows_ in self._of_accounts(asked.by("account_a").by("account_b")) for row in rows_]
        names = sorted({name for row in found for name in row.values()})
        number = {name: at for at, name in enumerate(names)}
        a, b = (np.array([number[row[end]] for row in found], np.int32) for end in ("a", "b"))
        label = find_components(a, b, len(names)).astype(np.int64)
        first: dict[int, int] = {}
        numbered = [first.setdefault(one, len(first)) for one in label.tolist()]
        return pa.table({"account_id": pa.array(names, pa.string()), "component": pa.array(numbered, pa.int64())})

    def link_table(self) -> Iterator[pa.Table]:
        """Yields links by account; the accounts' ids alone are held in memory."""
        linked = (name for some in self._of_accounts(__.where(__.out_e("LINKED")).values("name")) for name in some)
        for part in chunks(sorted(linked), AT_ONCE * 5):
            asked = g.V(*self._ids.named("Account", part)).out_e("LINKED").values("body")
            found = map(rows.link_values, self._session.rows("read links", asked))
            yield rows.table(sorted(found, key=lambda row: (row["account_a"], row["account_b"])), links_schema())

    def _of_accounts(self, what: Any) -> Iterator[list[Any]]:
        """Yields what a traversal finds from all accounts, part by part."""
        for group in bucket_groups("Account"):
            yield self._session.rows("read links", g.V().has("bucket", P.within(group)).flat_map(what))

    def current_run(self) -> Run | None:
        found = self._snapshot()
        if not found:
            return None
        stamp, run = self._last_run
        if stamp != found.stamp:
            run = next(iter(self._runs([found.stamp])), None)
            self._last_run = found.stamp, run
        return run

    def runs(self, limit: int = 100) -> list[Run]:
        found = self._snapshot()
        newest = sorted(found.runs, reverse=True)[:limit] if found else []
        return self._runs([found.runs[run] for run in newest]) if found else []

    def _runs(self, stamps: Sequence[str]) -> list[Run]:
        kept = documents.by_id(self._session, [self._ids.of("Run", stamp) for stamp in stamps])
        return sorted(map(rows.run, kept), key=lambda run: run.run_id, reverse=True)

    def account(self, account_id: str) -> Account | None:
        return self.accounts([account_id]).get(account_id)

    def accounts(self, account_ids: Sequence[str]) -> dict[str, Account]:
        found = self._snapshot()
        wanted = self._ids.named("Account", sorted(set(account_ids)))
        inside = __.out_e("MEMBER_OF").has("stamp", found.stamp if found else "")
        joined = inside.value_map("account_id", "ring_id", "role", "bits")
        accounts: dict[str, Account] = {}
        for part in chunks(list(wanted), AT_ONCE):
            # one row of all values is read faster than one of some
            asked = g.V(*part).union(__.value_map().by(__.unfold()), joined)
            known: list[Mapping[str, Any]] = []
            rings: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
            for row in self._session.rows("read accounts", asked):
                if "account_id" in row:
                    rings[row["account_id"]].append(row)
                else:
                    known.append(row)
            accounts |= {row["name"]: _account(row, rings[row["name"]]) for row in known}
        return {name: accounts[name] for name in wanted.values() if name in accounts}

    def pair_tables(self, account_ids: Sequence[str]) -> GraphTables:
        wanted = self._ids.named("Account", account_ids)
        uses = [
            row
            for part in chunks(list(wanted), AT_ONCE)
            for row in self._session.rows("read uses", g.V(*part).out_e("USED").value_map())
        ]
        users: dict[str, int] = {}
        for row in uses:
            users[row["ekey"]] = users.get(row["ekey"], 0) + 1
        shared = sorted(key for key, count in users.items() if count > 1)
        keys = self._ids.named("Identifier", shared)
        return _tables(
            documents.by_id(self._session, list(wanted)),
            documents.by_id(self._session, list(keys)),
            [row for row in uses if users[row["ekey"]] > 1],
        )

    def sharing_tables(self, keys: Sequence[str], limit: int = 256) -> GraphTables:
        things = documents.by_id(self._session, list(self._ids.named("Identifier", set(keys))))
        few = self._ids.named("Identifier", [row["name"] for row in things if row["degree"] <= limit])
        uses = [
            row
            for part in chunks(list(few), AT_ONCE)
            for row in self._session.rows("read uses", g.V(*part).in_e("USED").value_map())
        ]
        return _tables([], things, uses)

    def account_tables(self, account_ids: Sequence[str]) -> list[pa.Table]:
        wanted = list(self._ids.named("Account", sorted(set(account_ids))))
        return list(_tables(documents.by_id(self._session, wanted), [], []).accounts)

    def rings(self, limit: int = 100, after: str | None = None) -> list[Ring]:
        found = self._snapshot()
        if not found:
            return []
        order = found.living()
        if after is not None:
            last = found.rings.get(after)
            if last is None:
                return []
            order = [name for name in order if (-found.rings[name].score, name) > (-last.score, after)]
        return self._rings(found, order[:limit])

    def all_members(self, roles: Sequence[Role] = tuple(Role)) -> list[Member]:
        found = self._snapshot()
        kept = members(self._session, self._ids, found.stamp, found.filled()) if found else []
        wanted = [one for one in map(rows.member, kept) if one.role in roles]
        return sorted(wanted, key=lambda one: (one.ring_id, one.account_id))


def _account(row: Mapping[str, Any], joined: Iterable[Mapping[str, Any]]) -> Account:
    """Returns an account with the ring of its strongest role and most bits."""
    best = min(joined, key=lambda one: (rows.ROLES[Role(one["role"])], -one["bits"], one["ring_id"]), default=None)
    return rows.account(row, best["ring_id"] if best else None, Role(best["role"]) if best else None)


def _tables(
    accounts: list[dict[str, Any]], identifiers: list[dict[str, Any]], uses: list[dict[str, Any]]
) -> GraphTables:
    accounts.sort(key=lambda row: str(row["name"]))
    identifiers.sort(key=lambda row: str(row["name"]))
    uses.sort(key=lambda row: (row["account_id"], row["ekey"]))
    return GraphTables(
        [rows.table(accounts, accounts_schema(), _ACCOUNT)],
        [rows.table(identifiers, identifiers_schema(), _IDENTIFIER)],
        [rows.table(uses, uses_schema(), _USE)],
    )

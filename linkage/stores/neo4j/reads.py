"""Reading the graph and the current run from Neo4j."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.rings import Account, Member, Ring, Role, Run
from linkage.stores.base import GraphCounts, GraphTables, Standing, Store
from linkage.stores.neo4j import rows
from linkage.stores.neo4j.decisions import Neo4jDecisions
from linkage.stores.neo4j.erasing import Neo4jErasing
from linkage.stores.neo4j.exploring import Neo4jExploring
from linkage.stores.neo4j.history import Neo4jHistory
from linkage.stores.neo4j.sealed import Neo4jSealed
from linkage.stores.neo4j.session import Session

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_ROWS = 100_000


class Neo4jReads(Neo4jExploring, Neo4jHistory, Neo4jDecisions, Neo4jSealed, Neo4jErasing, Store):
    """The reading half of the port; every read is one query in a session of its own, from any thread."""

    _session: Session

    def counts(self) -> GraphCounts:
        return GraphCounts(**self._session.read("serve/count_graph")[0])

    def loaded_through(self) -> int:
        found = self._session.read("load/find_loaded")
        return int(found[0]["load"]) if found else 0

    def link_table(self) -> Iterator[pa.Table]:
        for batch in self._session.columns("serve/stream_links", TABLE_ROWS):
            yield rows.table(batch, links_schema())

    def current_run(self) -> Run | None:
        found = self._session.read("serve/find_current_run")
        return rows.run(found[0]) if found else None

    def standing(self) -> Standing:
        found, bookmark = self._session.marked("serve/find_current_run")
        return Standing(rows.run(found[0]) if found else None, bookmark)

    def runs(self, limit: int = 100) -> list[Run]:
        return [rows.run(row) for row in self._session.read("serve/list_runs", limit=limit)]

    def account(self, account_id: str) -> Account | None:
        return self.accounts([account_id]).get(account_id)

    def accounts(self, account_ids: Sequence[str]) -> dict[str, Account]:
        found = self._session.read("serve/list_accounts", ids=list(account_ids))
        return {values[0]: rows.account(values) for values in found[0]["accounts"]}

    def pair_tables(self, account_ids: Sequence[str]) -> GraphTables:
        return GraphTables(self.account_tables(account_ids), *self._tables("pair", ids=list(account_ids)))

    def sharing_tables(self, keys: Sequence[str], limit: int = 256) -> GraphTables:
        return GraphTables((), *self._tables("sharing", keys=list(keys), limit=limit))

    def account_tables(self, account_ids: Sequence[str]) -> list[pa.Table]:
        found = self._session.columns("serve/list_pair_accounts", TABLE_ROWS, ids=list(account_ids))
        return [rows.table(batch, accounts_schema()) for batch in found]

    def _tables(self, name: str, **params: Any) -> list[list[pa.Table]]:
        """Returns the tables of identifiers, and those of uses."""
        parts = {"identifiers": identifiers_schema(), "uses": uses_schema()}
        return [
            [
                rows.table(batch, schema)
                for batch in self._session.columns(f"serve/list_{name}_{part}", TABLE_ROWS, **params)
            ]
            for part, schema in parts.items()
        ]

    def rings(self, limit: int = 100, after: str | None = None) -> list[Ring]:
        return [rows.ring(row) for row in self._session.read("serve/list_rings", after=after, limit=limit)]

    def all_members(self, roles: Sequence[Role] = tuple(Role)) -> list[Member]:
        found = self._session.read("serve/list_all_members", roles=[role.value for role in roles])
        return [rows.member(*row.values()) for row in found]

"""The embedded store over one working file."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from linkage.errors import StoreError
from linkage.kernels.forest import components as find_components
from linkage.model.columns import read_links
from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.rings import Account, Member, Ring, Role, Run
from linkage.model.weights import BEHAVIOUR_GRADE
from linkage.stores.base import Capability, GraphCounts, GraphTables, Publication, Standing, Store
from linkage.stores.duckdb import rows, sql, writes
from linkage.stores.duckdb.decisions import DuckDBDecisions
from linkage.stores.duckdb.erasing import DuckDBErasing
from linkage.stores.duckdb.exploring import DuckDBExploring, listed
from linkage.stores.duckdb.history import DuckDBHistory
from linkage.stores.duckdb.interrupt import interrupting
from linkage.stores.duckdb.numbered import numbered_graph
from linkage.stores.duckdb.sealed import DuckDBSealed
from linkage.stores.duckdb.sharing import DuckDBSharing
from linkage.working import ATTACHED, WorkingFile
from linkage.working.decisions import DecisionFile

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from linkage.working.keyed import Keyed

BATCH_ROWS = 200_000


class DuckDBStore(DuckDBExploring, DuckDBHistory, DuckDBDecisions, DuckDBSealed, DuckDBSharing, DuckDBErasing, Store):
    """Reads the working file as it stands; after a writer has replaced it, the next read sees the new one."""

    capabilities = frozenset({Capability.EMBEDDED, Capability.CONCURRENT_READS, Capability.SEALED_VALUES})

    def __init__(self, working: WorkingFile) -> None:
        self._working = working
        self._kept = DecisionFile(working.beside(".decisions"))
        self._opened: tuple[tuple[int, int], duckdb.DuckDBPyConnection] | None = None
        self._mapped: tuple[duckdb.DuckDBPyConnection, Keyed | None] | None = None
        self._guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"duckdb:{self._working.path}"

    def close(self) -> None:
        with self._guard:
            if self._opened is not None:
                self._opened[1].close()
                self._opened = self._mapped = None

    def ping(self) -> None:
        self._connection()

    def prepare(self) -> None:
        """Needs nothing: the working file makes its own tables."""

    def counts(self) -> GraphCounts:
        accounts, links = (self._one(f"SELECT count(*) FROM {name}")[0] for name in ("account", "link"))
        identifiers, uses = self._one(f"SELECT count(*), coalesce(sum(degree), 0) FROM identifier i WHERE {sql.NODE}")
        rings = self._one(f"SELECT count(*) FROM ring r WHERE {sql.LIVING}")[0]
        return GraphCounts(accounts, identifiers, int(uses), links, rings)

    def load(self, graph: GraphTables) -> None:
        """Needs nothing: the graph is the working file's own tables."""

    def replace_links(self, links: Iterable[pa.Table], run_id: str) -> None:
        """Needs nothing: the links are the working file's own table."""

    def remove_uses(self, uses: Iterable[pa.Table]) -> None:
        """Needs nothing: the working file removes its own (see `derive.forget`)."""

    def loaded_through(self) -> int:
        return int(self._one("SELECT coalesce(max(load), 0) FROM source")[0])

    def mark_loaded(self, load: int) -> None:
        """Needs nothing: the working file notes its own loads."""

    def components(self) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        con = self._connection()
        links = read_links(con)
        links = links.take(links.grade == BEHAVIOUR_GRADE)
        nodes = np.unique(np.concatenate((links.a, links.b)))
        label = find_components(links.a, links.b, int(nodes.max()) + 1 if len(nodes) else 0)
        con.register("found", pa.table({"account": nodes, "component": label[nodes].astype(np.int64)}))
        table = con.sql(
            "SELECT id AS account_id, component FROM found JOIN account USING (account) ORDER BY id"
        ).to_arrow_table()
        con.close()
        return table

    def link_table(self) -> Iterator[pa.Table]:
        return self._batches(sql.LINK_ROWS + " ORDER BY account_a, account_b", links_schema())

    def graph(self, after: int = 0) -> GraphTables:
        """Returns the graph for another store that holds all loads through `after`.

        Accounts and identifiers come whole, since what sharing is worth depends on all of them; uses only of
        identifiers that a later load touched (a prompt becomes a node when a second account sends it).
        """
        touched = "(FROM use WHERE load > $after) t ON t.key = u.key"
        return GraphTables(
            self._batches(sql.ACCOUNT_ROWS + " ORDER BY a.id", accounts_schema()),
            self._batches(sql.IDENTIFIER_ROWS + " ORDER BY key", identifiers_schema()),
            self._batches(
                f"{sql.USE_ROWS} {'SEMI JOIN ' + touched if after else ''} GROUP BY a.id, u.key ORDER BY a.id, u.key",
                uses_schema(),
                {"after": after} if after else None,
            ),
        )

    def numbered_graph(self) -> GraphTables:
        """Returns the whole graph for `bulk_import`: its uses name their ends by number."""
        return numbered_graph(self._connection)

    def publish(self, publication: Publication) -> None:
        self.close()
        with self._working.write() as con:
            writes.publish(con, publication)

    def current_run(self) -> Run | None:
        found = self._all(
            f"SELECT {sql.RUN_COLUMNS} FROM run WHERE run_id = (SELECT value FROM meta WHERE name = 'current_run')"
        )
        return rows.run(found[0]) if found else None

    def standing(self) -> Standing:
        """Marks the file by its number and time: a writer puts another in its place."""
        mark = "{}-{}".format(*_identity(self._working))
        return Standing(self.current_run(), mark)

    def runs(self, limit: int = 100) -> list[Run]:
        query = f"SELECT {sql.RUN_COLUMNS} FROM run ORDER BY run_id DESC LIMIT ?"
        return [rows.run(row) for row in self._all(query, [limit])]

    def account(self, account_id: str) -> Account | None:
        return self.accounts([account_id]).get(account_id)

    def accounts(self, account_ids: Sequence[str]) -> dict[str, Account]:
        numbers = listed(self._numbered(account_ids)) or "NULL"
        found = self._all(
            f"SELECT f.*, m.ring_id, m.role FROM ({sql.accounts(numbers)}) f "
            "LEFT JOIN (FROM member WHERE account_id IN (SELECT unnest($ids))) m ON m.account_id = f.id "
            f"ORDER BY {sql.ROLE_ORDER} DESC",
            {"ids": list(account_ids)},
        )
        return {row[0]: rows.account(row, row[11], row[12]) for row in found}  # the first of several roles comes last

    def memberships(self, account_ids: Sequence[str]) -> dict[str, tuple[str, Role]]:
        query = (
            "SELECT account_id, ring_id, role FROM member WHERE account_id IN (SELECT unnest($ids)) "
            f"ORDER BY {sql.ROLE_ORDER} DESC"
        )
        return {row[0]: (row[1], Role(row[2])) for row in self._all(query, {"ids": list(account_ids)})}

    def pair_tables(self, account_ids: Sequence[str]) -> GraphTables:
        numbers = listed(self._numbered(account_ids)) or "-1"  # given as they are, they are looked for where they lie
        within = f"u.account IN ({numbers})"
        common = f"(SELECT u.key FROM use u WHERE {within} GROUP BY u.key HAVING count(DISTINCT u.account) > 1)"
        return GraphTables(
            self.account_tables(account_ids),
            self._batches(f"{sql.IDENTIFIER_ROWS} AND i.key IN {common}", identifiers_schema()),
            self._batches(f"{sql.USE_ROWS} WHERE {within} AND u.key IN {common} GROUP BY a.id, u.key", uses_schema()),
        )

    def rings(self, limit: int = 100, after: str | None = None) -> list[Ring]:
        found = self._all(
            f"SELECT {sql.RING_COLUMNS} FROM ring r WHERE {sql.LIVING} AND ($after IS NULL OR (-score, ring_id) > "
            "(SELECT (-score, ring_id) FROM ring WHERE ring_id = $after)) ORDER BY score DESC, ring_id LIMIT $limit",
            {"after": after, "limit": limit},
        )
        return [rows.ring(row) for row in found]

    def all_members(self, roles: Sequence[Role] = tuple(Role)) -> list[Member]:
        found = self._all(
            "SELECT ring_id, account_id, role, bits, weakest_facet, since FROM member "
            "WHERE list_contains(?, role) ORDER BY ring_id, account_id",
            [[role.value for role in roles]],
        )
        return [rows.member(row) for row in found]

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """Returns a cursor of the file as it stands now, opened again after it was replaced."""
        with self._guard:
            cursor = self._standing().cursor()
        cursor.execute(f"USE {ATTACHED}")
        return cursor

    def _keyed(self) -> Keyed | None:
        from linkage.working.keyed import Keyed

        with self._guard:
            con = self._standing()
            if self._mapped is None or self._mapped[0] is not con:
                self._mapped = con, Keyed.of(self._working.path, con)
            return self._mapped[1]

    def _standing(self) -> duckdb.DuckDBPyConnection:
        """Returns the connection to the file as it stands; the caller holds the guard."""
        identity = _identity(self._working)
        if self._opened is None or self._opened[0] != identity:
            # the old connection ends with the last cursor that another thread reads from
            self._opened = (identity, self._working.open_read())
        return self._opened[1]

    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        import duckdb

        cursor = self._connection()
        try:
            with interrupting(cursor):
                return cursor.execute(query, values).fetchall()
        except duckdb.CatalogException as error:
            raise StoreError(
                f"{self.url} was written by an earlier version, which kept less: run `linkage detect` once"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise self._too_little_memory() from error
        finally:
            cursor.close()

    def _one(self, query: str) -> tuple[Any, ...]:
        return self._all(query)[0]

    def _batches(self, query: str, schema: pa.Schema, values: object = None) -> Iterator[pa.Table]:
        import duckdb
        import pyarrow as pa

        cursor = self._connection()
        try:
            for batch in cursor.sql(query, params=values).to_arrow_reader(BATCH_ROWS):
                yield pa.Table.from_batches([batch]).cast(schema)
        except duckdb.OutOfMemoryException as error:
            raise self._too_little_memory() from error
        finally:
            cursor.close()

    def _too_little_memory(self) -> StoreError:
        return StoreError(f"{self.url} needs more memory for this than LINKAGE_MEMORY gives it: set it higher")


def _identity(working: WorkingFile) -> tuple[int, int]:
    try:
        found = working.path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)

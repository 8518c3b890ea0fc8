"""Takes clean batches of facts in, and writes what they add to the working file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.derive import keys
from linkage.derive.aggregate import Aggregator, Uses
from linkage.derive.book import KeyBook
from linkage.derive.habits import sessions
from linkage.derive.held import Held, PromptKeys, Rows
from linkage.derive.order import Orderer
from linkage.derive.places import PlaceLists
from linkage.derive.sealer import Sealer
from linkage.derive.spill import Spill
from linkage.kernels.coded import first_met
from linkage.keys import Keyring
from linkage.model.kinds import BY_NAME
from linkage.working.erased import Erased
from linkage.working.uses import UseWriter

if TYPE_CHECKING:
    import duckdb

CHUNK_USES = 12_000_000
"""Uses that are held before they are aggregated: about 200 MB, and as much for what is made of them."""

UNKNOWN_MINUTE = -1
"""Stands for a time that the facts do not give."""

_ATTRIBUTES = ("created_at", "status", "plan", "country", "email_domain", "organization")
_NAIVE = pa.timestamp("us")  # the file keeps UTC without a zone: DuckDB's zones need an extension
_Column = npt.NDArray[Any]  # of the type its name says


class Absorber:
    """Absorbs the clean rows of one load into an open working file; `finish` writes what is left."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        keyring: Keyring,
        places: PlaceLists,
        load: int,
        spill: Spill | None = None,
        sealer: Sealer | None = None,
        erased: Erased | None = None,
        writer: Callable[[Uses], None] | None = None,
    ) -> None:
        """Takes the number of the load, where its uses are set aside beside the file, who keeps values, if any, what
        was erased, and who takes uses instead of the file."""
        self._con = con
        self._spill = spill
        self._sealer = sealer
        self._erased = erased or Erased()
        self.passed_over = 0
        """Values of identifiers that were erased: no use of them is taken in."""
        self._keys = keys.KindKeys(keyring)
        self._places = places
        self._load = load
        hashes = con.execute("SELECT hash FROM account ORDER BY account").fetchnumpy()["hash"]
        self._known = len(hashes)
        self._book = KeyBook(np.asarray(hashes, np.uint64))
        self._placed = KeyBook(np.empty(0, np.uint64))
        self._traffic, self._others = Held(), Held()
        self._orderer, self._aggregator, self._write = Orderer(), Aggregator(), writer or UseWriter(con, load).write
        self._takers = {
            "accounts": self._attributes,
            "payments": self._payments,
            "identifiers": self._identifiers,
            "labels": self._labels,
        }
        con.execute("CREATE TEMP TABLE fresh (account INTEGER, hash UBIGINT, id VARCHAR)")
        con.execute(
            f"CREATE TEMP TABLE said AS SELECT account, {', '.join(_ATTRIBUTES)}, 0 AS batch FROM account LIMIT 0"
        )
        self._batches = 0

    @property
    def accounts(self) -> int:
        """Returns how many accounts are known so far."""
        return self._book.count

    def absorb(self, table: str, batch: pa.RecordBatch, prompts: PromptKeys | None = None) -> None:
        """Takes the clean rows of one table in; `prompts` are the fingerprints of a batch of requests."""
        account = self._accounts(batch)
        if table == "requests":
            self._requests(batch, account, prompts)
        else:
            self._takers[table](batch, account)
        if self._traffic.uses + self._others.uses >= CHUNK_USES:
            self._flush()

    def include(self, tables: Mapping[str, pa.Table], passed_over: int) -> None:
        """Takes in what another absorber made of facts, as the tables of its own working file (see `part`)."""
        self.passed_over += passed_over
        numbers = self._number(pa.concat_arrays(tables["account"].column("id").chunks or [pa.array([], pa.string())]))
        uses = {name: tables["use"].column(name).to_numpy() for name in Uses.__slots__}
        self._set_aside(Uses(**(uses | {"account": numbers[uses["account"]]})))
        activity = tables["activity"]
        owner = pa.array(numbers[activity.column("account").to_numpy()])
        self._write_sessions(activity.set_column(0, "account", owner))
        self._write_places(tables["listed_place"])
        if self._sealer is not None:
            self._sealer.include(tables["sealed"])

    def finish(self) -> None:
        """Writes what is still held, the new accounts and the attributes; nothing is absorbed after it."""
        self._flush()
        self._traffic, self._others = Held(), Held()  # gives half a gigabyte back, or more
        self._orderer, self._aggregator = Orderer(), Aggregator()
        del self._write
        self._write_accounts()

    def _accounts(self, batch: pa.RecordBatch) -> npt.NDArray[np.int32]:
        ids = batch.column("account_id")
        if not pa.types.is_dictionary(ids.type):
            return self._number(ids)
        used, rows = first_met(ids)
        return self._number(ids.dictionary.take(pa.array(used)))[rows]

    def _number(self, ids: pa.Array) -> npt.NDArray[np.int32]:
        """Returns the number of each account, new ones in the order in which they come."""
        hashes = self._keys.strings("account", ids)
        numbers, rows = self._book.numbers(hashes)
        if len(rows):
            new = pa.table({"account": numbers[rows], "hash": hashes[rows], "id": ids.take(pa.array(rows))})
            self._con.register("new", new)
            self._con.execute("INSERT INTO fresh SELECT * FROM new")
            self._con.unregister("new")
        return numbers

    def _requests(self, batch: pa.RecordBatch, account: npt.NDArray[np.int32], prompts: PromptKeys | None) -> None:
        minute = keys.minutes(batch.column("at"))
        count = batch.column("n").to_numpy(zero_copy_only=False)
        self._traffic.add(account, minute, count, self._ips(batch), BY_NAME["ip"].code, prompts)

    def _ips(self, batch: pa.RecordBatch) -> _Column:
        """Returns the key of each row's address, 0 where it has none."""
        words = [batch.column(f"ip_{part}") for part in ("hi", "lo", "family")]
        if not pa.types.is_dictionary(words[0].type):
            values, gone = self._addresses(*(word.to_numpy() for word in words))
        else:
            used, rows = first_met(words[0])
            values, gone = self._addresses(*(word.dictionary.to_numpy()[used] for word in words))
            values, gone = values[rows], gone[rows]
        self.passed_over += int(np.count_nonzero(gone))
        return values

    def _addresses(self, high: _Column, low: _Column, family: _Column) -> tuple[_Column, _Column]:
        """Returns the key of each address, 0 for none and for one that was erased, and which were erased."""
        values = self._keys.ips(high, low, family)
        gone = self._erased.holds(values)
        values = np.where(gone, np.uint64(0), values)
        rows = np.flatnonzero(values)
        self._place(values[rows], high[rows], low[rows], family[rows])
        if self._sealer is not None:
            self._sealer.addresses(values[rows], high[rows], low[rows], family[rows])
        return values, gone

    def _place(self, values: _Column, high: _Column, low: _Column, family: _Column) -> None:
        if self._places.empty:
            return
        first = self._placed.numbers(values)[1]
        places = self._places.find(high[first], low[first], family[first])
        listed = np.flatnonzero(places)
        self._write_places(pa.table({"key": values[first][listed], "place": places[listed]}))

    def _write_places(self, found: pa.Table) -> None:
        self._con.register("found", found)
        self._con.execute("INSERT INTO listed_place SELECT key, place FROM found ANTI JOIN listed_place USING (key)")
        self._con.unregister("found")

    def _payments(self, batch: pa.RecordBatch, account: npt.NDArray[np.int32]) -> None:
        minute = keys.minutes(batch.column("at"))
        for column, kind in (("payment_id", "payment"), ("bin", "bin")):
            self._hold_text(batch.column(column), kind, account, minute)

    def _identifiers(self, batch: pa.RecordBatch, account: npt.NDArray[np.int32]) -> None:
        minute = keys.minutes(batch.column("at"))
        for kind, found, hashes in self._keys.identifiers(batch):
            rows, values = self._not_erased(found, hashes)
            self._hold(account[rows], values, kind, minute[rows])
            if self._sealer is not None:
                self._sealer.identifiers(kind, values, batch.take(pa.array(rows)))

    def _labels(self, batch: pa.RecordBatch, account: npt.NDArray[np.int32]) -> None:
        rows = pa.table(
            {
                "account": account,
                "label": batch.column("label"),
                "moment": batch.column("at").cast(_NAIVE),
                "source": batch.column("source"),
            }
        )
        self._con.register("rows", rows)
        self._con.execute(
            "INSERT INTO label SELECT DISTINCT account, label, moment, source, ? FROM rows",
            [self._load],
        )
        self._con.unregister("rows")

    def _attributes(self, batch: pa.RecordBatch, account: npt.NDArray[np.int32]) -> None:
        rows = pa.table({"account": account} | {name: batch.column(name) for name in _ATTRIBUTES})
        rows = rows.set_column(1, "created_at", rows.column("created_at").cast(_NAIVE))
        self._con.register("rows", rows)
        self._batches += 1
        self._con.execute("INSERT INTO said SELECT *, ? FROM rows", [self._batches])
        self._con.unregister("rows")
        minute = keys.minutes(batch.column("created_at"))
        self._hold_text(batch.column("email_domain"), "email_domain", account, minute)
        rows_known = np.flatnonzero(minute != UNKNOWN_MINUTE)
        values = self._keys.numbers("signup", (minute[rows_known] // 60).astype(np.uint64))
        self._hold(account[rows_known], values, "signup", minute[rows_known])

    def _hold_text(self, column: pa.Array, kind: str, account: _Column, minute: _Column) -> None:
        rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        if len(rows) == 0:
            return
        rows, values = self._not_erased(rows, self._keys.strings(kind, column.take(pa.array(rows))))
        texts = column.take(pa.array(rows))
        if self._sealer is not None:
            self._sealer.texts(values, texts)
        self._hold(account[rows], values, kind, minute[rows])

    def _not_erased(self, rows: _Column, values: _Column) -> tuple[_Column, _Column]:
        """Returns those of the rows and their values that were not erased, and counts the others."""
        gone = self._erased.holds(values)
        self.passed_over += int(np.count_nonzero(gone))
        return rows[~gone], values[~gone]

    def _hold(self, account: _Column, key: _Column, kind: str, minute: _Column) -> None:
        self._others.add(account, minute, 1, key, BY_NAME[kind].code)

    def _flush(self) -> None:
        for held in (self._traffic, self._others):
            taken = held.take()
            if len(taken):
                rows, bounds = self._orderer.by_account(taken, self._book.count)
                self._write_uses(rows, bounds)
                if held is self._traffic:
                    self._write_activity(rows, bounds)

    def _write_uses(self, rows: Rows, bounds: _Column) -> None:
        self._set_aside(self._aggregator.uses(rows, bounds))

    def _set_aside(self, uses: Uses) -> None:
        self._write(uses)
        if self._spill is not None:
            self._spill.add(uses)

    def _write_activity(self, rows: Rows, bounds: _Column) -> None:
        offsets, starts, ends = sessions(bounds, rows.minute, rows.minute)
        requests = np.add.reduceat(rows.count, bounds[:-1][np.diff(bounds) > 0])
        active = np.flatnonzero(np.diff(bounds))
        places = pa.array(np.append(offsets[active], offsets[-1]).astype(np.int32))
        table = {
            "account": active.astype(np.int32),
            "starts": pa.ListArray.from_arrays(places, pa.array(starts)),
            "ends": pa.ListArray.from_arrays(places, pa.array(ends)),
            "requests": requests,
        }
        self._write_sessions(pa.table(table))

    def _write_sessions(self, rows: pa.Table) -> None:
        self._con.register("rows", rows)
        self._con.execute(f"INSERT INTO activity SELECT *, {self._load} FROM rows")
        self._con.unregister("rows")

    def _write_accounts(self) -> None:
        latest = ", ".join(f"arg_max({name}, batch) AS {name}" for name in _ATTRIBUTES)  # of those that are given
        self._con.execute(f"CREATE TEMP TABLE attributes AS SELECT account, {latest} FROM said GROUP BY account")
        names = ", ".join("coalesce(status, $s)" if name == "status" else name for name in _ATTRIBUTES)
        self._con.execute(
            f"INSERT INTO account SELECT f.account, f.hash, f.id, {names}, $l "
            "FROM fresh f LEFT JOIN attributes USING (account) ORDER BY f.account",
            {"s": "active", "l": self._load},
        )
        if self._known:
            self._write_changes()
        self._con.execute("DROP TABLE fresh; DROP TABLE said; DROP TABLE attributes")

    def _write_changes(self) -> None:
        """Writes what has become known of accounts that were there before."""
        changes = ", ".join(f"{name} = coalesce(x.{name}, account.{name})" for name in _ATTRIBUTES)
        differs = " OR ".join(
            f"(x.{name} IS NOT NULL AND x.{name} IS DISTINCT FROM account.{name})" for name in _ATTRIBUTES
        )
        self._con.execute(
            f"UPDATE account SET {changes}, load = {self._load} FROM attributes x "
            f"WHERE account.account = x.account AND account.account < {self._known} AND ({differs})"
        )

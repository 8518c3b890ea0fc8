"""Raw batches to clean ones, with every rejected row counted by table and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.kernels.coded import codes_of, without_nulls
from linkage.kernels.keyset import KeySet
from linkage.kernels.siphash import siphash_pairs, siphash_strings
from linkage.model.batches import CODES, REASONS, RawBatch, Reason
from linkage.model.facts import Column, ColumnType
from linkage.validate.rejects import LIMIT, RejectFile, masked
from linkage.validate.text import Checked, check_choice, check_ip, check_prompt, check_text
from linkage.validate.values import check_count, check_time
from linkage.working.erased import Erased

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks and zones go wrong by less
_SEEN = (0x6C696E6B6167652D, 0x6B6579732D736565)  # a fixed key: the same facts have the same rejects


class Validator:
    """Checks the batches of one load; keys that may not repeat are held over the batches of a part.

    A later part may say more of a key, as a later load may: parts of one table come one after another.

    A row is bad when one of the columns that were read is; it is rejected once, for the first of them in the
    contract's order. Use it as a context manager, or `close` it: the reject file is then complete.
    """

    def __init__(
        self,
        rejects: Path | None = None,
        *,
        now: datetime | None = None,
        limit: int = LIMIT,
        erased: Erased | None = None,
    ) -> None:
        """Takes the folder of the reject file (None: rejects are only counted), what «now» is, and who was erased."""
        self.counts: dict[str, Counter[str]] = {}
        """Rejected rows by table and reason."""
        self.rows_in: Counter[str] = Counter()
        self.rows_out: Counter[str] = Counter()
        self._rejects = RejectFile(rejects, limit)
        moment = (now or datetime.now(UTC)) + _AHEAD
        self._latest = (moment - _EPOCH) // timedelta(microseconds=1)
        self._seen, self._part = KeySet(), ""
        self._erased = erased or Erased()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def good(self) -> int:
        """Returns how many rows were good so far."""
        return self.rows_out.total()

    @property
    def rejected(self) -> int:
        """Returns how many rows were rejected so far."""
        return self.reasons.total()

    @property
    def reasons(self) -> Counter[str]:
        """Returns how many rows were rejected so far by reason, over all tables."""
        return sum(self.counts.values(), Counter())

    @property
    def path(self) -> Path | None:
        """Returns where the reject file is, or would be with a first reject; None without a folder for it."""
        return self._rejects.path

    def check(self, raw: RawBatch) -> pa.RecordBatch:
        """Returns the good rows of a batch, typed, and sets the bad ones aside.

        Text is `string`, times are `timestamp[us, UTC]`, counts int64 (`n` never null). `account_id` and the
        columns of `ip` stay coded where they came so, each value once. Beside `ip` stand
        `ip_hi`, `ip_lo` (uint64, the big-endian words of its 16 bytes) and `ip_family` (uint8: 4, 6, 0 for none).
        """
        arrays: dict[str, pa.Array] = {}
        size = raw.rows.num_rows
        bad, where = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
        for place, name in enumerate(raw.rows.schema.names):
            column, array = raw.table.column(name), raw.rows.column(name)
            coded = pa.types.is_dictionary(array.type)
            checked = self._coded(column, without_nulls(array)) if coded else self._column(column, array)
            arrays |= checked.arrays
            if checked.codes is not None:
                fresh = (bad == 0) & (checked.codes != 0)
                bad[fresh], where[fresh] = checked.codes[fresh], place
        bad[(bad == 0) & self._erased.names(arrays["account_id"])] = CODES[Reason.ERASED]
        if raw.table.key:
            self._repeats(raw, arrays, bad)
        self._count(raw, bad)
        self._set_aside(raw, bad, where)
        rows = pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))
        if bad.any():
            rows = rows.filter(pa.array(bad == 0))
        self.rows_out[raw.table.name] += rows.num_rows
        return rows

    def include(self, table: str, good: int, counts: Mapping[str, int], rejects: Iterable[Mapping[str, Any]]) -> None:
        """Takes in what another validator found in rows of a table: good ones, and those rejected, by reason."""
        self.rows_in[table] += good + sum(counts.values())
        self.rows_out[table] += good
        self.counts.setdefault(table, Counter()).update(counts)
        for row in rejects:
            self._rejects.write(dict(row))

    def close(self) -> None:
        """Ends the reject file."""
        self._rejects.close()

    def _column(self, column: Column, array: pa.Array) -> Checked:
        match column.type:
            case ColumnType.TIME:
                return check_time(column, array, self._latest)
            case ColumnType.COUNT:
                return check_count(column, array)
            case ColumnType.IP:
                return check_ip(column, array)
            case ColumnType.CHOICE:
                return check_choice(column, array)
            case ColumnType.PROMPT:
                return check_prompt(column, array)
        return check_text(column, array)

    def _coded(self, column: Column, array: pa.DictionaryArray) -> Checked:
        """Checks each value once; what comes of it stays coded."""
        checked = self._column(column, array.dictionary)
        arrays = {
            name: pa.DictionaryArray.from_arrays(array.indices, values) for name, values in checked.arrays.items()
        }
        return Checked(arrays, None if checked.codes is None else checked.codes[codes_of(array)])

    def _repeats(self, raw: RawBatch, arrays: dict[str, pa.Array], bad: npt.NDArray[np.uint8]) -> None:
        """Marks rows whose key was there before in their part.

        Two of a million keys share a hash with a probability of 3e-8.
        """
        good = np.flatnonzero(bad == 0)
        if raw.source != self._part:
            self._seen, self._part = KeySet(), raw.source
        hashes = siphash_strings(arrays[raw.table.key[0]], _SEEN)
        for name in raw.table.key[1:]:
            hashes = siphash_pairs(hashes, siphash_strings(arrays[name], _SEEN), _SEEN)
        fresh = self._seen.add(hashes[good])
        bad[good[~fresh]] = CODES[Reason.DUPLICATE]

    def _count(self, raw: RawBatch, bad: npt.NDArray[np.uint8]) -> None:
        table = raw.table.name
        self.rows_in[table] += raw.rows_in
        counts = self.counts.setdefault(table, Counter())
        for reason, lines in raw.faults.items():
            counts[reason.value] += len(lines)
        totals = np.bincount(bad, minlength=len(REASONS) + 1)[1:]
        for reason, total in zip(REASONS, totals, strict=True):
            if total:
                counts[reason.value] += int(total)

    def _set_aside(self, raw: RawBatch, bad: npt.NDArray[np.uint8], where: npt.NDArray[np.uint8]) -> None:
        room = self._rejects.room
        found: list[tuple[int, int | None, Reason]] = [
            (int(line), None, reason) for reason, lines in raw.faults.items() for line in lines[:room]
        ]
        rows = np.flatnonzero(bad)[:room]
        found += [(raw.line(int(row)), int(row), REASONS[bad[row] - 1]) for row in rows]
        for line, row, reason in sorted(found, key=lambda one: one[0])[:room]:
            reject = {"table": raw.table.name, "part": raw.source, "line": line, "column": None, "value": None}
            if row is not None and reason is not Reason.ERASED:
                column = raw.rows.schema.names[where[row]]
                reject |= {"column": column, "value": masked(raw.rows.column(column), row)}
            self._rejects.write(reject | {"reason": reason.value})

"""One account as the graph would hold it, made of its facts by the way that all facts take, and kept nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linkage.derive.absorb import Absorber
from linkage.derive.aggregate import Uses
from linkage.derive.places import PlaceLists
from linkage.errors import InputError
from linkage.keys import Keyring
from linkage.model.kinds import KINDS
from linkage.working.schema import ensure_schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from linkage.derive.held import PromptKeys

_OF_USE = ("key", "kind", "block", "days", "requests", "first_minute", "last_minute")


@dataclass(frozen=True, slots=True)
class SignUpUse:
    """Something that the account used: keyed hash, kind by name, days since 1970, ascending, and minutes or None."""

    key: str
    kind: str
    days: tuple[int, ...]
    requests: int
    first_minute: int | None
    last_minute: int | None


@dataclass(frozen=True, slots=True)
class SignUp:
    """An account with what it used, the minutes at which its sessions start, and what is known of it."""

    account_id: str
    attributes: Mapping[str, Any]
    uses: tuple[SignUpUse, ...]
    starts: tuple[int, ...]


class SignUps:
    """Takes the facts of one account after another; used by one thread."""

    def __init__(self, keyring: Keyring, places: PlaceLists) -> None:
        import duckdb

        self._keyring = keyring
        self._places = places
        self._con: duckdb.DuckDBPyConnection = duckdb.connect(config={"threads": 1})
        ensure_schema(self._con, "a sign-up")

    def close(self) -> None:
        """Forgets everything."""
        self._con.close()

    def take(self, batches: Sequence[tuple[str, pa.RecordBatch, PromptKeys | None]]) -> SignUp:
        """Returns the account of clean batches (table, rows, prompts' keys); InputError unless they are of one."""
        self._con.begin()
        try:
            return self._taken(batches)
        finally:
            self._con.rollback()  # costs less than to empty the tables again

    def _taken(self, batches: Sequence[tuple[str, pa.RecordBatch, PromptKeys | None]]) -> SignUp:
        uses: list[Uses] = []
        absorber = Absorber(self._con, self._keyring, self._places, 1, writer=lambda more: uses.append(_kept(more)))
        for table, batch, prompts in batches:
            absorber.absorb(table, batch, prompts)
        absorber.finish()
        accounts = self._con.sql("SELECT * EXCLUDE (account, hash, load) FROM account").to_arrow_table().to_pylist()
        if len(accounts) != 1:
            raise InputError(f"the facts are of {len(accounts)} accounts: give those of one sign-up")
        label = self._con.execute("SELECT arg_max(label, (moment IS NOT NULL, moment, label)) FROM label").fetchall()
        starts = self._con.execute("SELECT starts FROM activity").fetchall()
        return SignUp(
            accounts[0]["id"],
            accounts[0] | {"label": label[0][0]},
            _by_key(uses),
            tuple(sorted(start for row in starts for start in row[0])),
        )


def _kept(uses: Uses) -> Uses:
    """Returns a copy: the absorber makes the next ones in the same memory."""
    return Uses(**{name: getattr(uses, name).copy() for name in Uses.__slots__})


def _by_key(parts: Sequence[Uses]) -> tuple[SignUpUse, ...]:
    """Returns all uses of each thing as one, by key."""
    rows: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for part in parts:
        for row in zip(*(getattr(part, name).tolist() for name in _OF_USE), strict=True):
            rows[row[0]].append(row[1:])
    return tuple(_use(key, *zip(*rows[key], strict=True)) for key in sorted(rows))


def _use(
    key: int,
    kind: Sequence[int],
    blocks: Sequence[int],
    masks: Sequence[int],
    requests: Sequence[int],
    first: Sequence[int],
    last: Sequence[int],
) -> SignUpUse:
    known = [minute for minute in first if minute >= 0]
    until = [minute for minute in last if minute >= 0]
    times = min(known, default=None), max(until, default=None)
    return SignUpUse(f"{key:016x}", KINDS[kind[0]].name, _days(blocks, masks), sum(requests), *times)


def _days(blocks: Sequence[int], masks: Sequence[int]) -> tuple[int, ...]:
    """Returns the days of masks over blocks of 64 days, ascending."""
    pairs = zip(blocks, masks, strict=True)
    return tuple(sorted({64 * block + day for block, mask in pairs for day in range(64) if mask >> day & 1}))

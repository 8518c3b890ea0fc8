"""Writes a world to a folder: facts as Parquet, a night at a time where asked, and the truth apart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.simulate import tables
from linkage.simulate.addresses import texts
from linkage.simulate.ground import DAYS
from linkage.simulate.randomness import Anything, Floats
from linkage.simulate.rhythm import DAY
from linkage.simulate.traffic import PART_ROWS, requests, slices
from linkage.simulate.world import World

if TYPE_CHECKING:
    import pyarrow as pa

COMPRESSION = "zstd"


class FactsWriter:
    """Writes the facts of a world into one folder, or into one folder a night.

    The first night has everything up to its end, each further night one day more: its new accounts,
    the accounts whose status changed, and what happened that day.
    """

    def __init__(self, world: World, folder: Path, nights: int) -> None:
        self.world = world
        self.edges = [float(day) for day in range(DAYS - max(nights, 1) + 1, DAYS + 1)]
        self.folders = [folder / "nights" / f"{n + 1:03d}" for n in range(nights)] if nights else [folder / "facts"]
        for night in self.folders:
            night.mkdir(parents=True, exist_ok=True)

    def write_attributes(self) -> dict[str, int]:
        """Writes accounts, payments, identifiers and labels; returns the rows of each table."""
        counts = {"accounts": self._write_accounts()}
        for name, (table, days) in {
            "payments": tables.payments_table(self.world),
            "identifiers": tables.identifiers_table(self.world),
            "labels": tables.labels_table(self.world),
        }.items():
            counts[name] = table.num_rows
            for night, rows in zip(self.folders, self._by_night(days), strict=True):
                _write(table.take(rows) if len(self.folders) > 1 else table, night / f"{name}.parquet")
        return counts

    def write_requests(self, *, text: bool, advance: Callable[[float, float], None]) -> int:
        """Writes all requests, a part at a time; returns how many there are."""
        parts = slices(self.world, PART_ROWS // (4 if text else 1))
        written = 0
        with ExitStack() as stack:
            writers: dict[int, Any] = {}
            for number, (low, high) in enumerate(parts):
                made = requests(self.world, low, high)
                table = tables.requests_table(self.world, made, text=text)
                edges = np.searchsorted(made.at, np.array(self.edges[:-1]) * DAY).tolist()
                for night, (start, end) in enumerate(zip([0, *edges], [*edges, len(made)], strict=True)):
                    writer = writers.get(night) or self._open(stack, writers, night, table.schema)
                    writer.write_table(table.slice(start, end - start))
                written += len(made)
                advance(number + 1, len(parts))
        return written

    def _open(self, stack: ExitStack, writers: dict[int, Any], night: int, schema: pa.Schema) -> Any:
        import pyarrow.parquet as pq

        path = self.folders[night] / "requests.parquet"
        writers[night] = stack.enter_context(pq.ParquetWriter(path, schema, compression=COMPRESSION))
        return writers[night]

    def _write_accounts(self) -> int:
        a = self.world.accounts
        for night, (folder, end) in enumerate(zip(self.folders, self.edges, strict=True)):
            start = self.edges[night - 1] if night else -np.inf
            fresh = (a.created >= start) & (a.created < end)
            changed = (a.banned >= start) & (a.banned < end)
            rows = np.flatnonzero(fresh | changed)
            _write(tables.accounts_table(self.world, rows, end), folder / "accounts.parquet")
        return len(a)

    def _by_night(self, days: Floats) -> list[Anything]:
        night = np.searchsorted(self.edges[:-1], days, side="right")
        return [np.flatnonzero(night == number) for number in range(len(self.folders))]


def write_truth(world: World, folder: Path) -> None:
    """Writes the truth into a folder of its own, which no loader reads."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    _write(tables.truth_table(world), folder / "truth" / "truth.parquet")


def write_lists(world: World, folder: Path) -> None:
    """Writes public lists of places, as a provider could have them: one address a line, not all of them."""
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    for name, lines in sorted(world.lists.items()):
        known = texts(np.unique(world.network.fixed(lines))).dictionary.to_pylist()
        text = f"# {name} addresses of a simulated world\n" + "\n".join(known) + "\n"
        (folder / "lists" / f"{name}_ipv4.txt").write_text(text, encoding="ascii")


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression=COMPRESSION)

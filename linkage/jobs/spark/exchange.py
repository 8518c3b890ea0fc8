"""Columns of the driver as Parquet files for the cluster, written a stretch at a time, and read back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from linkage.link.apart import telling_rows
from linkage.link.rule import Rule
from linkage.working.incidence import Incidence

ROWS = 1_000_000
"""Rows of a file, or a few more."""


def signed(columns: dict[str, npt.NDArray[Any]]) -> pa.Table:
    """Returns columns for Spark, which knows no unsigned numbers: 64 bits stay as they are, and are read as signed."""
    made = {}
    for name, values in columns.items():
        wide = values.view(np.int64) if values.dtype == np.uint64 else values
        made[name] = wide.astype(np.int16) if wide.dtype == np.uint8 else wide
    return pa.table(made)


def write_files(tables: Iterable[pa.Table], folder: Path) -> int:
    """Writes each table as a file of its own; returns how many rows there are."""
    folder.mkdir()
    rows = 0
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"part-{number:05d}.parquet", compression="zstd", compression_level=1)
        rows += table.num_rows
    return rows


def read_files(folder: Path) -> pa.Table:
    """Returns the rows of all files that Spark wrote into a folder."""
    return pq.ParquetDataset(folder).read()


def meeting_places(incidence: Incidence, rule: Rule) -> Iterable[pa.Table]:
    """Yields the rows of things at which accounts can meet (see `link.apart`)."""
    for begin, end in _stretches(incidence.of_thing):
        rows = telling_rows(incidence, rule, begin, end)
        if len(rows["thing"]):
            yield signed(rows)


def account_lists(incidence: Incidence) -> Iterable[pa.Table]:
    """Yields what is known of each account, a row an account: breadth, starts of sessions, and lists of its uses."""
    for begin, end in _stretches(incidence.of_account):
        rows = slice(incidence.of_account[begin], incidence.of_account[end])
        starts = slice(incidence.of_starts[begin], incidence.of_starts[end])
        thing = incidence.thing[rows]
        uses = signed(
            {
                "thing": thing,
                "kind": incidence.kind[thing],
                "millibits": incidence.millibits[thing],
                "block": incidence.block[rows],
                "days": incidence.days[rows],
            }
        )
        bounds = incidence.of_account[begin : end + 1] - incidence.of_account[begin]
        breadth = incidence.breadth[begin:end]
        columns = {"account": pa.array(np.arange(begin, end, dtype=np.int32))}
        columns["breadth"] = _lists(np.arange(len(breadth) + 1) * breadth.shape[1], breadth.ravel())
        columns["starts"] = _lists(
            incidence.of_starts[begin : end + 1] - incidence.of_starts[begin], incidence.starts[starts]
        )
        columns |= {name: _lists(bounds, uses.column(name).combine_chunks()) for name in uses.column_names}
        yield pa.table(columns)


def _stretches(bounds: npt.NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Yields stretches of things or accounts that have so many rows, or a few more; at least one each."""
    last = len(bounds) - 1
    at = np.unique(np.searchsorted(bounds, np.arange(0, bounds[-1] + ROWS, ROWS)).clip(max=last))
    ends = np.unique(np.concatenate((at, [0, last])))
    return ((int(begin), int(end)) for begin, end in pairwise(ends))


def _lists(bounds: npt.NDArray[Any], values: Any) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(bounds.astype(np.int32)), pa.array(values))

"""Writes the same facts in every format, and reads a folder to its clean rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from linkage.read import batches, open_folder
from linkage.validate import Validator

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Row = dict[str, str | None]

FORMATS = ("parquet", "csv", "csv.gz", "jsonl", "jsonl.gz")


def write_table(folder: Path, name: str, rows: Sequence[Row], ending: str, columns: Sequence[str]) -> Path:
    """Writes rows of text as NAME.ending."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.{ending}"
    if ending == "parquet":
        arrays = {column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns}
        pq.write_table(pa.table(arrays), path)
        return path
    text = _csv(rows, columns) if "csv" in ending else "".join(json.dumps(row) + "\n" for row in rows)
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    return path


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([row.get(column) for column in columns] for row in rows)
    return out.getvalue()


@dataclass
class Loaded:
    """What came out of a folder: rows by table, counts of rejects, notes, the lines of the reject file."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    rows_in: int = 0


def load(folder: Path, *, columns: Sequence[str] | None = None, rows: int = 1_000_000, limit: int = 100_000) -> Loaded:
    """Reads and validates a whole folder."""
    opened = open_folder(folder)
    loaded = Loaded(notes=opened.notes)
    with Validator(folder / ".rejects", now=NOW, limit=limit) as validator:
        for part in opened.parts:
            table = loaded.rows.setdefault(part.table, [])
            for raw in batches(part, columns, rows):
                assert 0 <= raw.done <= part.size
                rejected = validator.rejected
                clean = validator.check(raw)
                clean.validate(full=True)
                assert validator.rejected - rejected + clean.num_rows == raw.rows_in
                table += clean.to_pylist()
    loaded.counts = dict(validator.reasons)
    loaded.rows_in = validator.rows_in.total()
    assert loaded.rows_in == validator.good + validator.rejected
    path = validator.path
    if path is not None and path.exists():
        loaded.rejects = [json.loads(line) for line in path.read_text().splitlines()]
    return loaded

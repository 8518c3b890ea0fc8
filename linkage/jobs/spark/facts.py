"""Requests read on Spark: each slice of a part is checked, fingerprinted and aggregated by the worker that reads it.

What comes of a slice is a folder of small tables, which the driver includes in its load in the order of the slices, so
that accounts have the numbers that one machine gives them. All other tables are a small share of the facts, and the
keys of accounts may not repeat: the driver reads these itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from linkage.derive.part import TABLES, absorb_part
from linkage.errors import InputError, LinkageError
from linkage.fingerprint import prompt_keys
from linkage.jobs.site import Site
from linkage.jobs.slices import COLUMNS, Reading, Slice
from linkage.jobs.spark.session import cluster
from linkage.read import Format, Part, batches
from linkage.read.parquet import group_rows
from linkage.validate import Validator

SLICE_ROWS = 1_000_000
"""Rows of Parquet in a slice, or a few more: whole row groups. A part in another format is one slice."""

Groups = tuple[int, int] | None
"""Row groups of a Parquet part, [first, last)."""

_COUNTS, _REJECTS = "counts.json", "rejects"


def digests_on_spark(site: Site, parts: Sequence[Part]) -> dict[Part, str]:
    """Returns the digest of each part, which the worker that reads it makes; InputError where one cannot be read."""
    whole = [replace(part, file=part.file.absolute()) for part in parts]  # workers run in folders of their own

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in numbers:
            ids = batch.column("id").to_pylist()
            said = [_digest(whole[one]) for one in ids]
            yield pa.RecordBatch.from_pydict(
                {
                    "id": pa.array(ids, pa.int64()),
                    "digest": pa.array([one[0] for one in said], pa.string()),
                    "said": pa.array([one[1] for one in said], pa.string()),
                }
            )

    with cluster(site) as spark:
        site.progress.say(f"looking on Spark at which of {len(parts)} parts are new")
        numbers = spark.session.range(0, len(parts), 1, len(parts))
        made = numbers.mapInArrow(read, "id long, digest string, said string").collect()
    for row in made:
        if row.said:
            raise InputError(row.said)
    found = {row.id: row.digest for row in made}
    return {part: found[number] for number, part in enumerate(parts)}


def _digest(part: Part) -> tuple[str, str]:
    """Returns the digest of a part, or why it cannot be read."""
    try:
        return part.digest(), ""
    except LinkageError as error:
        return "", str(error)


@contextmanager
def requests_on_spark(site: Site, parts: Sequence[Part], reading: Reading) -> Iterator[dict[Part, Iterator[Slice]]]:
    """Yields the slices of each of the parts, in order; InputError where a part cannot be read to its end."""
    if not parts:
        yield {}
        return
    # workers run in folders of their own
    slices = [(replace(part, file=part.file.absolute()), groups) for part in parts for groups in _groups(part)]
    with cluster(site) as spark:
        folder = spark.folder

        def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in numbers:
                said = [_read(slices[one], reading, folder / str(one)) for one in batch.column("id").to_pylist()]
                yield pa.RecordBatch.from_pydict({"said": pa.array(said, pa.string())})

        site.progress.say(f"reading requests on Spark, in {len(slices)} slices")
        made = spark.session.range(0, len(slices), 1, len(slices)).mapInArrow(read, "said string").collect()
        for row in made:
            if row.said:
                raise InputError(row.said)
        folders: dict[str, list[Path]] = {part.source: [] for part in parts}
        for number, (part, _) in enumerate(slices):
            folders[part.source].append(folder / str(number))
        yield {part: map(_made, folders[part.source]) for part in parts}


def _groups(part: Part) -> list[Groups]:
    """Returns the row groups of each slice of a part, [first, last)."""
    if part.format is not Format.PARQUET:
        return [None]
    found: list[Groups] = []
    first, held = 0, 0
    rows = group_rows(part)
    for number, count in enumerate(rows, 1):
        held += count
        if held >= SLICE_ROWS or number == len(rows):
            found.append((first, number))
            first, held = number, 0
    return found


def _read(of: tuple[Part, Groups], reading: Reading, folder: Path) -> str:
    """Makes the folder of a slice, in one piece, since Spark may try twice; returns why it cannot be read, if so."""
    making = folder.with_name(f"{folder.name}-{uuid4().hex}")
    making.mkdir(mode=0o770)  # a worker may run as another user of the group
    try:
        with Validator(making / _REJECTS, erased=reading.erased) as validator:
            clean = _clean(*of, validator, reading)
            how = reading.keyring, reading.places, reading.erased
            tables, passed_over = absorb_part(clean, *how, seal=reading.seal)
        for name, table in tables.items():
            pq.write_table(table, making / f"{name}.parquet", compression="zstd", compression_level=1)
        counts = {"passed_over": passed_over, "good": validator.good, "rejected": dict(validator.reasons)}
        (making / _COUNTS).write_text(json.dumps(counts), encoding="utf-8")
        with suppress(FileExistsError):
            making.rename(folder)
    except LinkageError as error:
        return str(error)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return ""


def _clean(part: Part, groups: Groups, validator: Validator, reading: Reading) -> Iterator[Any]:
    for raw in batches(part, COLUMNS["requests"], groups=groups):
        clean = validator.check(raw)
        yield clean, prompt_keys(clean, reading.keyring)


def _made(folder: Path) -> Slice:
    counts = json.loads((folder / _COUNTS).read_text(encoding="utf-8"))
    rejects = folder / _REJECTS / "rejects.jsonl"
    rows = [json.loads(line) for line in rejects.read_text(encoding="ascii").splitlines()] if rejects.exists() else []
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    return Slice(tables, counts["passed_over"], counts["good"], counts["rejected"], rows)

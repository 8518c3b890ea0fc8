"""One part as batches, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linkage.model.batches import RawBatch
from linkage.read.columns import chosen
from linkage.read.part import Format, Part

BATCH_ROWS = 1_000_000
"""Rows of a Parquet part that are held at a time: about 100 MB of requests without prompts."""


def batches(
    part: Part, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS, groups: tuple[int, int] | None = None
) -> Iterator[RawBatch]:
    """Yields the rows of a part in order, unchecked, at most `rows` at a time (a block of 16 MiB of text).

    A batch has the asked columns (None: all) and the required ones, in the contract's order; a column that the
    file lacks has what the part's path says, or is null. `groups`: of a Parquet part, the row groups [first, last)
    alone. InputError where the part cannot be read to its end: what came before is not to be kept.
    """
    wanted = chosen(part.shape, columns)
    if part.format is Format.PARQUET:
        from linkage.read.parquet import read_parquet

        return read_parquet(part, wanted, rows, groups)
    if part.format in (Format.CSV, Format.CSV_GZ):
        from linkage.read.delimited import read_csv

        return read_csv(part, wanted)
    from linkage.read.lines import read_jsonl

    return read_jsonl(part, wanted)

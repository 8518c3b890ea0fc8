"""Batches of rows on their way from a folder of facts to the columns, and why a row is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from linkage.model.facts import Table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa


class Reason(StrEnum):
    """Why a row is rejected; the values stand in the reject file and in the report's counts."""

    MISSING = "missing value"
    TOO_LONG = "over-long value"
    NOT_UTF8 = "not UTF-8"
    CONTROL = "control character"
    NOT_IP = "not an IP address"
    NOT_TIME = "not a time"
    IMPOSSIBLE_TIME = "impossible time"
    NOT_COUNT = "not a whole number"
    COUNT_RANGE = "count out of range"
    CHOICE = "not an allowed value"
    DUPLICATE = "duplicate key"
    FIELDS = "wrong number of fields"
    QUOTES = "quotes do not match"
    JSON = "not a JSON object"
    NESTED = "a list or an object instead of a value"
    LONG_ROW = "over-long row"
    NOT_ID = "not an id"
    ERASED = "erased"


REASONS: tuple[Reason, ...] = tuple(Reason)
"""In columns a reason is its place here plus one; 0 is a good row."""
CODES: dict[Reason, int] = {reason: place + 1 for place, reason in enumerate(REASONS)}


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Rows of one part as they were read, in the types of the part; nothing is checked yet.

    `source` names the part below the facts folder. `first_line` is the line of the first row, or its number
    from 1 in a Parquet part; `lines` gives the line of every row where rows and lines differ. `faults` are
    the lines that could not be read as rows, by reason. `done` is how many bytes of the part are behind.
    """

    table: Table
    source: str
    rows: pa.RecordBatch
    first_line: int
    done: int
    lines: npt.NDArray[np.int64] | None = None
    faults: Mapping[Reason, npt.NDArray[np.int64]] = field(default_factory=dict)

    def line(self, row: int) -> int:
        """Returns the line, or row number, at which a row of this batch stands in its part."""
        if self.lines is None:
            return self.first_line + row
        return int(self.lines[row])

    @property
    def rows_in(self) -> int:
        """Returns how many rows were met, those that could not be read included."""
        count: int = self.rows.num_rows
        return count + sum(len(lines) for lines in self.faults.values())

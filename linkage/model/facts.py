"""The facts format: the tables that producers of data write, column by column (see docs/facts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_VALUE_BYTES = 1024
"""Longest identifier, in bytes of UTF-8."""


class ColumnType(StrEnum):
    """What a column holds, which decides how it is checked."""

    ID = "id"
    TIME = "time"
    IP = "ip"
    TEXT = "text"
    PROMPT = "prompt"
    COUNT = "count"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, whether a row without it is bad, and the values allowed for a choice."""

    name: str
    type: ColumnType
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the facts format; `key` names the columns that may not repeat (empty: rows may)."""

    name: str
    columns: tuple[Column, ...]
    required: bool = False
    key: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Returns the column of this name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_ID, _TIME, _TEXT, _COUNT = ColumnType.ID, ColumnType.TIME, ColumnType.TEXT, ColumnType.COUNT
_ACCOUNT = Column("account_id", _ID, required=True)

TABLES: tuple[Table, ...] = (
    Table(
        "accounts",
        (
            _ACCOUNT,
            Column("created_at", _TIME),
            Column("status", ColumnType.CHOICE, choices=("active", "terminated", "suspended")),
            Column("plan", _TEXT),
            Column("country", _TEXT),
            Column("email_domain", _TEXT),
            Column("organization", _TEXT),
        ),
        required=True,
        key=("account_id",),
    ),
    Table(
        "requests",
        (
            _ACCOUNT,
            Column("at", _TIME, required=True),
            Column("ip", ColumnType.IP),
            Column("model", _TEXT),
            Column("endpoint", _TEXT),
            Column("prompt", ColumnType.PROMPT),
            Column("prompt_fingerprint", _TEXT),
            Column("n", _COUNT),
            Column("input_tokens", _COUNT),
            Column("output_tokens", _COUNT),
        ),
    ),
    Table(
        "payments",
        (
            _ACCOUNT,
            Column("payment_id", _ID, required=True),
            Column("at", _TIME),
            Column("kind", ColumnType.CHOICE, choices=("card", "bank", "wallet", "voucher", "invoice")),
            Column("bin", _TEXT),
            Column("issuer", _TEXT),
            Column("country", _TEXT),
        ),
    ),
    Table(
        "identifiers",
        (
            _ACCOUNT,
            Column("kind", _ID, required=True),
            Column("value", _ID, required=True),
            Column("at", _TIME),
        ),
    ),
    Table(
        "labels",
        (
            _ACCOUNT,
            Column("label", ColumnType.CHOICE, required=True, choices=("abuse", "benign")),
            Column("at", _TIME),
            Column("source", _TEXT),
        ),
    ),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

TRUTH = "truth"
"""The table that only benchmarks hold; a folder with it is refused as facts."""

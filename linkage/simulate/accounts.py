"""The columns of a population: one row an account, one array a property."""

# ruff: noqa: RUF009 - `_column` returns a dataclass field; nothing is shared between instances

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from linkage.simulate.randomness import Anything, Flags, Floats, Hashes, Ints

SOURCES = 4
"""Most places from which one account comes."""


def _column(dtype: Any, default: float | bool, width: int = 1) -> Any:  # a dataclass field of any type
    return field(metadata={"dtype": dtype, "default": default, "width": width})


@dataclass(frozen=True, slots=True)
class Accounts:
    """A population. Days are days since the world began (negative: before), times of day in seconds.

    `pool`, `share` and `stick` have one column a source (see `network.Stick`); from the day `moves` on
    the first source is the pool `moved`.
    """

    context: Ints = _column(np.int64, 0)
    operator: Ints = _column(np.int64, -1)
    campaign: Ints = _column(np.int64, -1)
    evader: Ints = _column(np.int64, 0)
    organization: Ints = _column(np.int64, -1)
    country: Ints = _column(np.int64, 0)
    # life
    created: Floats = _column(np.float64, 0)
    first: Floats = _column(np.float64, 0)
    last: Floats = _column(np.float64, 30)
    gap_from: Floats = _column(np.float64, np.inf)
    gap_to: Floats = _column(np.float64, np.inf)
    banned: Floats = _column(np.float64, np.inf)
    label: Ints = _column(np.int64, 0)
    labelled: Floats = _column(np.float64, 0)
    # rhythm
    requests: Floats = _column(np.float64, 1)
    session: Floats = _column(np.float64, 4)
    pace: Floats = _column(np.float64, 90)
    rhythm: Ints = _column(np.int64, 0)
    schedule: Ints = _column(np.int64, -1)
    scheduled: Floats = _column(np.float64, 0)
    jitter: Floats = _column(np.float64, 0)
    camouflage: Flags = _column(np.bool_, False)
    # network
    pool: Ints = _column(np.int64, -1, SOURCES)
    share: Floats = _column(np.float64, 0, SOURCES)
    stick: Ints = _column(np.int64, 1, SOURCES)
    moved: Ints = _column(np.int64, -1)
    moves: Floats = _column(np.float64, np.inf)
    # content
    model: Ints = _column(np.int64, 0)
    pivots: Floats = _column(np.float64, np.inf)
    template: Hashes = _column(np.uint64, 0)
    templates: Ints = _column(np.int64, 1)
    template_from: Ints = _column(np.int64, 0)
    templated: Floats = _column(np.float64, 0)
    variants: Ints = _column(np.int64, 1)
    bank: Ints = _column(np.int64, -1)
    public: Floats = _column(np.float64, 0.05)
    benchmark: Ints = _column(np.int64, -1)
    benched: Floats = _column(np.float64, 0)
    # attributes
    plan: Ints = _column(np.int64, 0)
    domain: Ints = _column(np.int64, 0)
    card: Ints = _column(np.int64, -1)
    instrument: Ints = _column(np.int64, 0)
    bin: Ints = _column(np.int64, 0)
    device: Ints = _column(np.int64, -1)
    phone: Ints = _column(np.int64, -1)
    email: Ints = _column(np.int64, -1)
    tls: Ints = _column(np.int64, 0)

    def __len__(self) -> int:
        return len(self.context)

    @classmethod
    def blank(cls, size: int) -> Accounts:
        """Returns `size` accounts with every property at its default."""
        columns: dict[str, Anything] = {}
        for row in fields(cls):
            width = row.metadata["width"]
            shape = (size,) if width == 1 else (size, width)
            columns[row.name] = np.full(shape, row.metadata["default"], dtype=row.metadata["dtype"])
        return cls(**columns)

    @classmethod
    def concat(cls, parts: list[Accounts]) -> Accounts:
        """Returns the parts one after another."""
        return cls(**{row.name: np.concatenate([getattr(p, row.name) for p in parts]) for row in fields(cls)})

    def take(self, order: Ints) -> Accounts:
        """Returns the accounts at these positions."""
        return type(self)(**{row.name: getattr(self, row.name)[order] for row in fields(self)})

    def come_from(self, source: int, pool: Ints | int, share: Floats | float, stick: int) -> None:
        """Makes `pool` the source number `source` of every account, with this weight."""
        self.pool[:, source] = pool
        self.share[:, source] = share
        self.stick[:, source] = stick

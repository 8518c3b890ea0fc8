"""Rows of facts that wait until there are enough of them to be aggregated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PromptKeys = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]
"""Bounds (rows + 1) and keys of prompts: those of row i are `keys[bounds[i]:bounds[i + 1]]`."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in columns: at this minute an account used one thing (`key` of `kind`), and some prompts.

    A key of 0 stands for no thing: one more chance in 2**64 that one is lost.
    `prompts[ends[i]:ends[i + 1]]` are the prompts of row i.
    """

    account: npt.NDArray[np.int32]
    minute: npt.NDArray[np.int32]
    count: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    kind: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]
    prompts: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.account)


class Held:
    """Holds rows in memory that is kept from one chunk to the next."""

    def __init__(self) -> None:
        self._columns: dict[str, npt.NDArray[Any]] = {
            "account": np.empty(0, np.int32),
            "minute": np.empty(0, np.int32),
            "count": np.empty(0, np.int64),
            "key": np.empty(0, np.uint64),
            "kind": np.empty(0, np.uint8),
            "ends": np.zeros(1, np.int64),
            "prompts": np.empty(0, np.uint64),
        }
        self._rows = self._prompts = 0

    @property
    def uses(self) -> int:
        """Returns how many things and prompts are held."""
        return self._rows + self._prompts

    def add(
        self, account: Any, minute: Any, count: Any, key: Any, kind: int, prompts: PromptKeys | None = None
    ) -> None:
        """Takes rows in; `count` and `key` may be one value for all."""
        begin, end = self._rows, self._rows + len(account)
        for name, values in (("account", account), ("minute", minute), ("count", count), ("key", key), ("kind", kind)):
            self._room(name, end)[begin:end] = values
        ends = self._room("ends", end + 1)
        if prompts is None:
            ends[begin + 1 : end + 1] = self._prompts
        else:
            bounds, keys = prompts
            ends[begin + 1 : end + 1] = bounds[1:] + self._prompts
            whole = self._prompts + len(keys)
            self._room("prompts", whole)[self._prompts : whole] = keys
            self._prompts = whole
        self._rows = end

    def take(self) -> Rows:
        """Returns all that is held, and forgets it: the rows are to be used up before more come in."""
        sizes = dict.fromkeys(self._columns, self._rows) | {"ends": self._rows + 1, "prompts": self._prompts}
        rows = Rows(**{name: column[: sizes[name]] for name, column in self._columns.items()})
        self._rows = self._prompts = 0
        return rows

    def _room(self, name: str, size: int) -> npt.NDArray[Any]:
        column = self._columns[name]
        if len(column) < size:
            grown = np.zeros(size + size // 2, column.dtype)
            grown[: len(column)] = column
            self._columns[name] = column = grown
        return column

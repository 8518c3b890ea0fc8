"""Slices of the facts that are read apart from the rest: how, and what is made of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linkage.derive import PlaceLists
from linkage.keys import Keyring
from linkage.working.erased import Erased

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = {"requests": ("account_id", "at", "ip", "prompt", "prompt_fingerprint", "n")}
"""What is used of a table where it is not all: a column that is not read costs nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a worker reads: under which keys, with which places, without whom, and whether it seals values."""

    keyring: Keyring
    places: PlaceLists
    erased: Erased
    seal: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """What was made of a slice: tables for `Absorber.include`, and for `Validator.include` counts and rejected rows."""

    tables: dict[str, pa.Table]
    passed_over: int
    good: int
    rejected: dict[str, int]
    rejects: list[dict[str, Any]]

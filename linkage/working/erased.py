"""Who and what was erased from a store: the record of it, and the list that keeps a later load from bringing it back.

A file of JSON lines beside the working file, readable by its owner only and only ever added to; it stays when the facts
are loaded into a new working file of that name. It names nobody: an account is a hash of its id, and an identifier one
of its key, under keys that serve nothing else. Each erasure has a line when it begins and one when it is done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.errors import SettingsError, StoreError
from linkage.kernels.coded import codes_of
from linkage.kernels.siphash import siphash_integers, siphash_strings
from linkage.keys import Keyring

_ACCOUNT, _IDENTIFIER = "erased account", "erased identifier"
_PRINT = "erasures"
"""What is hashed to tell under which secret a line was written."""

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Erased:
    """What is not to come back, as sorted hashes of hashes; nothing, unless it is given."""

    keyring: Keyring | None = None
    accounts: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    identifiers: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))

    def names(self, ids: pa.Array) -> Mask:
        """Returns for each account id, coded or not, whether it was erased."""
        if self.keyring is None or not len(self.accounts):
            return np.zeros(len(ids), np.bool_)
        if pa.types.is_dictionary(ids.type):
            return np.asarray(self.names(ids.dictionary)[codes_of(ids)], np.bool_)
        return _in(siphash_strings(ids, self.keyring.pair(_ACCOUNT)), self.accounts)

    def holds(self, keys: Any) -> Mask:
        """Returns for each key of an identifier whether it was erased."""
        if self.keyring is None or not len(self.identifiers):
            return np.zeros(len(keys), np.bool_)
        return _in(siphash_integers(keys, self.keyring.pair(_IDENTIFIER)), self.identifiers)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Of what an erasure is, as the record has it: hashes as 16 hex digits."""

    accounts: tuple[str, ...]
    identifiers: tuple[str, ...]

    @classmethod
    def of(cls, keyring: Keyring, accounts: Sequence[str], keys: Sequence[str]) -> Subjects:
        """Returns the hashes of account ids and of keys of identifiers (16 hex digits)."""
        named = siphash_strings(pa.array(accounts, pa.string()), keyring.pair(_ACCOUNT))
        numbers = np.array([int(key, 16) for key in keys], np.uint64)
        return cls(_hex(named), _hex(siphash_integers(numbers, keyring.pair(_IDENTIFIER))))


class ErasedFile:
    """The record at `path`; there need not be one yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, keyring: Keyring) -> Erased:
        """Returns what is not to come back; SettingsError where the record was made under another secret."""
        begun = [line for line in self._lines() if line["state"] == "begun"]
        if any(line["key"] != keyring.hash(_PRINT, "") for line in begun):
            raise SettingsError(
                f"{self.path} was made under another LINKAGE_KEY and cannot tell whom it is about: set that one; or "
                "take the facts of those who were erased out of your facts, and remove it"
            )
        found = [_sorted(one for line in begun for one in line[name]) for name in ("accounts", "identifiers")]
        return Erased(keyring, *found)

    def done(self, subjects: Subjects) -> bool:
        """Returns whether all of the subjects were erased by erasures that came to their end."""
        lines = self._lines()
        ended = {line["erasure"] for line in lines if line["state"] == "done"}
        closed = [line for line in lines if line["state"] == "begun" and line["erasure"] in ended]
        accounts, identifiers = ({one for line in closed for one in line[name]} for name in ("accounts", "identifiers"))
        return accounts.issuperset(subjects.accounts) and identifiers.issuperset(subjects.identifiers)

    def begin(self, erasure: str, keyring: Keyring, subjects: Subjects, author: str, reason: str) -> None:
        """Notes an erasure before anything is removed; from then on no load takes the subjects in."""
        told = {"author": author, "reason": reason, "key": keyring.hash(_PRINT, "")}
        named = {"accounts": subjects.accounts, "identifiers": subjects.identifiers}
        self._add({"erasure": erasure, "state": "begun", "at": _now()} | told | named)

    def end(self, erasure: str, removed: Mapping[str, int]) -> None:
        """Notes that an erasure is done, and how much it removed."""
        self._add({"erasure": erasure, "state": "done", "at": _now(), "removed": dict(removed)})

    def _lines(self) -> list[dict[str, Any]]:  # JSON
        try:
            text = self.path.read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"the record of erasures {self.path} cannot be read: {type(error).__name__}") from None
        found = []
        for line in text.splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:  # cut short while it was written: what it is about was not begun then
                continue
        return found

    def _add(self, line: dict[str, Any]) -> None:
        """Adds a line, which is on the disk when this returns."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            whole = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as stream:
                stream.write(("" if whole else "\n").encode() + json.dumps(line).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StoreError(f"the record of erasures {self.path} cannot be written: {error.strerror}") from None


def _in(hashes: Hashes, known: Hashes) -> Mask:
    return np.asarray(np.isin(hashes, known), np.bool_)


def _hex(hashes: Hashes) -> tuple[str, ...]:
    return tuple(f"{one:016x}" for one in hashes.tolist())


def _sorted(hashes: Iterable[str]) -> Hashes:
    return np.unique(np.array([int(one, 16) for one in hashes], np.uint64))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""Erasure: what is stored of an account, or of an identifier, is removed everywhere, and no later load brings it
back.

First the record is written, then the store, the working file, the decisions and the files beside it are cleared, each
in a way that can be done again: killed anywhere, the same command goes on, and ends in the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from linkage.derive.erase import erase as erase_columns
from linkage.derive.keys import KindKeys
from linkage.errors import InputError, StoreError
from linkage.jobs.leftovers import Leftovers
from linkage.jobs.load import erased_file
from linkage.jobs.site import Site
from linkage.keys import Keyring
from linkage.model.decisions import without
from linkage.stores.base import Capability, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.erasing import Traces
from linkage.working import SCHEMA_VERSION
from linkage.working.erased import Subjects
from linkage.working.schema import get_meta

FILES = "files"
"""The count of files that may name an account; those that came after an erasure name none of its accounts."""

NEVER = ("prompt", "signup")
"""Kinds that no raw value is given of: a prompt has many fingerprints, and an hour of sign-up is nobody's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was erased, or would be. `erasure` names it in the record; it is empty where nothing was done."""

    erasure: str
    accounts: int
    identifiers: int
    unknown: int
    counts: Mapping[str, int]


def keys_of(keyring: Keyring, identifiers: Sequence[tuple[str, str]]) -> list[str]:
    """Returns the keys of values given with their kinds, as loads make them.

    InputError, which does not repeat the value, for one that has none.
    """
    made = KindKeys(keyring)
    found = []
    for number, (kind, value) in enumerate(identifiers, 1):
        keys = [] if kind.strip().lower() in NEVER or not value else made.of(kind, value)
        if not keys:
            raise InputError(f"identifier {number} of kind «{kind}» has no key: it is no value of this kind")
        found += [f"{key:016x}" for key in keys]
    return sorted(set(found))


def erase(
    site: Site,
    accounts: Sequence[str],
    identifiers: Sequence[tuple[str, str]] = (),
    *,
    author: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Erases accounts, and identifiers given as kind and value; with `dry_run` it only counts.

    An account that is not known is noted as well: facts about it may yet come. StoreError where something is left.
    """
    record = erased_file(site)
    if not record.path.exists():  # else it says first whether the key is its own
        site.require_store()
    keyring = site.keyring()
    ids, keys = sorted(set(accounts)), keys_of(keyring, identifiers)
    subjects = Subjects.of(keyring, ids, keys)
    record.read(keyring)
    site.require_store()
    with site.working.lock(), site.open() as store:
        work = _Erasure(site, store, ids, keys)
        counts = work.counts()
        outcome = Outcome("", len(ids), len(keys), work.unknown(), counts)
        if dry_run or (record.done(subjects) and not any(count for name, count in counts.items() if name != FILES)):
            return outcome
        store.prepare()
        erasure = f"erasure-{secrets.token_hex(6)}"
        record.begin(erasure, keyring, subjects, author, reason)
        work.do()
        left = {name: count for name, count in work.counts().items() if count}
        if left:
            raise StoreError(f"{left} are left in {store.url} after the erasure: run it again")
        record.end(erasure, counts)
    return Outcome(erasure, outcome.accounts, outcome.identifiers, outcome.unknown, counts)


@dataclass(frozen=True, slots=True)
class _Erasure:
    site: Site
    store: Store
    ids: list[str]
    keys: list[str]

    def counts(self) -> dict[str, int]:
        """Returns how much there is of it, in the store and in the working file that fills it, whichever has more."""
        traces = asdict(self.store.traces(self.ids, self.keys))
        columns = asdict(self._columns())
        found = {name: max(count, columns[name]) for name, count in traces.items()}
        return found | {"decisions": len(self._decisions()), FILES: self._leftovers().count()}

    def unknown(self) -> int:
        """Returns how many of the accounts the store does not know."""
        return len(self.ids) - len(self.store.accounts(self.ids))

    def do(self) -> None:
        """Removes everything; what is left is weighed anew, and its weights are sent to the store."""
        embedded = Capability.EMBEDDED in self.store.capabilities
        self.store.erase(self.ids, self.keys)
        if self.site.working.exists:
            self._rewrite()
            if not embedded:
                with DuckDBStore(self.site.working) as working:
                    self.store.load(working.graph(after=working.loaded_through()))
        self.store.forget_accounts(self.ids)
        self._leftovers().remove()

    def _columns(self) -> Traces:
        if not self.site.working.exists:
            return Traces()
        with DuckDBStore(self.site.working) as working:
            return working.traces(self.ids, self.keys)

    def _rewrite(self) -> None:
        decisions = self._decisions()
        with self.site.working.read() as con:
            older = get_meta(con, "schema") != SCHEMA_VERSION
        if older:
            with self.site.working.write():
                pass
        with self.site.working.rewrite() as con:
            erase_columns(con, self.ids, self.keys, decisions)

    def _decisions(self) -> list[str]:
        """Returns the decisions that name one of the accounts."""
        return [one.decision_id for one in self.store.decisions() if without(one, self.ids) != one]

    def _leftovers(self) -> Leftovers:
        return Leftovers(self.site, frozenset(self.ids))

"""The load job: a folder of facts to the working file, and from there to the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.derive import Absorber, PlaceLists, Sealer, Spill, weigh
from linkage.errors import InputError, SettingsError, UnsupportedOperation
from linkage.fingerprint import prompt_keys
from linkage.jobs.lists import note_lists
from linkage.jobs.site import Site
from linkage.jobs.slices import COLUMNS, Reading, Slice
from linkage.keys import Keyring
from linkage.load import fill, send_sealed
from linkage.model.reports import StepReport
from linkage.progress import Advance
from linkage.read import FactsFolder, Part, Stamp, batches, open_folder
from linkage.stores.base import Capability
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.registry import first_import, install_local, is_unfilled
from linkage.validate import Validator
from linkage.working.erased import ErasedFile
from linkage.working.schema import get_meta, set_meta

if TYPE_CHECKING:
    import duckdb

_KEY = "key"
_ORDER = ("accounts", "requests", "payments", "identifiers", "labels")


Check = Callable[["duckdb.DuckDBPyConnection", int, int], None]
"""Is shown the file that is about to be put in place, and how many rows were good and rejected; it may refuse."""


def load(site: Site, folder: Path, check: Check | None = None) -> list[StepReport]:
    """Loads the facts in `folder`; parts that were loaded before are passed over.

    Killed at any moment, the working file is as before or whole, and the next load brings the store up to it. It
    is as before, too, when `check` raises, or when a part was written to while it was read (InputError).
    """
    facts = open_folder(folder)
    for note in facts.notes:
        site.progress.say(note)
    if is_unfilled(site.settings):
        return _load_first(site, facts, check)
    with site.working.lock(), site.open() as store:
        if site.settings.keep_values and Capability.SEALED_VALUES not in store.capabilities:
            raise UnsupportedOperation(f"{store.url} keeps no values: unset LINKAGE_KEEP_VALUES")
        reports = [_take_in(site, facts, check)]
        if Capability.EMBEDDED not in store.capabilities:
            site.progress.say("filling the store")
            with DuckDBStore(site.working) as working:
                reports.append(fill(store, working))
    return reports


def _load_first(site: Site, facts: FactsFolder, check: Check | None) -> list[StepReport]:
    """Loads into a local Neo4j without a database: it is imported first and started then, once."""
    install_local(site.settings, site.progress)  # what cannot be had is said before the facts are read
    with site.working.lock():
        taken = _take_in(site, facts, check)
        site.progress.say("filling the store")
        began = time.perf_counter()
        with DuckDBStore(site.working) as working:
            first_import(site.settings, working.numbered_graph(), site.progress)
            with site.open() as store:
                if site.settings.keep_values:
                    store.prepare()
                    send_sealed(store, working, 0)
                store.mark_loaded(working.loaded_through())  # soon: killed before it, all would be merged again
                store.prepare()
                filled = fill(store, working)
    return [taken, replace(filled, seconds=time.perf_counter() - began)]


def _take_in(site: Site, facts: FactsFolder, check: Check | None) -> StepReport:
    began = time.perf_counter()
    stamps = [(part, part.stamp()) for part in facts.parts]
    known = _known_digests(site)
    fresh = []
    for part, digest in _digests(facts):
        if digest not in known:  # nor given twice in one folder
            fresh.append((part, digest))
            known.add(digest)
    if not fresh and site.working.exists:
        return StepReport("load", seconds=time.perf_counter() - began, counts={"unchanged": 1, "parts": 0})
    keyring = site.keyring()
    places = PlaceLists.read(site.settings.lists)
    erased = erased_file(site).read(keyring)
    with site.working.write() as con, Validator(reject_folder(site), erased=erased) as validator:
        _require_key(con, keyring)
        note_lists(con, site.settings.lists, site.progress)
        number = _next_load(con)
        with Spill(site.working.path.parent) as spill:
            spill.read(con)
            sealer = Sealer(con, keyring, number) if site.settings.keep_values else None
            absorber = Absorber(con, keyring, places, number, spill, sealer, erased)
            reading = Reading(keyring, places, erased, seal=sealer is not None)
            with _elsewhere(site, fresh, reading) as made, site.progress.bar("load") as advance:
                _absorb(con, absorber, validator, fresh, keyring, advance, number, made)
            absorber.finish()
            weighed = weigh(con, spill)
        _require_unchanged(stamps)
        if check is not None:
            check(con, validator.good, validator.rejected)
    counts: dict[str, int | float | str] = {
        "parts": len(fresh),
        "accounts": weighed.accounts,
        "identifiers": weighed.identifiers,
        "shared_identifiers": weighed.shared,
    }
    if validator.rejected:
        counts["reject_file"] = str(validator.path)
        counts |= {f"rejected: {reason}": count for reason, count in sorted(validator.reasons.items())}
    if absorber.passed_over:
        counts["passed over: erased identifier"] = absorber.passed_over
    return StepReport(
        "load",
        rows_in=validator.good + validator.rejected,
        rows_out=validator.good,
        rejected=validator.rejected,
        seconds=time.perf_counter() - began,
        counts=counts,
    )


def _require_key(con: duckdb.DuckDBPyConnection, keyring: Keyring) -> None:
    """Raises SettingsError unless the working file was filled under this key: hashes of two keys never meet."""
    print_of_key = keyring.hash("the key itself", "linkage")
    known = get_meta(con, _KEY)
    if known not in (None, print_of_key):
        raise SettingsError(
            "this store was filled under another LINKAGE_KEY: set that one, or load all facts into a new store"
        )
    set_meta(con, _KEY, print_of_key)


def _require_unchanged(stamps: Sequence[tuple[Part, Stamp]]) -> None:
    """Raises InputError where a part is no longer what it was before it was read."""
    for part, before in stamps:
        if part.stamp() != before:
            raise InputError(
                f"{part.source} was written to while it was read: nothing of the folder was loaded; "
                "load it again when it is complete"
            )


def _digests(facts: FactsFolder) -> Iterator[tuple[Part, str]]:
    for table in _ORDER:
        for part in facts.tables.get(table, []):
            yield part, part.digest()


def _known_digests(site: Site) -> set[str]:
    if not site.working.exists:
        return set()
    with site.working.read() as con:
        return {row[0] for row in con.execute("SELECT digest FROM source").fetchall()}


def _next_load(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT coalesce(max(load), 0) + 1 FROM source").fetchall()[0][0])


def erased_file(site: Site) -> ErasedFile:
    """Returns the record of what was erased and is not to come back."""
    return ErasedFile(site.working.beside(".erased"))


def reject_folder(site: Site) -> Path:
    """Returns the folder of the file of rejected rows."""
    return site.working.path.parent / "rejects"


def _elsewhere(
    site: Site, parts: Sequence[tuple[Part, str]], reading: Reading
) -> AbstractContextManager[Mapping[Part, Iterable[Slice]]]:
    """Has the requests read by the engine of the settings, where that is not this process."""
    if site.settings.engine == "local":
        return nullcontext({})
    from linkage.jobs.spark.facts import requests_on_spark

    return requests_on_spark(site, [part for part, _ in parts if part.table == "requests"], reading)


def _absorb(
    con: duckdb.DuckDBPyConnection,
    absorber: Absorber,
    validator: Validator,
    parts: Sequence[tuple[Part, str]],
    keyring: Keyring,
    advance: Advance,
    load_number: int,
    made: Mapping[Part, Iterable[Slice]],
) -> None:
    """Absorbs the good rows of all parts, and notes each part with its digest and its rows.

    `made`: what somebody else made of some of the parts.
    """
    done, total = 0, sum(part.size for part, _ in parts)
    for part, digest in parts:
        good, rejected = validator.good, validator.rejected
        for one in made.get(part, ()):
            validator.include(part.table, one.good, one.rejected, one.rejects)
            absorber.include(one.tables, one.passed_over)
        for raw in () if part in made else batches(part, COLUMNS.get(part.table)):
            clean = validator.check(raw)
            prompts = prompt_keys(clean, keyring) if part.table == "requests" else None
            absorber.absorb(part.table, clean, prompts)
            advance(done + raw.done, total)
        con.execute(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)",
            [digest, part.table, part.path.name, validator.good - good, validator.rejected - rejected, load_number],
        )
        done += part.size

"""The load job: a folder of facts to the working file, and from there to the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.derive import Absorber, PlaceLists, Sealer, Spill, weigh
from linkage.errors import UnsupportedOperation
from linkage.fingerprint import prompt_keys
from linkage.jobs.lists import note_lists
from linkage.jobs.parts import Fresh, Parts, open_facts
from linkage.jobs.site import KEY_PRINT, Site, print_of
from linkage.jobs.slices import COLUMNS, Reading, Slice
from linkage.keys import Keyring
from linkage.load import fill, send_sealed
from linkage.model.reports import StepReport
from linkage.progress import Advance
from linkage.read import FactsFolder, Part, batches
from linkage.stores.base import Capability
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.registry import first_import, install_local, is_unfilled
from linkage.validate import Validator
from linkage.working.erased import ErasedFile
from linkage.working.schema import set_meta

if TYPE_CHECKING:
    import duckdb

Check = Callable[["duckdb.DuckDBPyConnection", int, int], None]
"""Is shown the file that is about to be put in place, and how many rows were good and rejected; it may refuse."""


def load(site: Site, folder: Path | str | FactsFolder, check: Check | None = None) -> list[StepReport]:
    """Loads the facts in `folder`, a path or URL, or opened already; parts that were loaded before are passed over.

    Killed at any moment, the working file is as before or whole, and the next load brings the store up to it. It
    is as before, too, when `check` raises, or when a part was written to while it was read (InputError).
    """
    facts = folder if isinstance(folder, FactsFolder) else open_facts(site, folder)
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
    parts = Parts(site, facts)
    away = _away(site, parts)
    fresh = parts.fresh()
    first = next(fresh, None)
    if first is None and site.working.exists:
        parts.remember()
        return StepReport("load", seconds=time.perf_counter() - began, counts={"unchanged": 1, "parts": 0})
    keyring = site.keyring()
    places = PlaceLists.read(site.settings.lists)
    erased = erased_file(site).read(keyring)
    with site.working.write() as con, Validator(reject_folder(site), erased=erased) as validator:
        set_meta(con, KEY_PRINT, print_of(keyring))
        note_lists(con, site.settings.lists, site.progress)
        number = _next_load(con)
        with Spill(site.working.path.parent) as spill:
            spill.read(con)
            sealer = Sealer(con, keyring, number) if site.settings.keep_values else None
            absorber = Absorber(con, keyring, places, number, spill, sealer, erased)
            reading = Reading(keyring, places, erased, seal=sealer is not None)
            with _elsewhere(site, away, reading) as made, site.progress.bar("load") as advance:
                given, total = chain([first] if first else [], fresh), sum(part.size for part in parts.unknown)
                loaded = _absorb(con, absorber, validator, given, keyring, advance, total, number, made)
            absorber.finish()
            weighed = weigh(con, spill)
        parts.require_unchanged()
        if check is not None:
            check(con, validator.good, validator.rejected)
    parts.remember()
    counts: dict[str, int | float | str] = {
        "parts": loaded,
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


def _next_load(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT coalesce(max(load), 0) + 1 FROM source").fetchall()[0][0])


def erased_file(site: Site) -> ErasedFile:
    """Returns the record of what was erased and is not to come back."""
    return ErasedFile(site.working.beside(".erased"))


def reject_folder(site: Site) -> Path:
    """Returns the folder of the file of rejected rows."""
    return site.working.beside(".rejects")


def _away(site: Site, parts: Parts) -> list[Part]:
    """Returns the requests that another engine than this process is to read."""
    requests = [part for part in parts.unknown if part.table == "requests"]
    if site.settings.engine == "local" or not requests:
        return []
    from linkage.jobs.spark.facts import digests_on_spark

    return parts.read_elsewhere(digests_on_spark(site, requests))


def _elsewhere(
    site: Site, parts: Sequence[Part], reading: Reading
) -> AbstractContextManager[Mapping[Part, Iterable[Slice]]]:
    """Has parts read by the engine of the settings, where that is not this process."""
    if not parts:
        return nullcontext({})
    from linkage.jobs.spark.facts import requests_on_spark

    return requests_on_spark(site, parts, reading)


def _absorb(
    con: duckdb.DuckDBPyConnection,
    absorber: Absorber,
    validator: Validator,
    parts: Iterable[Fresh],
    keyring: Keyring,
    advance: Advance,
    total: int,
    load_number: int,
    made: Mapping[Part, Iterable[Slice]],
) -> int:
    """Absorbs the good rows of all parts, notes each with its digest and its rows, and returns how many there were.

    `total`: bytes that they have at most; `made`: what somebody else made of some of them.
    """
    done = count = 0
    for fresh in parts:
        part, good, rejected = fresh.part, validator.good, validator.rejected
        for one in made.get(part, ()):
            validator.include(part.table, one.good, one.rejected, one.rejects)
            absorber.include(one.tables, one.passed_over)
        for raw in () if part in made else batches(fresh.near, COLUMNS.get(part.table)):
            clean = validator.check(raw)
            prompts = prompt_keys(clean, keyring) if part.table == "requests" else None
            absorber.absorb(part.table, clean, prompts)
            advance(done + raw.done, total)
        con.execute(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)",
            [
                fresh.digest,
                part.table,
                part.file.name,
                validator.good - good,
                validator.rejected - rejected,
                load_number,
            ],
        )
        done, count = done + part.size, count + 1
    return count

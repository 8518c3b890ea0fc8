"""The detect job: link, detect, rank and publish, as one run behind one pointer."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from linkage.errors import InputError
from linkage.jobs.decisions import holding
from linkage.jobs.finding import find
from linkage.jobs.labels import honour_labels
from linkage.jobs.publishing import Plan, next_run, publish
from linkage.jobs.site import Site
from linkage.jobs.unchanged import input_digest, nothing_to_do, unchanged_run
from linkage.link import link
from linkage.link.run import Projection
from linkage.model.reports import StepReport
from linkage.stores.base import Capability, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.working.incidence import Incidence, read_incidence


def detect(site: Site, *, again: bool = False) -> list[StepReport]:
    """Finds rings among all that is loaded, and publishes them as one run.

    Where nothing has changed since the current run it publishes nothing, unless it is to do so `again`.
    """
    site.require_store()
    started = datetime.now(UTC)
    with site.working.lock(), site.open() as store:
        require_facts(site)
        honour_labels(site, store, started)
        stands = unchanged_run(store, input_digest(site, holding(store, started)))
        if stands is not None and not again:
            return [nothing_to_do(stands)]
        linked, incidence = link_accounts(site)
        run_id = next_run(store)
        send_links(site, store, run_id)
        found = find(site, store, incidence)
        return [linked, *found.reports, publish(site, store, found, Plan(run_id, started), linked)]


def require_facts(site: Site) -> None:
    """Raises InputError where nothing was loaded yet."""
    if not site.working.exists:
        raise InputError(f"nothing is loaded in {site.settings.store}: run `linkage load DIR` first")


def link_accounts(site: Site) -> tuple[StepReport, Incidence]:
    """Makes the working file's table of links again; returns what it was made of too. The caller holds the lock."""
    site.progress.say("linking accounts")
    with site.working.write() as con:
        incidence = read_incidence(con)
        return link(con, incidence, site.settings, _elsewhere(site)), incidence


def _elsewhere(site: Site) -> Projection | None:
    """Returns what projects in place of this process, None where it is to do so itself."""
    if site.settings.engine == "local":
        return None
    from linkage.jobs.spark import project_on_spark

    return partial(project_on_spark, site)


def send_links(site: Site, store: Store, run_id: str) -> None:
    """Brings the working file's links to a store that is not the working file itself, stamped with the run."""
    if Capability.EMBEDDED not in store.capabilities:
        store.prepare()
        with DuckDBStore(site.working) as working:
            store.replace_links(working.link_table(), run_id)

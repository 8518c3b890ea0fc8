"""Whether anything that a run depends on is other than when the current run was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from linkage.jobs.site import Site
from linkage.model.decisions import Decision
from linkage.model.reports import StepReport
from linkage.model.rings import Run
from linkage.stores.base import Store
from linkage.version import __version__
from linkage.working.beside import META

if TYPE_CHECKING:
    import duckdb

PUBLISHED_SETTINGS = (
    "link_margin",
    "facet_cap",
    "timing_cap",
    "facet_floor",
    "behaviour_floor",
    "ring_bits",
    "member_bits",
    "min_ring",
    "dormant_days",
)
"""Settings that a run is made with."""

INPUT = "input"
"""The name under which a run's settings hold the digest of its input."""

_FACTS = ("account", "label", "once", "often", "activity", "listed_place")


_NO_FACTS = ["current_run", META]
"""Values of the working file that tell nothing of the facts."""


def input_digest(site: Site, decisions: Sequence[Decision]) -> str:
    """Returns a digest of all that a run is made of: facts, settings, decisions that hold, and the version."""
    with site.working.read() as con:
        facts = _facts(con)
    settings = {name: getattr(site.settings, name) for name in PUBLISHED_SETTINGS}
    decided = [(one.decision_id, one.version) for one in decisions]
    text = json.dumps([__version__, facts, settings, decided], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def unchanged_run(store: Store, digest: str) -> Run | None:
    """Returns the current run if it was made of the input of this digest."""
    run = store.current_run()
    return run if run is not None and run.settings.get(INPUT) == digest else None


def nothing_to_do(run: Run) -> StepReport:
    """Returns the report of a detection that was spared, since the run that stands was made of the same."""
    counts: dict[str, int | float | str] = {"unchanged": 1, "run_id": run.run_id}
    return StepReport("detect", counts=counts | {name: run.counts[name] for name in ("rings", "members")})


def _facts(con: duckdb.DuckDBPyConnection) -> list[object]:
    """Returns what tells one state of the facts from another: what was loaded, and how much of it is there."""
    parts = con.execute("SELECT digest, load FROM source ORDER BY ALL").fetchall()
    named = con.execute(
        "SELECT name, value FROM meta WHERE NOT list_contains(?, name) ORDER BY ALL", [_NO_FACTS]
    ).fetchall()
    sizes = [con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in _FACTS]
    return [parts, named, sizes]

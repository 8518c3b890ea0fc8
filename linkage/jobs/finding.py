"""Finding rings: communities among the links, judged, ruled on, and described for publication."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from linkage.detect import communities, partition
from linkage.detect.pieces import RESOLUTION
from linkage.jobs.decisions import holding, ordinals_of
from linkage.jobs.describing import describe, last_moment
from linkage.jobs.site import Site
from linkage.model.columns import LinkColumns, read_links, renamed
from linkage.model.decisions import Decision
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.model.reports import StepReport
from linkage.publish import RingFacts
from linkage.rank import select
from linkage.rank.decided import decide
from linkage.rank.habits import usual_uses
from linkage.rank.layers import Rare
from linkage.rank.succession import follow
from linkage.stores.base import Capability, Store
from linkage.working.incidence import Incidence, read_incidence, read_ordinals

if TYPE_CHECKING:
    import duckdb

_PLACES = {code: place.value for place, code in PLACE_CODES.items() if place is not Place.UNKNOWN}
_CROWDS = """
SELECT place, round(1 + arg_max(pow(2, millibits / 1000.0) * (peak - 1), millibits))
FROM identifier WHERE kind = ? AND peak > 1 AND millibits > 0 GROUP BY place ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Rings and all that is published of them, with the reports of the steps that found them.

    `against`: decisions that were honoured although evidence says otherwise, and what it says. `usual`: among how
    many accounts addresses of a sort of place are rare (`crowd_PLACE`), and how many things of a facet an account
    uses that uses any (`usual_FACET`). `rare`: the uses that rings were found by, where they are still at hand.
    """

    rings: tuple[RingFacts, ...]
    at: datetime | None
    accounts: int
    traffic: bool
    reports: tuple[StepReport, ...]
    decisions: tuple[Decision, ...] = ()
    against: tuple[tuple[Decision, str], ...] = ()
    usual: Mapping[str, int | float] = field(default_factory=dict)
    rare: Rare | None = None


def find(site: Site, store: Store, incidence: Incidence | None = None) -> Found:
    """Finds communities, judges them and describes the rings that they make; what is not given is read."""
    site.progress.say("finding rings")
    with site.working.read() as con:
        incidence = incidence or read_incidence(con)
        began = time.perf_counter()
        accounts = incidence.accounts
        links, _ = renamed(read_links(con), read_ordinals(con))
        community = partition(links, accounts, _found_elsewhere(site, store, con, links))
        detected = StepReport(
            "detect",
            rows_in=len(links),
            rows_out=len(np.unique(community[community >= 0])),
            seconds=time.perf_counter() - began,
        )
        began = time.perf_counter()
        rare = Rare.of(incidence)
        rings = select(
            con,
            incidence,
            rare,
            links,
            community,
            lambda some: partition(some, accounts),
            lambda some: communities(some, accounts),
            site.settings,
        )
        decisions = holding(store, datetime.now(UTC))
        rings = follow(con, rare, rings)
        decided = decide(rings, decisions, ordinals_of(con, decisions), site.settings.min_ring)
        facts = describe(con, incidence, rare, decided.rings, site.settings.dormant_days)
        ranked = StepReport("rank", rows_in=detected.rows_out, rows_out=len(facts), seconds=time.perf_counter() - began)
        return Found(
            tuple(facts),
            last_moment(con),
            accounts,
            _has_traffic(con),
            (detected, ranked),
            tuple(decisions),
            tuple(decided.against),
            _crowds(con) | usual_uses(incidence),
            rare,
        )


def _found_elsewhere(
    site: Site, store: Store, con: duckdb.DuckDBPyConnection, links: LinkColumns
) -> dict[int, int] | None:
    """Returns the communities that Spark or the store found, None where they are to be found here."""
    if site.settings.engine == "spark":
        from linkage.jobs.spark import pieces_on_spark

        return pieces_on_spark(site, links)
    return _own_communities(store, con) if Capability.COMMUNITIES in store.capabilities else None


def _own_communities(store: Store, con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Returns the communities that the store found, by ordinal."""
    con.register("found", store.communities(RESOLUTION))
    rows = con.execute(
        "SELECT ordinal, community FROM found JOIN account ON id = account_id JOIN habit USING (account)"
    ).fetchnumpy()
    con.unregister("found")
    _, numbers = np.unique(rows["community"], return_inverse=True)
    return dict(zip(rows["ordinal"].tolist(), numbers.tolist(), strict=True))


def _crowds(con: duckdb.DuckDBPyConnection) -> dict[str, int | float]:
    """Returns among how many accounts the addresses of each sort of place are rare, as their bits tell."""
    rows = con.execute(_CROWDS, [BY_NAME["ip"].code]).fetchall()
    return {f"crowd_{_PLACES[place]}": int(crowd) for place, crowd in rows if place in _PLACES}


def _has_traffic(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT count(*) > 0 FROM activity").fetchall()[0][0])

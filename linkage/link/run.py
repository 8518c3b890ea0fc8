"""The link step: from the working file's shared uses to its table of links."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from linkage.link.apart import Weighed
from linkage.link.benign import excused
from linkage.link.dates import shared_minutes
from linkage.link.project import project
from linkage.link.rule import Rule, rule_of
from linkage.link.strongest import strongest
from linkage.model.columns import LinkColumns, renamed
from linkage.model.kinds import FACETS
from linkage.model.reports import StepReport
from linkage.settings import Settings
from linkage.working.incidence import numbers_of, read_ordinals
from linkage.working.schema import read_chance

if TYPE_CHECKING:
    import duckdb

    from linkage.working.incidence import Incidence


Projection = Callable[["Incidence", Rule], Weighed]
"""Returns every pair that is a link."""


def link(
    con: duckdb.DuckDBPyConnection, incidence: Incidence, settings: Settings, elsewhere: Projection | None = None
) -> StepReport:
    """Makes the table `link` again; the report counts pairs found and links kept.

    Pairs are found here unless that is done `elsewhere`.
    """
    began = time.perf_counter()
    chance = read_chance(con)
    rule = rule_of(settings, incidence.accounts, traffic=len(incidence.starts) > 0, chance=chance)
    weighed = elsewhere(incidence, rule) if elsewhere else None
    found = weighed.links if weighed else project(incidence, rule, settings.threads)
    ordinals = read_ordinals(con)
    found = excused(con, found, ordinals)
    kept = strongest(found, incidence.accounts)
    first, last = _dates(weighed, kept) if weighed else shared_minutes(incidence, kept)
    kept, rows = renamed(kept, numbers_of(ordinals))
    _write(con, kept, first[rows], last[rows])
    return StepReport(
        "link",
        rows_in=len(incidence.thing),
        rows_out=len(kept.a),
        seconds=time.perf_counter() - began,
        counts={"pairs": len(found.a), "links": len(kept.a), "needed_bits": rule.needed / 1000, "chance": chance[0]},
    )


def _dates(weighed: Weighed, kept: LinkColumns) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first and last minutes of links that are among those weighed; both are by (a, b)."""
    all_of, some = ((one.a.astype(np.int64) << 32) + one.b for one in (weighed.links, kept))
    rows = np.searchsorted(all_of, some)
    return weighed.first[rows], weighed.last[rows]


def _write(con: duckdb.DuckDBPyConnection, pairs: LinkColumns, first: np.ndarray, last: np.ndarray) -> None:
    import pyarrow as pa

    columns: dict[str, np.ndarray] = {"a": pairs.a, "b": pairs.b, "bits": pairs.bits}
    columns |= {facet.value: pairs.facets[:, number] for number, facet in enumerate(FACETS)}
    columns |= {"grade": pairs.grade, "first_minute": first, "last_minute": last}
    con.register("rows", pa.table(columns))
    con.execute("DELETE FROM link")
    con.execute("INSERT INTO link SELECT * FROM rows")
    con.unregister("rows")

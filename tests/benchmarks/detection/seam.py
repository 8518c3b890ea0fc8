"""Runs detection on a loaded world inside this process, as it is or with something left out.

The only module of the benchmark that knows the steps of detection. A variant changes settings, what the steps read
(temporary views in front of tables of the working file), or a name in a module of a step; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from linkage.detect import communities, partition
from linkage.jobs.site import Site
from linkage.link import run as link_step
from linkage.link.project import project
from linkage.link.rule import rule_of
from linkage.link.strongest import strongest
from linkage.rank import FoundRing, select
from linkage.rank.layers import Layers, Rare, ring_of
from linkage.settings import Settings
from linkage.working.incidence import build, read_habits, read_ordinals
from linkage.working.schema import read_chance
from linkage.working.vectors import Vectors, read_vectors

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Variant:
    """Detection with something changed.

    `settings`: other values of settings. `views`: SELECTs that stand in front of tables of the working file (the
    table itself is `working.NAME`). `things`: which things are kept, from their vectors. `names`: objects put in
    place of `module:name`, made by a function of the object that is there. `pooled`: it is tried where campaigns draw
    from one pool of questions, too.
    """

    name: str
    group: str = "linkage"
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    views: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    things: Callable[[Vectors], Any] | None = None
    names: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: NOTHING)
    pooled: bool = False


AS_IT_IS = Variant("linkage")


def detected(store: Path, variant: Variant = AS_IT_IS) -> pd.DataFrame:
    """Returns the members that the variant of detection finds: the columns that `evaluate` scores."""
    settings = Settings(store=f"duckdb:{store}", **variant.settings)
    with _changed(variant.names), Site(settings).working.read() as con:
        for table, query in variant.views.items():
            con.execute(f"CREATE TEMP VIEW {table} AS {query}")
        return _detected(con, settings, variant)


def _detected(con: duckdb.DuckDBPyConnection, settings: Settings, variant: Variant) -> pd.DataFrame:
    import pandas as pd

    vectors = read_vectors(con)
    if variant.things is not None:
        vectors = _kept(vectors, variant.things(vectors))
    incidence = build(vectors, *read_habits(con))
    accounts = incidence.accounts
    chance = read_chance(con)
    rule = rule_of(settings, accounts, traffic=len(incidence.starts) > 0, chance=chance)
    found = link_step.excused(con, project(incidence, rule, settings.threads), read_ordinals(con))
    links = strongest(found, accounts)
    rare = Rare.of(incidence)
    rings = select(
        con,
        incidence,
        rare,
        links,
        partition(links, accounts),
        lambda some: partition(some, accounts),
        lambda some: communities(some, accounts),
        settings,
    )
    layers = Layers.of(rare, ring_of(rings, accounts))
    ids = np.asarray(
        con.execute("SELECT id FROM account JOIN habit USING (account) ORDER BY ordinal").fetchnumpy()["id"]
    )
    rows = [row for n, ring in enumerate(rings) for row in _rows(n, ring, ids, layers.operator[n], layers.campaign[n])]
    return pd.DataFrame(rows, columns=["account_id", "ring_id", "role", "operator_id", "campaign_id"])


def _kept(vectors: Vectors, things: Any) -> Vectors:
    """Returns the vectors of these things (a mask) and their rows."""
    rows = np.repeat(things, vectors["size"])
    of_thing = len(things)
    return {name: column[things if len(column) == of_thing else rows] for name, column in vectors.items()}


def _rows(number: int, ring: FoundRing, ids: Any, operator: int, campaign: int) -> Iterator[tuple[str, ...]]:
    for account, role in zip(ring.accounts, ring.roles, strict=True):
        yield ids[account], f"ring-{number}", role.value, f"operator-{operator}", f"campaign-{campaign}"


@contextmanager
def _changed(names: Mapping[str, Callable[[Any], Any]]) -> Iterator[None]:
    with ExitStack() as stack:
        for place, change in names.items():
            module, name = import_module(place.split(":")[0]), place.split(":")[1]
            stack.enter_context(patch.object(module, name, change(getattr(module, name))))
        yield

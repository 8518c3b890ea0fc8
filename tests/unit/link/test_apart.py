"""The projection in parts makes the links of the projection in one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from test_projection import crowd

from linkage.link.apart import meetings_at, telling_rows, weigh_pairs
from linkage.link.dates import shared_minutes
from linkage.link.project import project
from linkage.link.rule import Rule, rule_of
from linkage.model.weights import CANDIDATES, LINKS_WEIGHED
from linkage.settings import Settings
from linkage.working.incidence import Incidence

ACCOUNTS = 3000


def _in_parts(incidence: Incidence, rule: Rule, parts: int) -> pd.DataFrame:
    """Returns the links as an engine of many machines would make them: by parts of things, then of accounts."""
    things = np.linspace(0, len(incidence.kind), parts + 1).astype(int)
    met = [meetings_at(telling_rows(incidence, rule, *ends), rule) for ends in pairwise(things)]
    rows = pd.concat([pd.DataFrame(dict(zip(("a", "b", "telling"), one, strict=True))) for one in met])
    pairs = rows.groupby(["a", "b"], as_index=False)["telling"].sum().query("telling >= @rule.based")
    pairs = pairs.sort_values(["a", "telling", "b"], ascending=[True, False, True])
    pairs = pairs[pairs.groupby("a").cumcount() < CANDIDATES]
    assert pairs.groupby("a").size().max() > LINKS_WEIGHED
    made = []
    for _, some in pairs.groupby(pairs["a"] % parts):
        known = np.unique(some[["a", "b"]].to_numpy())
        made.append(_weighed(incidence, some, known.astype(np.int32), rule))
    return pd.concat(made).sort_values(["a", "b"], ignore_index=True)


def _weighed(incidence: Incidence, pairs: pd.DataFrame, known: np.ndarray, rule: Rule) -> pd.DataFrame:
    rows, of_thing = _gather(incidence.of_account, known)
    minutes, of_starts = _gather(incidence.of_starts, known)
    thing = incidence.thing[rows]
    lists = {"thing": thing, "kind": incidence.kind[thing], "millibits": incidence.millibits[thing]}
    lists |= {"block": incidence.block[rows], "days": incidence.days[rows]}
    lists |= {"breadth": incidence.breadth[known].ravel(), "starts": incidence.starts[minutes]}
    given = {name: pairs[name].to_numpy() for name in pairs}
    found = weigh_pairs(given, known, lists, {"starts": of_starts, "thing": of_thing}, rule)
    return _frame(found.links, found.first, found.last)


def _gather(bounds: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = [np.arange(bounds[one], bounds[one + 1]) for one in known]
    return np.concatenate(rows), np.cumsum([0, *map(len, rows)])


def _frame(links: object, first: np.ndarray, last: np.ndarray) -> pd.DataFrame:
    columns = {name: getattr(links, name) for name in ("a", "b", "bits", "grade")}
    facets = {str(number): column for number, column in enumerate(links.facets.T)}  # type: ignore[attr-defined]
    return pd.DataFrame(columns | facets | {"first": first, "last": last}).astype(np.int64)


@pytest.mark.parametrize(("skew", "parts"), [(3.0, 7), (1.2, 3), (3.0, 1)])
def test_parts_make_the_links_of_the_whole(skew: float, parts: int) -> None:
    _, incidence = crowd(accounts=ACCOUNTS, each=24, skew=skew)
    rule = replace(rule_of(Settings(), ACCOUNTS, traffic=True, chance=(0.5, 2.0)), needed=9_000)
    whole = project(incidence, rule, 1)
    expected = _frame(whole, *shared_minutes(incidence, whole)).sort_values(["a", "b"], ignore_index=True)
    assert len(expected) > 100
    assert np.bincount(expected["a"]).max() == LINKS_WEIGHED or skew < 3
    pd.testing.assert_frame_equal(_in_parts(incidence, rule, parts), expected)

"""Scores an export against a truth, from group counts: a million accounts in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from linkage.evaluate.assignment import best_assignment
from linkage.evaluate.inputs import read_export, read_truth
from linkage.evaluate.partitions import Agreement, Contingency, Labels, agreement, match
from linkage.evaluate.scores import FalsePositives, Found, Scores

if TYPE_CHECKING:
    import pandas as pd

RECOVERED = 0.5
SMALLEST = 5
"""True groups with fewer accounts than this count for recall, not for recovery."""


def evaluate(export: Path, truth: Path) -> Scores:
    """Returns the scores of the export in the folder `export` against `truth` (a table, or a folder with it).

    Raises InputError where a table or column is missing, an account is in two rings or has two truths.
    """
    started = time.perf_counter()
    return score(read_export(export), read_truth(truth), started)


def score(members: pd.DataFrame, truth: pd.DataFrame, started: float) -> Scores:
    """Returns the scores of members (account_id, ring_id, role, operator_id, campaign_id) against a truth."""
    world, bystander_ids, unknown = _joined(members, truth)
    flagged, fake = world["ring_id"] != "", world["operator"] != ""
    hits = world[flagged]
    named = world["account_id"].isin(bystander_ids) & ~flagged
    honest_crowd = (world["context"] == "bystander") & ~fake
    return Scores(
        flagged=int(flagged.sum()),
        unknown=unknown,
        found_rings=int(hits["ring_id"].nunique()),
        true_operators=int(world.loc[fake, "operator"].nunique()),
        accounts=match(float((flagged & fake).sum()), float(flagged.sum()), float(fake.sum())),
        evaders=_by(world[fake], flagged[fake], "evader"),
        innocents=FalsePositives(int((~fake).sum()), int((flagged & ~fake).sum())),
        contexts=_false_positives(world[~fake], flagged[~fake]),
        rings=_agreement(hits, "ring_id"),
        operators=_agreement(hits, "operator_id"),
        everyone=_agreement(world[flagged | fake], "operator_id"),
        operator_recovery=_recovery(world, world["operator"]),
        cell_recovery=_recovery(world, world["operator"] + "\t" + world["campaign"]),
        campaigns=_attribution(world[flagged & fake & (world["campaign"] != "")]),
        bystanders=Found(int(named.sum()), int((named & ~fake).sum())),
        bystanders_flagged=Found(int(honest_crowd.sum()), int((honest_crowd & flagged).sum())),
        bystanders_named=Found(int(honest_crowd.sum()), int((honest_crowd & named).sum())),
        seconds=time.perf_counter() - started,
    )


def _joined(members: pd.DataFrame, truth: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series[str], int]:
    """Returns the truth with each account's ring, if any; who is called a bystander; how many are unknown."""
    flagged = members[members["role"] != "bystander"]
    known = flagged["account_id"].isin(truth["account_id"])
    columns = ["account_id", "ring_id", "operator_id", "campaign_id"]
    world = truth.merge(flagged[columns], on="account_id", how="left").fillna("")
    return world, members.loc[members["role"] == "bystander", "account_id"], int((~known).sum())


def _by(world: pd.DataFrame, flagged: pd.Series[bool], column: str) -> dict[str, Found]:
    groups = flagged.groupby(world[column]).agg(["size", "sum"])
    return {str(name): Found(int(row["size"]), int(row["sum"])) for name, row in groups.iterrows()}


def _false_positives(world: pd.DataFrame, flagged: pd.Series[bool]) -> dict[str, FalsePositives]:
    found = _by(world, flagged, "context")
    return {name: FalsePositives(group.accounts, group.found) for name, group in found.items()}


def _agreement(world: pd.DataFrame, column: str) -> Agreement:
    """Compares found groups with true operators; who has none of either is alone."""
    return agreement(_alone(world["operator"]), _alone(world[column]))


def _alone(names: pd.Series[str]) -> Labels:
    """Returns a number for each name, and a number of its own for each empty one."""
    import pandas as pd

    labels = np.asarray(pd.factorize(names)[0], dtype=np.int64)
    empty = (names == "").to_numpy()
    labels[empty] = labels.max(initial=0) + 1 + np.arange(int(empty.sum()))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _recovery(world: pd.DataFrame, group: pd.Series[str]) -> Found:
    """Counts the true groups that a found ring or a found operator covers to a Jaccard similarity of 0.5."""
    involved = world[(world["operator"] != "") | (world["ring_id"] != "")]
    truth = _alone(group[involved.index].where(involved["operator"] != "", ""))
    sizes = np.bincount(truth, minlength=1)
    real = np.bincount(truth, weights=involved["operator"] != "", minlength=1) >= SMALLEST
    best = np.zeros(len(sizes))
    for column in ("ring_id", "operator_id"):
        cells = Contingency.of(truth, _alone(involved[column]))
        np.maximum.at(best, cells.truth, cells.jaccard())
    return Found(int(real.sum()), int((real & (best >= RECOVERED)).sum()))


def _attribution(hits: pd.DataFrame) -> Found:
    """Counts flagged fakes in the found campaign that the best assignment gives to their true campaign."""
    import pandas as pd

    told = hits[hits["campaign_id"] != ""]
    gains = pd.crosstab(told["campaign"], told["campaign_id"]).to_numpy(dtype=np.float64)
    right = sum(gains[row, column] for row, column in best_assignment(gains))
    return Found(len(hits), int(right))

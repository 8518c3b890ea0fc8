"""What accounts do, and what is usual: what the conduct of a ring is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.rank.profiles import Ints, prompts_in_common

if TYPE_CHECKING:
    import duckdb

    from linkage.working.incidence import Incidence

Floats = npt.NDArray[np.float64]

REPEATS = 2.0
"""How many times as often as is usual an account may send one and the same prompt, and each time counts."""

_EARLY = 4
"""An account without a date of sign-up counts as made when it was first seen, unless that was in the first fourth of
all traffic, in which most of the older ones are first seen."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """What accounts do, by ordinal, and what is usual; NaN where the facts say nothing.

    `excused`: labelled benign, or of a declared organization. `alone`: prompts that nobody else ever sent; `prompts`:
    all different ones, 0 where the facts have none. `usual_prompts` is 0 where most active accounts have none, and
    `usual_own`, the share of its prompts that is an account's alone, where all have none.
    """

    requests: Floats
    created: Floats
    abuse: npt.NDArray[np.bool_]
    excused: npt.NDArray[np.bool_]
    usual_requests: float
    usual_spread: float
    abuse_rate: float
    alone: Floats
    prompts: Floats
    usual_prompts: float
    usual_own: float

    def own(self, accounts: Ints) -> Floats:
        """Returns how much of what each of the accounts asks nobody else does, 0 to 1."""
        return self.alone[accounts] / np.maximum(self.prompts[accounts], 1)

    def volume(self, accounts: Ints) -> Floats:
        """Returns how many times as much as is usual each of the accounts asks.

        To ask the same every night, as test farms do, is to ask little: who repeats a prompt more than twice as often
        as is usual is counted as if it did so twice.
        """
        volume = self.requests[accounts] / self.usual_requests
        prompts = self.prompts[accounts]
        known = (prompts > 0) & (self.usual_prompts > 0)
        volume[known] = np.minimum(volume[known], REPEATS * prompts[known] / self.usual_prompts)
        return volume


def read_conduct(con: duckdb.DuckDBPyConnection, incidence: Incidence) -> Conduct:
    """Returns the conduct of all accounts."""
    rows = con.execute(
        "WITH seen AS (SELECT coalesce(min(starts[1]), min(first_minute)) AS begin, max(last_minute) AS finish "
        "FROM habit) "
        "SELECT requests, coalesce(alone, 0) AS alone, coalesce(epoch(created_at), CASE WHEN "
        f"first_minute >= begin + (finish - begin) / {_EARLY} THEN 60.0 * first_minute END) AS created, "
        "coalesce(label = 'abuse' OR status = 'terminated', false) AS abuse, "
        "coalesce(label = 'benign', false) OR organization IS NOT NULL AS excused "
        "FROM account JOIN habit USING (account) CROSS JOIN seen LEFT JOIN (SELECT account, "
        "arg_max(label, (moment IS NOT NULL, moment, label)) AS label FROM label GROUP BY account) USING (account) "
        "ORDER BY ordinal"
    ).fetchnumpy()
    requests = np.ma.filled(np.ma.asarray(rows["requests"], np.float64), 0.0)
    created = np.ma.filled(np.ma.asarray(rows["created"], np.float64), np.nan)
    abuse = np.asarray(rows["abuse"], bool)
    active = requests[requests > 0]
    alone = np.asarray(rows["alone"], np.float64)
    prompts = alone + prompts_in_common(incidence)
    asking, asked = prompts[requests > 0], (requests > 0) & (prompts > 0)
    return Conduct(
        requests,
        created,
        abuse,
        np.asarray(rows["excused"], bool),
        float(np.median(active)) if len(active) else np.nan,
        spread_of(created),
        float((abuse.sum() + 0.5) / (len(abuse) + 1)),
        alone,
        prompts,
        float(np.median(asking)) if len(asking) else 0.0,
        float(np.median(alone[asked] / prompts[asked])) if asked.any() else 0.0,
    )


def spread_of(created: Floats) -> float:
    """Returns the interquartile range of sign-up times in seconds, NaN if too few are known."""
    known = created[~np.isnan(created)]
    if len(known) < 3:
        return float("nan")
    low, high = np.percentile(known, [25, 75])
    return float(high - low)

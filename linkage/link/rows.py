"""The evidence of many pairs at once, as rows: one for each thing that a pair shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.link.timing import timing_millibits
from linkage.model.kinds import FACETS, Facet

if TYPE_CHECKING:
    import pandas as pd

_NO_TIME = np.iinfo(np.int64).min  # what numpy and pandas read as NaT
_COLUMNS = ["account_a", "account_b", "bits", "facet", "kind", "identifier", "first_seen", "last_seen"]


def evidence_schema() -> pa.Schema:
    """Returns the schema of the exported table `links`."""
    time = pa.timestamp("us", tz="UTC")
    types = [pa.string(), pa.string(), pa.float64(), pa.string(), pa.string(), pa.string(), time, time]
    return pa.schema(list(zip(_COLUMNS, types, strict=True)))


def evidence_rows(pairs: pd.DataFrame, accounts: pd.DataFrame, uses: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of the pairs (account_a, account_b).

    `accounts` is indexed by id with `starts` and `breadth`; `uses` has the columns of uses and of their
    identifiers.
    """
    import pandas as pd

    rows = pd.concat([_shared(pairs, accounts, uses), _timing(pairs, accounts)], ignore_index=True)
    for name in ("first_seen", "last_seen"):
        rows[name] = pd.to_datetime(rows[name], utc=True).astype("datetime64[us, UTC]")
    return rows[_COLUMNS].sort_values(["account_a", "account_b", "facet", "kind", "identifier"], ignore_index=True)


def _shared(pairs: pd.DataFrame, accounts: pd.DataFrame, uses: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    theirs = uses[["account_id", "key", "days", "first_seen", "last_seen"]]
    both = pairs.merge(uses, left_on="account_a", right_on="account_id")
    both = both.merge(theirs, left_on=["account_b", "key"], right_on=["account_id", "key"], suffixes=("_a", "_b"))
    facet = both["facet"].map({one.value: number for number, one in enumerate(FACETS)}).to_numpy(np.int64)
    breadth = pd.Series(accounts["breadth"])
    lost = np.zeros(len(both))
    for end in ("account_a", "account_b"):
        table = np.stack(breadth.loc[both[end]].to_list()) if len(both) else np.zeros((0, len(FACETS)))
        lost += table[np.arange(len(both)), facet]
    both["bits"] = np.round(np.maximum(both["bits"].to_numpy() - lost, 0), 3)
    both = both[both["bits"] > 0].reset_index(drop=True)
    both["first_seen"] = both[["first_seen_a", "first_seen_b"]].max(axis=1, skipna=False)
    both["last_seen"] = both[["last_seen_a", "last_seen_b"]].max(axis=1, skipna=False)
    _same_days(both)
    return both[both["bits"] > 0].rename(columns={"key": "identifier"})


def _same_days(both: pd.DataFrame) -> None:
    """Dates windowed things by the days on which both used them; without one they are worth nothing."""
    import pandas as pd

    windowed = both["windowed"].to_numpy(bool)
    pairs = zip(both["days_a"].to_numpy()[windowed], both["days_b"].to_numpy()[windowed], strict=True)
    ends = np.array([_ends(one, two) for one, two in pairs], np.int64).reshape(-1, 2).astype("datetime64[D]")
    apart = np.zeros(len(both), bool)
    apart[windowed] = np.isnat(ends[:, 0])
    both["bits"] = both["bits"].where(~apart, 0.0)
    for column, days in (("first_seen", ends[:, 0]), ("last_seen", ends[:, 1])):
        dated = pd.Series(pd.NaT, index=both.index, dtype="datetime64[us, UTC]")
        dated[windowed] = pd.to_datetime(days, utc=True).as_unit("us")
        both[column] = both[column].where(~windowed, dated)


def _ends(one: Any, two: Any) -> tuple[int, int]:
    """Returns the first and last of the days in both lists, or no time."""
    common = set(one.tolist()).intersection(two.tolist())  # lists are short: numpy's own takes ten times as long
    return (min(common), max(common)) if common else (_NO_TIME, _NO_TIME)


def _timing(pairs: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    starts = {account: np.asarray(values, np.int32) for account, values in accounts["starts"].items()}
    rows = []
    for a, b in zip(pairs["account_a"], pairs["account_b"], strict=True):
        bits = int(timing_millibits(starts[a], starts[b]))
        if bits:
            ends = max(starts[a][0], starts[b][0]), min(starts[a][-1], starts[b][-1])
            rows.append((a, b, bits / 1000, Facet.TIMING.value, "sessions", "", *ends))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("first_seen", "last_seen"):
        frame[name] = pd.to_datetime(frame[name].to_numpy(np.int64) * 60, unit="s", utc=True)
    return frame

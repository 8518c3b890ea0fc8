"""The evidence of many pairs at once, as rows: one for each thing that counts.

Of a kind, things are listed by falling bits until they come to all that the facet can count (docs/model.md): what lies
beyond adds nothing to a link, and two accounts of a campaign can share hundreds of such prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.link.rule import Rule
from linkage.link.timing import timing_millibits
from linkage.model.kinds import FACETS, KINDS, Facet
from linkage.model.weights import CHARGED_KIND, chance_millibits

if TYPE_CHECKING:
    import pandas as pd

_Rows = npt.NDArray[np.intp]
_Bits = npt.NDArray[np.float64]
_Times = npt.NDArray[np.datetime64]
_NO_TIME = np.iinfo(np.int64).min  # what numpy and pandas read as NaT
_NAMES = [*((kind.facet.value, kind.name) for kind in KINDS), (Facet.TIMING.value, "sessions")]
KIND_ORDER = np.argsort(np.array(sorted(range(len(_NAMES)), key=_NAMES.__getitem__)))
"""The place of each kind, by number, among rows by the names of facet and kind; timing's comes last."""

_COLUMNS = ["account_a", "account_b", "bits", "facet", "kind", "identifier", "first_seen", "last_seen"]


def evidence_schema() -> pa.Schema:
    """Returns the schema of the exported table `links`."""
    time = pa.timestamp("us", tz="UTC")
    types = [pa.string(), pa.string(), pa.float64(), pa.string(), pa.string(), pa.string(), time, time]
    return pa.schema(list(zip(_COLUMNS, types, strict=True)))


def evidence_rows(pairs: pd.DataFrame, accounts: pd.DataFrame, uses: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Returns the rows of the pairs (account_a, account_b), by pair, facet, kind and identifier.

    `accounts` is indexed by id with `starts` and `breadth`; `uses` has the columns of uses and of their
    identifiers.
    """
    import pandas as pd

    shared = _counted(_shared(pairs, accounts, uses), accounts, rule)
    rows = pd.concat([shared, _timing(pairs, accounts)], ignore_index=True)
    for name in ("first_seen", "last_seen"):
        rows[name] = pd.to_datetime(rows[name], utc=True).astype("datetime64[us, UTC]")
    return rows[_COLUMNS].sort_values(["account_a", "account_b", "facet", "kind", "identifier"], ignore_index=True)


def _shared(pairs: pd.DataFrame, accounts: pd.DataFrame, uses: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of things that are worth anything, found by numbers: texts are fetched for these alone."""
    import pandas as pd

    one, two, lost = _both(pairs, accounts, uses)
    bits = np.round(np.maximum(uses["bits"].to_numpy()[one] - lost, 0), 3)
    first, last = (_later(uses[name], one, two) for name in ("first_seen", "last_seen"))
    windowed = np.flatnonzero((bits > 0) & uses["windowed"].to_numpy(bool)[one])
    ends = _same_days(uses, one[windowed], two[windowed])
    first[windowed], last[windowed] = ends[:, 0], ends[:, 1]
    bits[windowed[np.isnat(ends[:, 0])]] = 0.0
    kept = np.flatnonzero(bits > 0)
    one, two = one[kept], two[kept]
    return pd.DataFrame(
        {
            "account_a": uses["account_id"].take(one).array,
            "account_b": uses["account_id"].take(two).array,
            "bits": bits[kept],
            "facet": uses["facet"].take(one).array,
            "kind": uses["kind"].take(one).array,
            "identifier": uses["key"].take(one).array,
            "first_seen": pd.to_datetime(first[kept], utc=True),
            "last_seen": pd.to_datetime(last[kept], utc=True),
        }
    )


def _counted(rows: pd.DataFrame, accounts: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Returns the rows without those beyond what their facet can count."""
    if rows.empty:
        return rows
    millibits = np.rint(1000 * rows["bits"].to_numpy()).astype(np.int64)
    rows = rows.assign(millibits=millibits).sort_values(["millibits", "identifier"], ascending=[False, True])
    sums = rows.groupby(["account_a", "account_b", "kind"], sort=False)["millibits"].cumsum() - rows["millibits"]
    breadth = accounts["breadth"].map(lambda bits: round(1000 * bits[FACETS.index(Facet.CONTENT)]))
    both = breadth.loc[rows["account_a"]].to_numpy() + breadth.loc[rows["account_b"]].to_numpy()
    charge = [chance_millibits(rule.chance, int(one)) for one in both]
    enough = rule.cap + np.where(rows["kind"] == CHARGED_KIND, charge, 0)
    return rows[sums.to_numpy() < enough].drop(columns="millibits")


def _both(pairs: pd.DataFrame, accounts: pd.DataFrame, uses: pd.DataFrame) -> tuple[_Rows, _Rows, _Bits]:
    """Returns, for each thing that a pair shares, the rows of both uses, and the bits lost to both breadths."""
    import pandas as pd

    a, b = (accounts.index.get_indexer(pd.Index(pairs[name])) for name in ("account_a", "account_b"))
    account = accounts.index.get_indexer(pd.Index(uses["account_id"]))
    thing, things = pd.factorize(uses["key"])
    rows = pd.DataFrame({"account": account, "thing": thing, "row": np.arange(len(uses))})
    one = pd.DataFrame({"account": a, "pair": np.arange(len(pairs))}).merge(rows, on="account")
    one["use"] = b[one["pair"].to_numpy()].astype(np.int64) * len(things) + one["thing"].to_numpy()
    rows["use"] = account.astype(np.int64) * len(things) + thing
    both = one[["pair", "row", "use"]].merge(rows[["row", "use"]], on="use", suffixes=("_a", "_b"))
    pair, row_a, row_b = (both[name].to_numpy() for name in ("pair", "row_a", "row_b"))
    facet = uses["facet"].map({one.value: number for number, one in enumerate(FACETS)}).to_numpy(np.int64)[row_a]
    breadth = np.stack(accounts["breadth"].to_list()) if len(accounts) else np.zeros((0, len(FACETS)))
    return row_a, row_b, breadth[a[pair], facet] + breadth[b[pair], facet]


def _later(times: pd.Series[Any], one: _Rows, two: _Rows) -> _Times:
    """Returns the later of two uses' times (microseconds UTC), none where one is not known."""
    values = times.dt.tz_convert(None).to_numpy("datetime64[us]")
    later: _Times = np.maximum(values[one], values[two])  # NaT where one is
    return later


def _same_days(uses: pd.DataFrame, one: _Rows, two: _Rows) -> _Times:
    """Returns the first and last day on which two uses (rows) of a windowed thing agree, or no time."""
    needed = np.unique(np.concatenate((one, two)))
    days = dict(zip(needed.tolist(), map(frozenset, uses["days"].take(needed)), strict=True))
    common = (days[a] & days[b] for a, b in zip(one.tolist(), two.tolist(), strict=True))
    ends = [(min(shared), max(shared)) if shared else (_NO_TIME, _NO_TIME) for shared in common]
    return np.array(ends, np.int64).reshape(-1, 2).astype("datetime64[D]").astype("datetime64[us]")


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

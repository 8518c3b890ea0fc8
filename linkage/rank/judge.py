"""Judging a community by its conduct: offices, classes and agencies share things too, and do not behave so.

Five observations, each in bits (log2 of a ratio to the population) and each bounded so that none decides alone:

- volume: requests of an account over those of the median active account; scripts ask far more than people;
- repertoire: how many different prompts it has in common with the others; honest applications and classes
  share a few templates, a campaign shares hundreds of questions;
- sign-up: how much closer together the accounts were made than accounts are in general;
- timing: what coinciding sessions give to its links;
- record: the share of members known for abuse over the base rate, shrunk as (hits + K·base) / (n + K).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.rank.rings import FoundRing

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Floats = npt.NDArray[np.float64]

USUAL_REPERTOIRE = 8.0
"""Prompts in common from which a repertoire speaks for a ring: more than the templates of one application."""

SHRINKAGE = 10.0
"""K of the shrunken share of known abuse."""

_DAY = 86_400.0
_BOUNDS = {"volume": (-4.0, 4.0), "repertoire": (-3.0, 3.0), "signup": (-2.0, 4.0), "timing": (0.0, 4.0)}
_RECORD = (0.0, 6.0)


@dataclass(frozen=True, slots=True)
class Conduct:
    """What accounts do, by account number, and what is usual; NaN where the facts say nothing."""

    requests: Floats
    created: Floats
    abuse: npt.NDArray[np.bool_]
    usual_requests: float
    usual_spread: float
    abuse_rate: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Bits of a ring's conduct, and those of each of its members on its own (in the ring's order)."""

    bits: float
    members: tuple[float, ...]


def read_conduct(con: duckdb.DuckDBPyConnection) -> Conduct:
    """Returns the conduct of all accounts."""
    rows = con.execute(
        "SELECT requests, epoch(created_at) AS created, coalesce(label = 'abuse' OR status = 'terminated', false) "
        "AS abuse FROM account JOIN habit USING (account) LEFT JOIN (SELECT account, "
        "arg_max(label, (moment IS NOT NULL, moment, label)) AS label FROM label GROUP BY account) USING (account) "
        "ORDER BY account"
    ).fetchnumpy()
    requests = np.ma.filled(np.ma.asarray(rows["requests"], np.float64), 0.0)
    created = np.ma.filled(np.ma.asarray(rows["created"], np.float64), np.nan)
    abuse = np.asarray(rows["abuse"], bool)
    active = requests[requests > 0]
    return Conduct(
        requests,
        created,
        abuse,
        float(np.median(active)) if len(active) else np.nan,
        _spread(created),
        float((abuse.sum() + 0.5) / (len(abuse) + 1)),
    )


def judge(
    con: duckdb.DuckDBPyConnection,
    rings: Sequence[FoundRing],
    links: LinkColumns,
    conduct: Conduct,
    prompts: pa.Table | None = None,
) -> list[Verdict]:
    """Returns the verdict on each ring; `prompts` are those of `sent_prompts`, for all of the rings' members."""
    if prompts is None:
        prompts = sent_prompts(con, sorted({account for ring in rings for account in ring.members}))
    shared = _repertoires(con, rings, len(conduct.requests), prompts)
    timing = _timing(links, rings, len(conduct.requests))
    return [_verdict(np.array(ring.members), shared, timing, conduct) for ring in rings]


def _verdict(members: npt.NDArray[Any], shared: Floats, timing: Floats, conduct: Conduct) -> Verdict:
    spread = _spread(conduct.created[members])
    away = np.abs(conduct.created[members] - _middle(conduct.created[members]))
    record = _record(conduct.abuse[members], conduct.abuse_rate)
    ring = (
        _bits("volume", float(np.median(conduct.requests[members])) / conduct.usual_requests)
        + _bits("repertoire", float(np.median(shared[members])) / USUAL_REPERTOIRE)
        + _bits("signup", conduct.usual_spread / max(spread, _DAY))
        + _clip("timing", float(np.mean(timing[members])))
        + record
    )
    each = [
        _bits("volume", conduct.requests[account] / conduct.usual_requests)
        + _bits("repertoire", shared[account] / USUAL_REPERTOIRE)
        + _bits("signup", conduct.usual_spread / max(2 * far + spread, _DAY))
        + _clip("timing", float(timing[account]))
        + record
        for account, far in zip(members.tolist(), away.tolist(), strict=True)
    ]
    return Verdict(round(ring, 3), tuple(round(one, 3) for one in each))


def _bits(name: str, ratio: float) -> float:
    """Returns log2 of a ratio inside its bounds; nothing known is worth nothing."""
    if np.isnan(ratio):
        return 0.0
    low, high = _BOUNDS[name]
    return float(np.clip(np.log2(ratio), low, high)) if ratio > 0 else low


def _clip(name: str, bits: float) -> float:
    return float(np.clip(bits, *_BOUNDS[name]))


def _record(abuse: npt.NDArray[np.bool_], rate: float) -> float:
    share = (abuse.sum() + SHRINKAGE * rate) / (len(abuse) + SHRINKAGE)
    return float(np.clip(np.log2(share / rate), *_RECORD))


def _middle(created: Floats) -> float:
    """Returns the median of the sign-up times that are known, NaN if none is."""
    known = created[~np.isnan(created)]
    return float(np.median(known)) if len(known) else float("nan")


def _spread(created: Floats) -> float:
    """Returns the interquartile range of sign-up times in seconds, NaN if too few are known."""
    known = created[~np.isnan(created)]
    if len(known) < 3:
        return float("nan")
    low, high = np.percentile(known, [25, 75])
    return float(high - low)


def sent_prompts(con: duckdb.DuckDBPyConnection, accounts: Sequence[int]) -> pa.Table:
    """Returns the prompts (account, identifier) that the accounts share with any other, each once."""
    import pyarrow as pa

    con.register("wanted", pa.table({"account": np.array(accounts, np.int32)}))
    table = con.sql(
        "SELECT DISTINCT account, identifier FROM shared SEMI JOIN wanted USING (account) "
        "SEMI JOIN (SELECT identifier FROM identifier WHERE kind = ?) USING (identifier)",
        params=[BY_NAME["prompt"].code],
    ).to_arrow_table()
    con.unregister("wanted")
    return table


def _repertoires(
    con: duckdb.DuckDBPyConnection, rings: Sequence[FoundRing], accounts: int, prompts: pa.Table
) -> Floats:
    """Returns for each account the number of its prompts that another account of its ring also sent."""
    import pyarrow as pa

    number = np.repeat(np.arange(len(rings), dtype=np.int32), [len(ring.members) for ring in rings])
    account = np.array([account for ring in rings for account in ring.members], np.int32)
    con.register("judged", pa.table({"ring": number, "account": account}))
    con.register("sent_prompt", prompts)
    rows = con.execute(
        "WITH sent AS (SELECT ring, account, identifier FROM judged JOIN sent_prompt USING (account)), "
        "common AS (SELECT ring, identifier FROM sent GROUP BY ALL HAVING count(*) > 1) "
        "SELECT account, count(*) AS prompts FROM sent SEMI JOIN common USING (ring, identifier) GROUP BY account"
    ).fetchnumpy()
    con.unregister("judged")
    con.unregister("sent_prompt")
    found = np.zeros(accounts)
    found[rows["account"]] = rows["prompts"]
    return found


def _timing(links: LinkColumns, rings: Sequence[FoundRing], accounts: int) -> Floats:
    """Returns the mean bits of timing over each account's links inside its ring."""
    ring = np.full(accounts, -1, np.int64)
    for number, one in enumerate(rings):
        ring[list(one.members)] = number
    inside = (ring[links.a] == ring[links.b]) & (ring[links.a] >= 0)
    bits = links.facets[inside, FACETS.index(Facet.TIMING)] / 1000
    total, count = np.zeros(accounts), np.zeros(accounts)
    for ends in (links.a[inside], links.b[inside]):
        total += np.bincount(ends, weights=bits, minlength=accounts)
        count += np.bincount(ends, minlength=accounts)
    means: Floats = total / np.maximum(count, 1)
    return means

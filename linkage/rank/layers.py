"""The two layers above rings: operators, who run the infrastructure, and campaigns, which the traffic serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BEHAVIOUR, BY_NAME, FACETS, PLACE_CODES

if TYPE_CHECKING:
    import duckdb

    from linkage.rank.rings import FoundRing

Ints = npt.NDArray[np.int32]

ALIKE = 0.5
"""Cosine of two rings' rarity-weighted prompt profiles from which they serve one campaign."""

SAME_HANDS = 0.10
"""Share of the smaller ring's bits of infrastructure that two rings of one operator share."""

_INFRASTRUCTURE = [number for number, facet in enumerate(FACETS) if facet not in BEHAVIOUR]
_PLACES = {code: place for place, code in PLACE_CODES.items()}


def operators(links: LinkColumns, rings: Sequence[FoundRing], accounts: int) -> Ints:
    """Returns for each ring the first ring of its operator."""
    ring = ring_of(rings, accounts)
    bits = links.facets[:, _INFRASTRUCTURE].sum(axis=1)
    one, two = ring[links.a], ring[links.b]
    rows = (one >= 0) & (two >= 0)
    one, two, bits = one[rows], two[rows], bits[rows]
    volume = np.bincount(one, weights=bits, minlength=len(rings))
    volume += np.bincount(two, weights=bits, minlength=len(rings))
    low, high = np.minimum(one, two).astype(np.int64), np.maximum(one, two).astype(np.int64)
    pairs, place = np.unique((low * len(rings) + high)[low != high], return_inverse=True)
    between = np.bincount(place, weights=bits[low != high], minlength=len(pairs))
    low, high = pairs // max(len(rings), 1), pairs % max(len(rings), 1)
    same = between >= SAME_HANDS * np.minimum(volume[low], volume[high])
    return components(low[same].astype(np.int32), high[same].astype(np.int32), len(rings))


def campaigns(con: duckdb.DuckDBPyConnection, rings: Sequence[FoundRing]) -> Ints:
    """Returns for each ring the first ring of its campaign."""
    _register(con, rings)
    pairs = con.execute(
        """
        WITH profile AS (
            SELECT ring, identifier, sum(millibits / 1000.0) AS weight
            FROM (SELECT DISTINCT ring, account, identifier, millibits FROM ring_account
                  JOIN shared USING (account) JOIN identifier USING (identifier) WHERE kind = ?)
            GROUP BY ring, identifier),
        norm AS (SELECT ring, sqrt(sum(weight * weight)) AS length FROM profile GROUP BY ring)
        SELECT p.ring AS low, q.ring AS high
        FROM profile p JOIN profile q USING (identifier)
        JOIN norm n ON n.ring = p.ring JOIN norm m ON m.ring = q.ring
        WHERE p.ring < q.ring
        GROUP BY ALL HAVING sum(p.weight * q.weight) >= ? * any_value(n.length) * any_value(m.length)
        """,
        [BY_NAME["prompt"].code, ALIKE],
    ).fetchnumpy()
    _forget(con)
    low, high = (np.asarray(pairs[name], np.int32) for name in ("low", "high"))
    return components(low, high, len(rings))


def contexts(con: duckdb.DuckDBPyConnection, rings: Sequence[FoundRing]) -> list[str]:
    """Returns for each ring the sort of place that most of its accounts came from, or an empty text."""
    _register(con, rings)
    rows = con.execute(
        """
        SELECT ring, place FROM
            (SELECT ring, place, count(DISTINCT account) AS accounts FROM ring_account
             JOIN shared USING (account) JOIN identifier USING (identifier) WHERE kind = ? GROUP BY ring, place)
        QUALIFY row_number() OVER (PARTITION BY ring ORDER BY accounts DESC, place) = 1
        """,
        [BY_NAME["ip"].code],
    ).fetchall()
    _forget(con)
    place = dict(rows)
    return [_PLACES[place.get(number, 0)] if number in place else "" for number in range(len(rings))]


def ring_of(rings: Sequence[FoundRing], accounts: int) -> Ints:
    """Returns the ring of each account number, -1 for none; bystanders are in none."""
    ring = np.full(accounts, -1, np.int32)
    for number, found in enumerate(rings):
        ring[list(found.members)] = number
    return ring


def _register(con: duckdb.DuckDBPyConnection, rings: Sequence[FoundRing]) -> None:
    import pyarrow as pa

    number = np.repeat(np.arange(len(rings), dtype=np.int32), [len(found.members) for found in rings])
    account = np.array([account for found in rings for account in found.members], np.int32)
    con.register("ring_account", pa.table({"ring": number, "account": account}))


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    con.unregister("ring_account")

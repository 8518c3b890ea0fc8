"""What one would try first, on the same facts: components, capped components, Louvain.

Each takes a folder of facts and flags every cluster of five accounts or more; a cluster is its own operator, and
its campaign as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SMALLEST = 5
CAP = 10

_THINGS = """
    SELECT DISTINCT account_id, 'ip' AS kind, ip AS value FROM requests WHERE ip IS NOT NULL
    UNION ALL SELECT DISTINCT account_id, 'prompt', {prompt} FROM requests WHERE {prompt} IS NOT NULL
    UNION ALL SELECT DISTINCT account_id, 'payment', payment_id FROM payments
    UNION ALL SELECT DISTINCT account_id, kind, value FROM identifiers
"""
"""Everything that two accounts can share: pairs (account, thing), each once."""

_CLOSE = """
    SELECT DISTINCT account_id, 'ip' AS kind, ip || ' ' || CAST("at" AS DATE) AS value FROM requests
        WHERE ip IS NOT NULL
    UNION ALL SELECT DISTINCT account_id, 'payment', payment_id FROM payments
    UNION ALL SELECT DISTINCT account_id, kind, value FROM identifiers WHERE kind IN ('device', 'phone', 'email')
"""
"""What an analyst would pair accounts by: an address on one day, a card, a device, a phone, a mail address."""


def components(facts: Path) -> pd.DataFrame:
    """Returns the components of accounts over anything shared, but what everybody shares is shared too."""
    return _components(facts, _THINGS, None)


def capped_components(facts: Path) -> pd.DataFrame:
    """Returns the components over things that at most `CAP` accounts used."""
    return _components(facts, _THINGS, CAP)


def louvain(facts: Path) -> pd.DataFrame:
    """Returns Louvain's communities among accounts, weighted by the things of at most `CAP` accounts in common."""
    import networkx as nx
    import pandas as pd

    things = _shared(facts, _CLOSE, CAP)
    pairs = things.merge(things, on="thing")
    pairs = pairs[pairs["account_id_x"] < pairs["account_id_y"]]
    weights = pairs.groupby(["account_id_x", "account_id_y"]).size().reset_index(name="weight")
    graph = nx.Graph()
    graph.add_weighted_edges_from(weights.itertuples(index=False))
    found = [
        sorted(part)
        for whole in nx.connected_components(graph)
        if len(whole) >= SMALLEST
        for part in nx.community.louvain_communities(graph.subgraph(whole), weight="weight", seed=1)
    ]
    return flagged(pd.DataFrame([(account, n) for n, part in enumerate(found) for account in part], columns=_PAIR))


def flagged(clusters: pd.DataFrame) -> pd.DataFrame:
    """Returns clusters (account_id, cluster) of `SMALLEST` accounts or more as members that `evaluate` scores."""
    size = clusters.groupby("cluster")["account_id"].transform("size")
    large = clusters[size >= SMALLEST]
    name = "cluster-" + large["cluster"].astype(str)
    columns = {"account_id": large["account_id"], "ring_id": name, "role": "member"}
    return large.assign(**columns, operator_id=name, campaign_id=name)[[*columns, "operator_id", "campaign_id"]]


_PAIR = ["account_id", "cluster"]


def _components(facts: Path, things: str, cap: int | None) -> pd.DataFrame:
    import pandas as pd
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    shared = _shared(facts, things, cap)
    accounts, row = np.unique(shared["account_id"].to_numpy(str), return_inverse=True)
    size = len(accounts) + int(shared["thing"].max()) + 1 if len(shared) else 0
    edges = coo_array((np.ones(len(row), np.int8), (row, len(accounts) + shared["thing"])), shape=(size, size))
    _, label = connected_components(edges, directed=False) if size else (0, np.empty(0, np.int64))
    return flagged(pd.DataFrame({"account_id": accounts, "cluster": label[: len(accounts)]}))


def _shared(facts: Path, things: str, cap: int | None) -> pd.DataFrame:
    """Returns (account_id, thing) of the things that two accounts or more used, and no more than `cap`."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    for table in ("requests", "payments", "identifiers"):
        con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{facts / table}.parquet')")
    columns = {row[0] for row in con.execute("DESCRIBE requests").fetchall()}
    prompt = "prompt" if "prompt" in columns else "prompt_fingerprint"
    limit = "" if cap is None else f"AND count(*) <= {cap}"
    return con.execute(
        f"WITH used AS ({things.format(prompt=prompt)}), "
        f"common AS (SELECT kind, value, row_number() OVER () - 1 AS thing FROM "
        f"(SELECT kind, value FROM used GROUP BY kind, value HAVING count(*) > 1 {limit})) "
        "SELECT account_id, thing FROM used JOIN common USING (kind, value) ORDER BY thing, account_id"
    ).df()


BASELINES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "components over anything": components,
    "components, degree 10 at most": capped_components,
    "Louvain, degree 10 at most": louvain,
}

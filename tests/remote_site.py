"""A job's site on each server, empty at first, and facts in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from engines.server import GremlinServer
from known_graph import wipe

from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.stores.neo4j import detection

KEY = "0123456789abcdef" * 4


@contextmanager
def remote_site(request: pytest.FixtureRequest, home: Path, key: str = KEY) -> Iterator[Site]:
    """Yields a site on the server that the fixture's parameter names, with its working file under `home`."""
    if request.param.startswith("neo4j"):
        server = request.getfixturevalue("neo4j_server")
        with neo4j.GraphDatabase.driver(server.bolt, auth=(server.user, server.password)) as driver:
            wipe(driver)
        settings = Settings(store=server.bolt, user=server.user, password=server.password, key=key, home=str(home))
    else:
        gremlin: GremlinServer = request.getfixturevalue(f"{request.param}_server")
        gremlin.empty()
        settings = Settings(store=gremlin.url, key=key, home=str(home))
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "neo4j_without_gds":
            patch.setattr(detection, "has_gds", lambda _: False)
        yield Site(settings)


def shuffle(facts: Path, into: Path, seed: int) -> None:
    """Writes the tables of a folder of facts (Parquet) again, their rows in another order."""
    _rewrite(facts, into, lambda table: table.take(np.random.default_rng(seed).permutation(table.num_rows)))


def cut(world: Path, into: Path, others: int, every: int) -> None:
    """Writes the facts of a world again: all accounts of operators and some others, with one in so many requests."""
    truth = pq.read_table(world / "truth" / "truth.parquet").to_pandas().fillna("")
    fakes = truth[truth["operator"] != ""]["account_id"]
    kept = pa.array([*fakes, *truth[truth["operator"] == ""]["account_id"][:others]])

    def made(table: pa.Table) -> pa.Table:
        table = table.filter(pc.is_in(table.column("account_id"), kept))
        return table.take(np.arange(0, table.num_rows, every)) if "ip" in table.column_names else table

    _rewrite(world / "facts", into, made)


def halve(facts: Path, into: Path) -> None:
    """Moves the first half of the requests to a folder of its own, with the other tables in another order."""
    shuffle(facts, into, seed=3)
    requests = pq.read_table(facts / "requests.parquet")
    pq.write_table(requests.slice(0, requests.num_rows // 2), into / "requests.parquet")
    pq.write_table(requests.slice(requests.num_rows // 2), facts / "requests.parquet")


def published(site: Site) -> dict[str, Any]:
    """Returns all that readers see of a store."""
    with site.open() as store:
        return {
            "runs": [(run.run_id, run.counts) for run in store.runs()],
            "rings": store.rings(10_000),
            "members": store.all_members(),
            "events": store.events(limit=100_000),
            "stays": store.stays(),
            "counts": store.counts(),
            "loaded": store.loaded_through(),
        }


def _rewrite(facts: Path, into: Path, made: Callable[[pa.Table], pa.Table]) -> None:
    into.mkdir(parents=True)
    for path in sorted(facts.glob("*.parquet")):
        pq.write_table(made(pq.read_table(path)), into / path.name)

"""The p2p payment platform in the real Neo4j: Cypher returns the answers that Neo4j published (ODC-BY)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import neo4j
import pytest
from known_graph import wipe

from linkage import queries
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.settings import Settings

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
FACTS = Path(os.environ.get("LINKAGE_SHARED_DATA", _BESIDE)) / "p2p" / "facts"

pytestmark = [
    pytest.mark.neo4j,
    pytest.mark.skipif(
        not FACTS.is_dir(), reason="the p2p data set is not beside this checkout, nor in LINKAGE_SHARED_DATA"
    ),
]

KNOWN = {"payment": (8490, 8185, 31, 274), "device": (2745, 2655, 2, 88)}


def test_shared_cards_and_devices_split_as_is_known(neo4j_server: Any, tmp_path: Path) -> None:
    credentials = (neo4j_server.user, neo4j_server.password)
    settings = Settings(
        store=neo4j_server.bolt,
        user=credentials[0],
        password=credentials[1],
        key="of this test" * 3,
        home=str(tmp_path),
    )
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=credentials) as driver:
        wipe(driver)
        _, filled = load(Site(settings), FACTS)
        assert filled.counts["accounts"] == 33_732
        statement = queries.load("explore/shared_by_label").statement
        for kind, known in KNOWN.items():
            (row,) = driver.execute_query(statement, kind=kind, database_="neo4j").records
            assert tuple(row.values()) == known
        wipe(driver)

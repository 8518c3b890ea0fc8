"""Labels that analysts gave are the same in every store, after each run and after later loads."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import neo4j
import pytest
from known_graph import wipe

from linkage.jobs.decisions import decide, revoke
from linkage.jobs.labels import honour_labels
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.decisions import Ruling
from linkage.model.filters import AccountFilter
from linkage.settings import Settings

KEY = "0123456789abcdef" * 4


def _facts(folder: Path, *labels: str) -> Path:
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id\n" + "".join(f"a{number}\n" for number in range(4)))
    (folder / "labels.csv").write_text("account_id,label\n" + "\n".join(labels))
    return folder


@pytest.mark.neo4j
def test_labels_reach_the_store_and_leave_it(tmp_path: Path, neo4j_server: Any) -> None:
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    embedded = Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY)
    remote = dataclasses.replace(
        embedded, store=neo4j_server.bolt, user=neo4j_server.user, password=neo4j_server.password, home=str(tmp_path)
    )
    for place, settings in enumerate((embedded, remote)):
        site = Site(settings)
        load(site, _facts(tmp_path / f"first{place}", "a1,abuse"))

        def labelled(label: str, site: Site = site) -> list[str]:
            with site.working.lock(), site.open() as store:
                honour_labels(site, store, datetime.now(UTC))
                return store.find_accounts(AccountFilter(label=(label,)), 10, "")

        with site.open() as store:
            made = decide(store, Ruling.BENIGN, accounts=["a1", "a2"], author="ann", reason="known")
        assert (labelled("abuse"), labelled("benign")) == ([], ["a1", "a2"])
        load(site, _facts(tmp_path / f"second{place}", "a2,abuse", "a3,abuse"))
        assert (labelled("abuse"), labelled("benign")) == (["a3"], ["a1", "a2"])
        with site.open() as store:
            revoke(store, made.decision_id, 1, "ann")
        assert (labelled("abuse"), labelled("benign")) == (["a1", "a2", "a3"], [])

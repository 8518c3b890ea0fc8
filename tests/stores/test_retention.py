"""Retention leaves the same graph in every store, and may be cut short anywhere."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import neo4j
import pytest
from known_graph import wipe

from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.retention import due, refresh, remove_old
from linkage.jobs.site import Site
from linkage.model.rings import Use
from linkage.settings import Settings
from linkage.simulate import simulate

KEY = "0123456789abcdef" * 4


def _lasting(uses: list[Use]) -> set[str]:
    """Returns the keys of things but prompts, which are no nodes once nobody else sent them."""
    return {use.key for use in uses if use.kind != "prompt"}


@pytest.mark.neo4j
def test_both_stores_forget_the_same(tmp_path: Path, neo4j_server: Any) -> None:
    simulate(tmp_path / "world", 2000, 11)
    with neo4j.GraphDatabase.driver(neo4j_server.bolt, auth=(neo4j_server.user, neo4j_server.password)) as driver:
        wipe(driver)
    embedded = Settings(store=f"duckdb:{tmp_path / 'embedded.duckdb'}", key=KEY)
    remote = dataclasses.replace(
        embedded, store=neo4j_server.bolt, user=neo4j_server.user, password=neo4j_server.password, home=str(tmp_path)
    )
    for settings in (embedded, remote):
        site = Site(settings)
        load(site, tmp_path / "world" / "facts")
        detect(site)
        assert not due(site)
    sites = [Site(dataclasses.replace(settings, keep_days=30)) for settings in (embedded, remote)]
    found = []
    for site in sites:
        assert due(site)
        with site.working.lock(), site.open() as store:
            before = store.counts()
            members = sorted({member.account_id for member in store.all_members()})
            ghosts = store.uses_of(members, 100_000)
            removed = remove_old(site, store).rows_out
            refresh(site, store)
            counts = store.counts()
            assert counts.uses < before.uses
            assert counts.accounts == before.accounts
            kept = store.uses_of(members, 100_000)
            core = [one.account_id for one in store.all_members() if one.role.value != "bystander"]
            assert all(_lasting(kept[one]) == _lasting(ghosts[one]) for one in core)
            found.append((removed, counts, kept))
        assert not due(site)
    assert found[0] == found[1]

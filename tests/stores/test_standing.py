"""What a store says of its state: the run, and a mark that tells whether anything was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from known_graph import account_rows, link_row, link_table, publication, tables

from linkage.model.decisions import Decision, Ruling
from linkage.stores.base import Standing, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.stores.neo4j.store import Neo4jStore

DECISION = Decision("d1", 1, Ruling.MUST_LINK, ("a1", "a2"), "", "me", "seen", datetime(2026, 3, 1, tzinfo=UTC))

CHANGES: dict[str, Callable[[Store], None]] = {
    "load": lambda store: store.load(tables([account_rows()[0] | {"status": "suspended"}], [], [])),
    "links": lambda store: store.replace_links([link_table([link_row("a1", "a2", payment=1.0)])], "run9"),
    "decision": lambda store: store.keep_decision(DECISION),
    "publish": lambda store: store.publish(replace(publication(), run=replace(publication().run, run_id="run9"))),
}


def test_the_run_stands_beside_the_mark(filled: Store) -> None:
    assert filled.standing().run == filled.current_run() == publication().run


def test_equal_marks_are_of_one_state(filled: Store) -> None:
    """Of a store that cannot tell its mark is empty, so that nobody takes it for unchanged."""
    if not filled.standing().mark:
        return
    for change in CHANGES.values():
        before = filled.standing().mark
        filled.members("r1")
        filled.runs()
        assert filled.standing().mark == before
        change(filled)
        assert filled.standing().mark != before


@pytest.mark.neo4j
def test_a_change_by_another_client_moves_the_mark(neo4j_store: Neo4jStore) -> None:
    before = neo4j_store.standing()
    with Neo4jStore(neo4j_store.url, *neo4j_store._session._credentials or ("", "")) as other:
        other.keep_decision(DECISION)
    assert before.mark
    assert neo4j_store.standing().mark not in ("", before.mark)


def test_a_file_that_was_written_has_another_mark(duckdb_store: DuckDBStore) -> None:
    before = duckdb_store.standing()
    assert before == Standing(None, before.mark) == duckdb_store.standing()
    duckdb_store.publish(publication())
    assert duckdb_store.standing().mark not in ("", before.mark)

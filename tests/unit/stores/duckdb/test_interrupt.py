"""A query of the embedded engine ends at the deadline, and the connection goes on."""

from __future__ import annotations

import time

import duckdb
import pytest

from linkage.errors import DeadlinePassed
from linkage.stores.deadline import deadline
from linkage.stores.duckdb.interrupt import interrupting

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"


def test_a_query_ends_at_the_deadline() -> None:
    con = duckdb.connect(config={"threads": 1})
    with deadline(time.monotonic() + 0.2), pytest.raises(DeadlinePassed), interrupting(con):
        con.execute(ENDLESS).fetchall()
    with deadline(time.monotonic() + 60), interrupting(con):
        assert con.execute("SELECT 1").fetchall() == [(1,)]


def test_without_a_deadline_nothing_is_watched() -> None:
    con = duckdb.connect()
    with interrupting(con):
        assert con.execute("SELECT 1").fetchall() == [(1,)]

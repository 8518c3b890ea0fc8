"""Ending a query of the embedded engine at the deadline of whoever asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from linkage.errors import DeadlinePassed
from linkage.stores.deadline import seconds_left

if TYPE_CHECKING:
    import duckdb


@contextmanager
def interrupting(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupts what runs inside at the deadline, if there is one; DeadlinePassed where that happened."""
    import duckdb

    left = seconds_left()
    if left is None:
        yield
        return
    timer = threading.Timer(left, con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise DeadlinePassed("the query took longer than it was given; ask for less at once") from error
    finally:
        timer.cancel()

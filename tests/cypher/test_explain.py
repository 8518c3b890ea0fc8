"""The server's remarks on every query: no cartesian product, no unknown name, nothing deprecated."""

from __future__ import annotations

from typing import Any

import neo4j
import pytest

from linkage import queries

pytestmark = pytest.mark.neo4j


@pytest.mark.parametrize("language", ["CYPHER 5", "CYPHER 25"])
@pytest.mark.parametrize("name", queries.names())
def test_the_server_remarks_nothing(known: object, driver: neo4j.Driver, name: str, language: str) -> None:
    query = queries.load(name)
    params: dict[str, Any] = dict.fromkeys(query.params)
    with driver.session(database="neo4j") as session:
        summary = session.run(f"{language} EXPLAIN {query.statement}", params).consume()  # type: ignore[arg-type]
    assert [str(remark) for remark in summary.gql_status_objects if remark.is_notification] == []
    assert summary.query_type == {"read": "r", "schema": "s"}.get(query.mode, summary.query_type)
    assert query.mode != "write" or summary.query_type in ("w", "rw")

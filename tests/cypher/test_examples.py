"""docs/explore.md: what each query for people answers on the known graph. `LINKAGE_WRITE_DOCS=1` writes it anew."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import neo4j
import pytest
from known_graph import CARD

from linkage import queries
from linkage.browse import CHAPTERS
from linkage.stores.neo4j.store import Neo4jStore

PAGE = Path(__file__).parents[2] / "docs" / "explore.md"
ROWS = 3
VALUES: dict[str, Any] = {
    "ring": "r1",
    "account": "a2",
    "a": "a1",
    "b": "a2",
    "key": CARD,
    "operator": "op1",
    "campaign": "camp1",
    "kind": "payment",
}
OTHERS: dict[str, dict[str, Any]] = {"explore/shared_by_rings": {"a": "r1", "b": "r2"}}
HEAD = """# What the queries for people answer

The queries of `cypher/explore/`, in the order of the guide that `linkage neo4j open` plays. Each is bounded: it draws
at most 300 nodes. The examples are its first rows on a graph of six accounts that the tests know; whole statements are
in the files, and in Browser.
"""


def page(driver: neo4j.Driver) -> Iterator[str]:
    """Yields the lines of the page."""
    yield HEAD
    for chapter in CHAPTERS:
        yield f"## {chapter.title}\n\n{chapter.lead}\n"
        for name in chapter.queries:
            query = queries.load(name)
            values = VALUES | OTHERS.get(name, {})
            found = driver.execute_query(query.statement, values, routing_="r")  # type: ignore[arg-type] # from a file
            rows = [dict(one) for one in found.records]
            yield f"### `{name.removeprefix('explore/')}`\n\n{query.purpose}\n"
            if query.params:
                given = "; ".join(f"`:param {one} => '{values[one]}'`" for one in query.params)
                yield f"Set first: {given}\n"
            yield from _table(rows)


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "On that graph: nothing.\n"
        return
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|" + "---|" * len(rows[0])
    for row in rows[:ROWS]:
        yield "| " + " | ".join(_cell(value) for value in row.values()) + " |"
    more = len(rows) - ROWS
    yield f"\n{more} more\n" if more > 0 else ""


def _cell(value: Any) -> str:
    """Returns a value as a cell shows it; nodes by their id or key, relationships by type and bits."""
    if isinstance(value, neo4j.graph.Node):
        labels = ":".join(sorted(value.labels - {"Identifier"}) or value.labels)
        return f"`(:{labels} {value.get('id') or value.get('key') or value.get('ring') or ''})`"
    if isinstance(value, neo4j.graph.Relationship):
        bits = f" {value['bits']} bits" if "bits" in value else ""
        return f"`-[:{value.type}{bits}]-`"
    if isinstance(value, neo4j.graph.Path):
        return " ".join(_cell(one) for one in _steps(value))
    if isinstance(value, list):
        return ", ".join(_cell(one) for one in value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_cell(one)}" for name, one in value.items())
    if isinstance(value, neo4j.time.DateTime):
        return f"{value.to_native():%Y-%m-%d %H:%M}"
    return "" if value is None else str(value).replace("|", "\\|")


def _steps(path: neo4j.graph.Path) -> Iterator[Any]:
    for node, relationship in zip(path.nodes, (*path.relationships, None), strict=True):
        yield node
        if relationship is not None:
            yield relationship


@pytest.mark.neo4j
def test_the_page_has_each_query_with_what_it_answers(known: Neo4jStore, driver: neo4j.Driver) -> None:
    text = "\n".join(page(driver)).rstrip() + "\n"
    if os.environ.get("LINKAGE_WRITE_DOCS"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run this test with LINKAGE_WRITE_DOCS=1"

"""Query files against their headers and the house style, without a server."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from linkage import queries
from linkage.queries import Mode, Needs

CLAUSES = (
    "OPTIONAL MATCH",
    "MATCH",
    "WHERE",
    "UNWIND",
    "WITH",
    "RETURN",
    "MERGE",
    "CREATE",
    "SET",
    "DETACH DELETE",
    "DELETE",
    "CALL",
    "YIELD",
    "ORDER BY",
    "LIMIT",
    "USING INDEX",
    "FOR",
    "REQUIRE",
    "ON",
)
WRITING = re.compile(r"\b(MERGE|CREATE|SET|DELETE|REMOVE|FOREACH)\b")
LOWER = re.compile(
    r"\b(match|optional|where|unwind|with|return|merge|create|delete|detach|call|yield|order by|limit|as|and|or|not|"
    r"in|is|null|case|when|then|else|distinct|exists|desc)\b"
)
NO_TEXT = re.compile(r"'[^']*'")
NAMES = queries.names()


def _bare(statement: str) -> str:
    """Returns the statement without texts and without what stands in square brackets."""
    bare = NO_TEXT.sub("''", statement)
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", bare)) != bare:
        bare = shorter
    return bare


def _last_return(statement: str) -> list[str]:
    """Returns the items of the last RETURN, split at the commas outside of brackets."""
    text = re.split(r"\bRETURN\b", statement)[-1]
    text = re.split(r"\b(?:ORDER BY|LIMIT)\b", text)[0]
    items, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            items.append("")
        else:
            items[-1] += sign
    return [item.strip() for item in items]


def _declared(returns: str) -> list[str]:
    return [part.strip() for part in re.sub(r"\([^)]*\)", "", returns).split(",")]


def _marked() -> set[str]:
    """Returns the names in `query` marks of this folder's tests."""
    found: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.query":
                found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def test_every_query_has_a_test_of_its_rows() -> None:
    assert _marked() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_mode_is_what_the_clauses_do(name: str) -> None:
    query = queries.load(name)
    bare = _bare(query.statement)
    if query.mode is Mode.SCHEMA:
        assert re.match(r"CREATE (CONSTRAINT|INDEX) \w+ IF NOT EXISTS\n", bare)
    else:
        assert bool(WRITING.search(bare)) == (query.mode is Mode.WRITE)


@pytest.mark.parametrize("name", NAMES)
def test_needs_algorithms_where_it_calls_them(name: str) -> None:
    query = queries.load(name)
    assert ("gds." in query.statement) == (query.needs is Needs.GDS)


@pytest.mark.parametrize("name", NAMES)
def test_keywords_are_upper_case(name: str) -> None:
    assert LOWER.findall(re.sub(r"\$\w+", "", NO_TEXT.sub("''", queries.load(name).statement))) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_clause_has_a_line(name: str) -> None:
    clause = re.compile(r"\b(" + "|".join(CLAUSES) + r")\b")
    for line in _bare(queries.load(name).statement).splitlines():
        inner = re.sub(r"any\([^()]*\)|IF NOT EXISTS|STARTS WITH", "", line.strip())
        for found in clause.finditer(inner):
            assert found.start() == 0, f"«{line.strip()}» holds {found[0]} behind its beginning"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_returned_is_named_and_declared(name: str) -> None:
    query = queries.load(name)
    if query.returns == "nothing":
        assert "RETURN" not in query.statement
        return
    items = _last_return(query.statement)
    aliases = [item.rsplit(" AS ", 1)[1] for item in items if " AS " in item]
    assert len(aliases) == len(items), "every item of the last RETURN has an alias"
    if not query.returns.startswith("the columns of"):
        assert aliases == _declared(query.returns)


@pytest.mark.parametrize("name", [name for name in NAMES if queries.load(name).mode is Mode.READ])
def test_lists_are_ordered(name: str) -> None:
    query = queries.load(name)
    one_row = re.match(r".*/(find|count|project|drop|await)_", name) or all(
        item.startswith(("count(", "sum(", "max(")) for item in _last_return(query.statement)
    )
    before, _, tail = query.statement.rpartition("RETURN")
    collected = all(item.startswith("collect(") for item in _last_return(query.statement))
    assert one_row or "ORDER BY" in (before.rsplit("WITH", 1)[-1] if collected else tail)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("explore/")])
def test_queries_for_people_are_bounded(name: str) -> None:
    tail = queries.load(name).statement.rsplit("RETURN", 1)[-1]
    assert "LIMIT" in tail or "ORDER BY" not in tail

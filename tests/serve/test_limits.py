"""Attacks are refused fast, and what is allowed beside them is answered (a limiter that refuses all looks safe)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.serve import limits as sizes
from linkage.serve import schema
from linkage.serve.faults import Fault
from linkage.serve.settings import Limits
from tests.serve.conftest import Ask

CORE = schema.core(schema.build())
INFINITE = Limits(
    depth=10**9,
    introspection_depth=10**9,
    root_fields=10**9,
    aliases=10**9,
    directives=10**9,
    fields=10**9,
    fragments=10**9,
    cost=10**300,
)


def size_of(query: str, **variables: Any) -> sizes.Size:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return sizes.check(CORE, document, operation, variables, INFINITE)


def twice(n: int) -> str:
    """Returns a document whose fragments each spread the next one twice: 2^n paths in a few bytes."""
    body = "".join(f"fragment f{i} on Ring {{ ...f{i + 1} ...f{i + 1} }} " for i in range(n))
    return f'{{ ring(id: "ring-a") {{ ...f0 }} }} {body} fragment f{n} on Ring {{ size }}'


def nested(levels: int) -> str:
    """Returns a query that goes from account to ring and back."""
    inner = "size"
    for _ in range(levels):
        inner = f"members(first: 1) {{ nodes {{ ring {{ {inner} }} }} }}"
    return f'{{ ring(id: "ring-a") {{ {inner} }} }}'


ABUSES = {
    "deep": nested(4),
    "deep beyond the parser": "{" + "ring { " * 600 + "id" + "}" * 601,
    "deep lists in an argument": "{ ring(id: " + "[" * 1000 + "]" * 1000 + ") { id } }",
    "wide": "{ " + "ring(id: 1) { id } " * 11 + "}",
    "aliases": '{ ring(id: "ring-a") { ' + " ".join(f"a{i}: size" for i in range(16)) + " } }",
    "directives": "{ run " + "@skip(if: false) " * 21 + "{ runId } }",
    "directives unknown": "{ run " + "@x " * 500 + "{ runId } }",
    "tokens": "{ run { " + "runId " * 3000 + "} }",
    "fields": "{ run { " + "runId " * 501 + "} }",
    "comments": "#\n" * 300 + "{ run { runId } }",
    "fragments": "{ run { runId } } " + " ".join(f"fragment f{i} on Run {{ runId }}" for i in range(21)),
    "fragments spread twice": twice(19),
    "pages in pages": '{ ring(id: "ring-a") { members(first: 50) { nodes { links(first: 50) {'
    " nodes { status plan } } } } } }",
    "evidence of many": '{ ring(id: "ring-a") { links(first: 100) { nodes { evidence {'
    " things(first: 100) { key } } } } } }",
    "page by variable": "query ($n: Int = 100) { rings(first: $n) { nodes { members(first: $n) { nodes { id } } } } }",
    "introspection repeated": "{ "
    + " ".join(f"s{i}: __schema {{ types {{ name }} }}" for i in range(10))
    + " run { id } }",
    "introspection in circles": "{ __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }",
    "costly questions": "{ " + " ".join(f'c{i}: evasionCost(ring: "ring-a") {{ bits }}' for i in range(10)) + " }",
    "layers in circles": "{ operators(first: 50) { nodes { rings(first: 50) { nodes { operator { ringCount } } } } } }",
    "many nodes": "{ nodes(ids: [" + '"x", ' * 900 + "]) { ... on Ring { members { nodes { id } } } } }",
    "second operation": "query a { run { id } } query b { " + "run { id } " * 300 + "}",
    "suggestions": "{ " + "rin " * 9 + "}",
}

CONTROLS = {
    "deep enough": nested(2),
    "a costly question": '{ evasionCost(ring: "ring-a") { bits links(first: 3) { evidence { bits } } } }',
    "nine roots": "{ " + " ".join(f'r{i}: ring(id: "ring-a") {{ id }}' for i in range(9)) + " }",
    "fifteen aliases": '{ ring(id: "ring-a") { ' + " ".join(f"a{i}: size" for i in range(15)) + " } }",
    "twenty directives": "{ " + " ".join(f"r{i}: run @skip(if: false) {{ runId }}" for i in range(9)) + " }",
    "a fragment spread twice": twice(3),
    "a whole page": '{ ring(id: "ring-a") { members(first: 100) { edges { role bits node { accountId status } } } } }',
    "a ring of 50 with 200 identifiers": '{ ring(id: "ring-a") { members(first: 50) { edges { role node { accountId'
    " identifiers(first: 4) { edges { requests node { kind bits } } } } } } } }",
    "the introspection of tools": get_introspection_query(input_value_deprecation=True),
    "introspection": "{ __schema { types { name fields { name type { name ofType { name ofType { name } } } } } } }",
}


@pytest.mark.parametrize("name", ABUSES)
def test_an_attack_is_refused(ask: Ask, name: str) -> None:
    answer = ask(ABUSES[name])
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} <= {
        "QUERY_TOO_EXPENSIVE",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
    }
    assert len(answer["errors"]) <= 6


@pytest.mark.parametrize("name", CONTROLS)
def test_what_is_allowed_is_answered(ask: Ask, name: str) -> None:
    answer = ask(CONTROLS[name])
    assert "errors" not in answer
    assert answer["data"]


@pytest.mark.parametrize("first", [0, -1, 101, 100_000, 2**31])
def test_a_page_size_out_of_bounds_is_refused(ask: Ask, first: int) -> None:
    for answer in (
        ask(f"{{ rings(first: {first}) {{ nodes {{ id }} }} }}"),
        ask("query ($n: Int!) { rings(first: $n) { nodes { id } } }", n=first),
    ):
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_doubling_fragments_are_counted_without_walking_every_path() -> None:
    assert size_of(twice(100)).cost > 2**100  # a walk of 2^100 paths would not end


def test_a_cycle_of_fragments_ends() -> None:
    assert size_of("{ run { ...a } } fragment a on Run { ...b } fragment b on Run { runId ...a }").cost >= 1


def test_a_limit_that_is_passed_is_named() -> None:
    document = parse(nested(4))
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    with pytest.raises(Fault, match="depth is 14; it may be 12 at most"):
        sizes.check(CORE, document, operation, {}, Limits())


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str]:
    """Draws a document with fragments, and the same with every fragment written out."""
    bodies: list[str] = []
    for _ in range(draw(st.integers(0, 4))):
        bodies.append(draw(_selection(bodies)))
    top = draw(_selection(bodies))
    fragments = " ".join(f"fragment f{at} on Ring {{ {body} }}" for at, body in enumerate(bodies))
    return f'{{ ring(id: "x") {{ {top} }} }} {fragments}', f'{{ ring(id: "x") {{ {_inlined(top, bodies)} }} }}'


def _selection(bodies: list[str]) -> st.SearchStrategy[str]:
    leaves = ["size", "score", "events(first: 3) { at event }", "members(first: 7) { nodes { ring { size } } }"]
    spreads = [f"...f{at}" for at in range(len(bodies))]
    deeper = [f"members(first: 2) {{ nodes {{ ring {{ {spread} }} }} }}" for spread in spreads]
    return st.lists(st.sampled_from(leaves + spreads + deeper), min_size=1, max_size=4).map(" ".join)


def _inlined(text: str, bodies: list[str]) -> str:
    for at in range(len(bodies) - 1, -1, -1):
        text = text.replace(f"...f{at}", bodies[at])
    return text


@given(documents())
@settings(max_examples=100, deadline=None)
def test_a_fragment_measures_as_if_it_were_written_out(pair: tuple[str, str]) -> None:
    with_fragments, written_out = pair
    assert size_of(with_fragments) == size_of(written_out)

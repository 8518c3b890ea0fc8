"""Column by column or by the engine: the same reply, for queries of every shape."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    execute,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
    parse,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linkage.jobs.site import Site
from linkage.serve import ids, schema
from linkage.serve.access.roles import LOCAL
from linkage.serve.app import Service
from linkage.serve.batches import Batches
from linkage.serve.columnar.plan import plan
from linkage.serve.execution import Reply, Request
from linkage.serve.faults import from_errors
from linkage.serve.settings import Limits, ServeSettings
from tests.serve.conftest import connect

CORE = schema.core(schema.build())
WIDE = Limits(cost=10**9, bucket=10**12, fields=10**6, aliases=10**6, depth=20, tokens=10**6, root_fields=10**3)
HEAVY = {"whatIf", "evasionCost", "assess", "whyRing", "whyMember", "export", "node", "nodes", "__schema", "__type"}
VALUES: dict[str, st.SearchStrategy[str]] = {
    "id": st.sampled_from(['"ring-a"', '"ring-b"', '"acct-001"', '"acct-121"', '"nothing"', '""']),
    **dict.fromkeys(("account", "a", "b"), st.sampled_from(['"acct-001"', '"acct-002"', '"acct-121"', '"nobody"'])),
    "ring": st.sampled_from(['"ring-a"', '"ring-c"', '"none"']),
    "key": st.sampled_from([f'"{1:016x}"', f'"{1000:016x}"', '"none"']),
    "text": st.sampled_from(['"acct-00"', '"ring"', f'"{2:016x}"']),
    "first": st.sampled_from(["1", "2", "3", "50"]),
    "limit": st.sampled_from(["3", "10"]),
    "hops": st.sampled_from(["1", "2", "7"]),
    "after": st.sampled_from(["null", '"nonsense"', f'"{ids.cursor("acct-003")}"']),
    **dict.fromkeys(("asOf", "fromRun", "toRun"), st.sampled_from(['"run-1"', '"run-9"'])),
}


@pytest.fixture(scope="module")
def service(site: Site) -> Iterator[Service]:
    """The service over the world, with next to no limits, that gives no reply again."""
    with connect(site, ServeSettings(limits=WIDE, keep_s=0.0, fresh_s=3600)) as client:
        yield client.app.state.service  # type: ignore[attr-defined] # the client's app is Starlette's


@st.composite
def arguments(draw: st.DrawFn, field: GraphQLField) -> str:
    given: list[str] = []
    for name, argument in field.args.items():
        values = _values(name, argument)
        if values is not None and (is_required_argument(argument) or draw(st.booleans())):
            given.append(f"{name}: {draw(values)}")
    return f"({', '.join(given)})" if given else ""


def _values(name: str, argument: GraphQLArgument) -> st.SearchStrategy[str] | None:
    kind = get_named_type(argument.type)
    return st.sampled_from(sorted(kind.values)) if isinstance(kind, GraphQLEnumType) else VALUES.get(name)


def _known(field: GraphQLField) -> bool:
    return all(_values(*one) is not None for one in field.args.items() if is_required_argument(one[1]))


@st.composite
def selection(draw: st.DrawFn, kind: GraphQLObjectType, depth: int) -> str:
    fields = [
        (name, field)
        for name, field in kind.fields.items()
        if _known(field)
        and name not in HEAVY
        and (is_leaf_type(named := get_named_type(field.type)) or (depth and is_object_type(named)))
    ]
    parts = [] if fields else ["__typename"]
    chosen = st.lists(st.sampled_from(fields), min_size=1, max_size=4) if fields else st.just([])
    for at, (name, field) in enumerate(draw(chosen)):
        named = get_named_type(field.type)
        inside = f" {{ {draw(selection(named, depth - 1))} }}" if is_object_type(named) else ""
        alias = f"x{at}: " if field.args or inside else draw(st.sampled_from(["", f"x{at}: "]))
        parts.append(f"{alias}{name}{draw(arguments(field))}{inside}")
    if draw(st.booleans()):
        parts.append("__typename")
    text = " ".join(parts)
    return draw(st.sampled_from([text, f"... on {kind.name} {{ {text} }}", f"... {{ {text} }} __typename"]))


def _by_engine(service: Service, query: str, variables: dict[str, Any]) -> Callable[[], Coroutine[Any, Any, Reply]]:
    async def run() -> Reply:
        loaders = service._loaders(LOCAL)
        await loaders.view()  # as where it is asked after the columns: of several errors the first is told
        found = execute(CORE, parse(query), context_value=loaders, variable_values=variables, max_coercion_errors=5)
        result = await found if inspect.isawaitable(found) else found
        assert isinstance(result, ExecutionResult)
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = from_errors(result.errors[:5])
        return Reply(payload, started=True)

    return run


def _shown(reply: Reply) -> tuple[str, list[str]]:
    """Returns the data as text, so that the order of keys counts, and the errors, in whatever order they were met."""
    data = reply.payload.get("data")
    text = data.contents.decode() if hasattr(data, "contents") else json.dumps(data, separators=(",", ":"))
    return json.dumps(json.loads(text)), sorted(json.dumps(one) for one in reply.payload.get("errors", ()))


def _both(service: Service, query: str, **variables: Any) -> tuple[Reply, Reply]:
    async def run() -> tuple[Reply, Reply]:
        request = Request(query, variables)
        loaders = service._loaders(LOCAL)
        prepared = service._executor.prepare(request)
        here = await service._executor._execute(prepared, request, loaders)
        return here, await _by_engine(service, query, variables)()

    return asyncio.run(run())


# a query that shows a difference is small enough to be read; making it smaller would take minutes
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.data())
def test_both_give_the_same_reply(service: Service, data: st.DataObject) -> None:
    assert CORE.query_type is not None
    query = f"{{ {data.draw(selection(CORE.query_type, 4))} }}"
    here, engine = _both(service, query)
    (data_here, errors_here), (data_engine, errors_engine) = _shown(here), _shown(engine)
    assert data_here == data_engine, query
    # of several errors below one null, the engine tells those that it met first, whichever those are
    said = [{json.loads(one)["message"] for one in errors} for errors in (errors_here, errors_engine)]
    assert said[0] & said[1] or said[0] == said[1] == set(), query
    assert here.columns is not bool(errors_engine), query


RING = """query Ring($ring: ID!, $n: Int = 3) {
    ring(id: $ring) {
        ...figures members(first: 50) { pageInfo { endCursor } edges { ...edge role node { accountId } } }
    }
    again: ring(id: $ring) { ...figures ... on Node { id } }
} fragment figures on Ring { ringId size facets firstSeen operator { operatorId } }
fragment edge on MemberEdge {
    cursor bits node { status identifiers(first: $n) { edges { days node { key kind } } } }
}"""


@pytest.mark.parametrize(
    "asked",
    [
        "edges { role bits since weakestFacet node { accountId status label role requests firstSeen } }",
        "edges { node { identifiers(first: 2) { nodes { kind facet key } pageInfo { hasNextPage endCursor } } } }",
        "edges { node { identifiers(first: 1) { edges { days firstSeen node { bits place degree __typename } } } } }",
        "edges { node { links(first: 2) { edges { link { bits } node { plan country } } } } } pageInfo { endCursor }",
        "nodes { id accountId }",
        "edges { cursor node { id } }",
        "edges { node { identifiers { edges { cursor node { id accounts { nodes { accountId } } } } } } }",
        "edges { node { accountId ring { ringId } } }",
    ],
)
def test_records_stand_in_for_objects_wherever_they_can(service: Service, asked: str) -> None:
    for ring in ("ring-a", "ring-b"):
        here, engine = _both(service, f'{{ ring(id: "{ring}") {{ members(first: 7) {{ {asked} }} }} }}')
        assert here.columns
        assert _shown(here) == _shown(engine)
        assert here.payload["data"]["ring"]


@pytest.mark.parametrize("variables", [{"ring": "ring-b"}, {"ring": "ring-a", "n": 1}, {"ring": "none"}])
def test_fragments_variables_and_fields_asked_for_twice(service: Service, variables: dict[str, Any]) -> None:
    here, engine = _both(service, RING, **variables)
    assert here.columns
    assert _shown(here) == _shown(engine)
    assert "errors" not in here.payload


@pytest.mark.parametrize(
    "query",
    [
        "{ run { runId @skip(if: true) } }",
        '{ node(id: "x") { id } }',
        "{ __schema { queryType { name } } }",
        "mutation { startExport(format: NDJSON, tables: [RINGS]) { export { exportId } } }",
        "query Q @include(if: true) { run { runId } }",
    ],
)
def test_what_is_left_to_the_engine(query: str) -> None:
    document = parse(query)
    assert plan(CORE, document, document.definitions[0]) is None  # type: ignore[arg-type] # the first is the operation


def test_an_error_inside_a_list_is_told_at_its_place(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkage.stores.duckdb import DuckDBStore

    read = DuckDBStore.accounts
    monkeypatch.setattr(
        DuckDBStore, "accounts", lambda self, ids: {k: v for k, v in read(self, ids).items() if k != "acct-122"}
    )
    query = '{ ring(id: "ring-b") { size members { edges { node { accountId } } } } }'
    here, engine = _both(service, query)
    assert _shown(here) == _shown(engine)
    assert here.payload["errors"][0]["path"][:4] == ["ring", "members", "edges", 2]
    assert not here.columns


def test_a_kept_size_is_of_the_variables_that_count() -> None:
    from linkage.serve.parsing import Parser

    query = "query Q($n: Int = 90) { rings(first: $n) { nodes { size } } }"
    document = Parser(CORE, WIDE).parsed(query)
    operation: Any = document.node.definitions[0]
    costs = [document.size(CORE, operation, given, WIDE).cost for given in ({"n": None}, {}, {"n": 2}, {"n": 2}, {})]
    assert costs[1] == costs[4] > costs[2] == costs[3] > costs[0]
    with pytest.raises(Exception, match="cost"):
        document.size(CORE, operation, {}, replace(WIDE, cost=1)) if not document.sizes.clear() else None


def test_what_is_asked_for_together_is_read_once() -> None:
    calls: list[list[int]] = []

    async def read(keys: list[int]) -> list[int]:
        calls.append(keys)
        if 13 in keys:
            raise LookupError("13")
        return [key * key for key in keys]

    async def ask() -> None:
        batches = Batches(read, most=3)
        assert await asyncio.gather(batches.load_many([1, 2, 1]), batches.load(2), batches.load(3)) == [[1, 4, 1], 4, 9]
        assert calls == [[1, 2, 3]]
        assert await batches.load_many([3, 4, 5, 6, 7]) == [9, 16, 25, 36, 49]
        assert calls[1:] == [[4, 5, 6], [7]]
        failed = await asyncio.gather(batches.load(13), batches.load_many([1, 13]), return_exceptions=True)
        assert [str(error) for error in failed] == ["13", "13"]
        waiting = asyncio.ensure_future(batches.load(8))
        await asyncio.sleep(0)
        waiting.cancel()
        assert await batches.load(8) == 64
        assert calls[-1] == [8]

    asyncio.run(ask())

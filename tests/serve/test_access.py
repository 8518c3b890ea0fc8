"""Who may read what: every role x every type x every way in, and that a refusal tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_required_argument,
    parse,
)
from starlette.testclient import TestClient

from linkage.jobs.site import Site
from linkage.serve import ids, schema
from linkage.serve.access import fields as rights
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.access.roles import RANKS, Rank
from linkage.serve.settings import Limits, ServeSettings
from tests.serve.conftest import connect

CORE = schema.core(schema.build())
OBJECTS = {
    name: kind
    for name, kind in CORE.type_map.items()
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
}
ROOTS = [kind for kind in (CORE.query_type, CORE.mutation_type, CORE.subscription_type) if kind is not None]


def _called(name: str, field: GraphQLField) -> str:
    """Returns a field with something for each argument that it requires."""
    given = ", ".join(
        f"{key}: {_literal(argument.type)}" for key, argument in field.args.items() if is_required_argument(argument)
    )
    return f"{name}({given})" if given else name


def _literal(kind: Any) -> str:
    named = get_named_type(kind)
    text = {"Int": "1", "Boolean": "true", "Float": "1.5"}.get(named.name, '"ring-a"')
    if hasattr(named, "values"):
        text = next(iter(named.values))
    elif hasattr(named, "fields"):
        inner = (f"{key}: {_literal(one.type)}" for key, one in named.fields.items() if is_required_argument(one))
        text = "{" + ", ".join(inner) + "}"
    return f"[{text}]" if str(kind).startswith("[") else text


def _ways() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yields each way in: a type, the field of another (or the root) that leads to it, and the shortest way there."""
    shortest: dict[str, list[tuple[str, str]]] = {root.name: [] for root in ROOTS}
    queue = [root.name for root in ROOTS]
    for at in queue:
        for name, field in OBJECTS[at].fields.items():
            kind = get_named_type(field.type).name
            for target in _targets(kind):
                yield target, f"{at}.{name}", [*shortest[at], (at, name)]
                if target not in shortest:
                    shortest[target] = [*shortest[at], (at, name)]
                    queue.append(target)


def _targets(kind: str) -> list[str]:
    found = CORE.type_map[kind]
    if is_abstract_type(found):
        return [one.name for one in CORE.get_possible_types(found)]
    return [kind] if kind in OBJECTS else []


WAYS = list(_ways())


def _document(way: list[tuple[str, str]], target: str, leaf: str) -> str:
    """Returns a query that goes this way and asks for one field of the type at its end."""
    inner, of = _selected(target, leaf), target
    for parent, name in reversed(way):
        inner = f"{_called(name, OBJECTS[parent].fields[name])} {{ ... on {of} {{ {inner} }} }}"
        of = parent
    return f"{of.lower()} {{ {inner} }}"


def _selected(target: str, leaf: str) -> str:
    field = OBJECTS[target].fields[leaf]
    named = get_named_type(field.type)
    return _called(leaf, field) + (" { __typename }" if hasattr(named, "fields") or hasattr(named, "types") else "")


def _leaf(target: str) -> str:
    """Returns the field of a type that needs the most."""
    return max(OBJECTS[target].fields, key=lambda name: rights.needed(target, name))


@pytest.fixture(scope="module")
def roles(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """A client, and a key of each role."""
    keys = KeyFile(tmp_path_factory.mktemp("keys") / "keys")
    made = {role: keys.make(role, role, 1)[1] for role in RANKS}
    settings = ServeSettings(keys=keys.path, limits=Limits(bucket=10**9))
    with connect(site, settings) as client:
        yield client, made


def test_every_type_has_its_role_written_down() -> None:
    assert sorted(OBJECTS) == sorted(rights.TYPES)
    for name in rights.FIELDS:
        kind, _, field = name.partition(".")
        assert field in OBJECTS[kind].fields, name


def test_an_interface_tells_no_more_than_its_types() -> None:
    for name, kind in OBJECTS.items():
        for interface in getattr(kind, "interfaces", ()):
            for field in interface.fields:
                if field != "id":  # which whoever asks by it has; see the next test
                    assert rights.needed(interface.name, field) >= rights.needed(name, field)


def test_a_node_that_is_not_for_a_role_is_unknown_to_it(roles: tuple[TestClient, dict[str, str]]) -> None:
    client, keys = roles
    known = ids.global_id(ids.NodeType.IDENTIFIER, f"{1:016x}")
    query = {"query": "query ($id: ID!) { node(id: $id) { id __typename } }", "variables": {"id": known}}
    found = [
        client.post("/graphql", json=query, headers={"Authorization": f"Bearer {keys[role]}"}).json()["data"]["node"]
        for role in ("viewer", "analyst")
    ]
    assert found == [None, {"id": known, "__typename": "Identifier"}]


def test_what_is_of_persons_is_for_analysts() -> None:
    personal = ["Account.country", "Account.emailDomain", "Identifier.key", "Evidence.things", "SharedThing.key"]
    personal += ["IdentifierEdge.node", "LinkedAccountEdge.node", "Link.accountA", "Query.whyLinked"]
    for name in personal:
        assert rights.needed(*name.split(".")) is Rank.ANALYST


@pytest.mark.parametrize("role", RANKS)
@pytest.mark.parametrize(("target", "by", "way"), WAYS, ids=[f"{target} by {by}" for target, by, _ in WAYS])
def test_every_role_for_every_type_by_every_way(
    roles: tuple[TestClient, dict[str, str]], role: str, target: str, by: str, way: list[tuple[str, str]]
) -> None:
    leaf = _leaf(target)
    needed = max(rights.needed(*step) for step in [*way, (target, leaf)])
    client, keys = roles
    if way[0][0] == "Subscription" or (way[0][0] == "Mutation" and Rank[role.upper()] >= needed):
        document = parse(_document(way, target, leaf))  # what changes something is not run for the sake of a look
        assert rights.need_of(CORE, document, document.definitions[0]).rank is needed  # type: ignore[arg-type]
        return
    answer = client.post(
        "/graphql",
        json={"query": _document(way, target, leaf)},
        headers={"Authorization": f"Bearer {keys[role]}", "Accept": "application/graphql-response+json"},
    )
    if Rank[role.upper()] >= needed:
        codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
        assert answer.status_code == 200, answer.text
        assert codes <= {"BAD_USER_INPUT"}
    else:
        assert answer.status_code == 403
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "query",
    [
        '{ account(id: "acct-001") { ...f } } fragment f on Account { country }',
        '{ account(id: "acct-001") { c: country } }',
        '{ account(id: "acct-001") { ... @include(if: true) { country } } }',
        '{ ring(id: "ring-b") { members(first: 5) { nodes { ring {'
        " members(first: 5) { edges { node { country } } } } } } } }",
        '{ ring(id: "ring-b") { members { edges { node { identifiers { nodes { key } } } } } } }',
        '{ ring(id: "ring-b") { links { edges { node { bits } } } } }',
    ],
)
def test_no_fragment_alias_or_edge_leads_around(roles: tuple[TestClient, dict[str, str]], query: str) -> None:
    client, keys = roles
    for role, code in (("viewer", "FORBIDDEN"), ("analyst", None)):
        answer = client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {keys[role]}"})
        found = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
        assert found == ([code] if code else [])


def test_a_document_is_looked_at_once_however_often_a_fragment_is_spread() -> None:
    body = "".join(f"fragment f{i} on Ring {{ ...f{i + 1} ...f{i + 1} }} " for i in range(200))
    document = parse(f'{{ ring(id: "x") {{ ...f0 }} }} {body} fragment f200 on Ring {{ links {{ nodes {{ bits }} }} }}')
    found = rights.need_of(CORE, document, document.definitions[0])  # type: ignore[arg-type] # the first is the query
    assert found.rank is Rank.ANALYST


def test_the_key_file_decides_from_the_next_request_on(site: Site, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    with connect(site, ServeSettings(keys=keys.path)) as client:

        def status(secret: str = "") -> int:
            header = {"Authorization": f"Bearer {secret}"} if secret else {}
            return client.post("/graphql", json={"query": "{ run { runId } }"}, headers=header).status_code

        assert client.get("/health/ready").json()["authentication"] == "off"
        assert status() == 200
        key, secret = keys.make("notebook", "viewer", 1)
        assert (status(), status(secret)) == (401, 200)
        assert client.get("/health/ready").json()["authentication"] == "on"
        keys.revoke(key.key_id)
        assert (status(), status(secret)) == (401, 401)

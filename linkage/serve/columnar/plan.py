"""What a document asks for, worked out once: for each level its fields, and how the column of each is had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from linkage.serve.columnar.leaves import serializer
from linkage.serve.columnar.thin import THIN, thinned
from linkage.serve.columnar.together import TOGETHER, Reader

Grouped = dict[str, list[FieldNode]]


class Way(Enum):
    """How a column is had."""

    NAME = "the type's name"
    GET = "an attribute or a method of each object"
    TOGETHER = "one reader for all objects"
    EACH = "the field's resolver for each object"


@dataclass(frozen=True, slots=True)
class Planned:
    """One field, of objects or leaves of the type `kind`.

    A column of lists is `listed`, its elements may be null by `inner`, the lists or values by `outer`.
    """

    name: str
    kind: str
    definition: GraphQLField
    parent: GraphQLObjectType
    nodes: list[FieldNode]
    way: Way
    get: Callable[[Any], Any] | None
    reader: Reader | None
    names: dict[str, str]
    outer: bool
    inner: bool
    listed: bool
    leaf: Callable[[list[Any]], list[Any]] | None
    level: Level | None


@dataclass(frozen=True, slots=True)
class Level:
    """The fields of objects of one type, by the keys of the reply."""

    keys: tuple[str, ...]
    fields: tuple[Planned, ...]


class _Unknown(Exception):
    """The document holds what is left to the engine."""


def plan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Level | None:
    """Returns the plan of a valid document's operation, or None for one that is left to the engine."""
    root = schema.query_type
    if operation.operation is not OperationType.QUERY or operation.directives or root is None:
        return None
    try:
        return _Planner(document).level(root, [operation.selection_set])
    except _Unknown:
        return None


class _Planner:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def level(self, kind: GraphQLObjectType, sets: list[SelectionSetNode]) -> Level:
        grouped: Grouped = {}
        seen: set[str] = set()
        for one in sets:
            self._collect(kind, one, grouped, seen)
        return Level(tuple(grouped), tuple(self._field(kind, nodes) for nodes in grouped.values()))

    def _collect(self, kind: GraphQLObjectType, selected: SelectionSetNode, into: Grouped, seen: set[str]) -> None:
        """Collects the fields that objects of a type are asked for, in order, each fragment once (section 6.3.2 of the
        specification)."""
        for node in selected.selections:
            if node.directives:
                raise _Unknown
            if isinstance(node, FieldNode):
                into.setdefault((node.alias or node.name).value, []).append(node)
                continue
            inside: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                inside = self._fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                inside = node
            else:
                raise _Unknown
            on = inside.type_condition.name.value if inside.type_condition else kind.name
            if on in (kind.name, *(interface.name for interface in kind.interfaces)):
                self._collect(kind, inside.selection_set, into, seen)

    def _field(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Planned:
        name = nodes[0].name.value
        if name == "__typename":
            definition, way, get = _TYPENAME, Way.NAME, None
        elif name.startswith("__"):
            raise _Unknown
        else:
            definition = kind.fields[name]
            way, get = _way(kind.name, name, definition)
        outer = get_nullable_type(definition.type)
        element = outer.of_type if is_list_type(outer) else outer
        named = get_named_type(definition.type)
        if is_list_type(get_nullable_type(element)) or is_abstract_type(named):
            raise _Unknown
        level, reader = None, TOGETHER[kind.name, name] if way is Way.TOGETHER else None
        if is_object_type(named):
            level = self.level(named, [node.selection_set for node in nodes if node.selection_set])
            light = thinned(named.name, level) if (kind.name, name) in THIN else None
            if light is not None:
                level, reader = light, THIN[kind.name, name]
        return Planned(
            name,
            named.name,
            definition,
            kind,
            nodes,
            way,
            get,
            reader,
            _names(definition),
            outer=not is_non_null_type(definition.type),
            inner=not is_non_null_type(element),
            listed=is_list_type(outer),
            leaf=serializer(named) if is_leaf_type(named) else None,
            level=level,
        )


def _way(kind: str, name: str, definition: GraphQLField) -> tuple[Way, Callable[[Any], Any] | None]:
    """Returns how a field is had; of one with a resolver that takes nothing but the object, the resolver itself."""
    made = definition.extensions.get("strawberry-definition")
    if not isinstance(made, StrawberryField) or made.permission_classes or made.extensions:
        return Way.EACH, None
    if made.is_basic_field:
        return Way.GET, attrgetter(made.python_name)
    if (kind, name) in TOGETHER:
        return Way.TOGETHER, None
    resolver = made.base_resolver
    alone = resolver is not None and not resolver.arguments and resolver.info_parameter is None
    if resolver is None or not alone or made.is_async or resolver.self_parameter is None:
        return Way.EACH, None
    return Way.GET, resolver


def _names(definition: GraphQLField) -> dict[str, str]:
    """Returns Python's names of arguments by GraphQL's."""
    made = definition.extensions.get("strawberry-definition")
    given = made.arguments if isinstance(made, StrawberryField) else []
    by_order = zip(definition.args, given, strict=True)
    return {name: argument.python_name for name, argument in by_order}


def _typename() -> GraphQLField:
    from graphql import GraphQLNonNull, GraphQLString

    return GraphQLField(GraphQLNonNull(GraphQLString))


_TYPENAME = _typename()

"""How large a document is, in one pass that is linear in it, and whether that is too large.

Each fragment is measured once, however often it is spread: limiters that walk a fragment once for each
path take exponential time on a document of a few hundred bytes. The pass runs before validation, so it
also bounds what validation costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from linkage.serve.faults import Code, Fault
from linkage.serve.settings import PAGE, Limits

READ_COST = dict.fromkeys(("members", "links", "identifiers", "events", "accounts", "supersededBy"), 10) | {
    **dict.fromkeys(
        ("whyLinked", "evidence", "search", "accountCounts", "totalCount", "decisions", "runs", "ringDiff"), 20
    ),
    **dict.fromkeys(("path", "neighbourhood", "unmask"), 100),
    **dict.fromkeys(("whatIf", "evasionCost", "assess", "whyMember", "whyRing"), 500),
}
"""Fields for which the store reads once for every object they stand on; every other field costs 1."""
SCHEMA_COST = 500
"""What `__schema` or `__type` costs, whatever is asked of it: its lists are the schema's own."""
SHORT_LIST = 10
"""Elements counted for a list that takes no `first`: facets, counts, settings."""


@dataclass(frozen=True, slots=True)
class Size:
    """A selection set: how deep it goes, how many fields it has at its top, and its cost."""

    depth: int = 0
    width: int = 0
    cost: int = 0

    def beside(self, other: Size) -> Size:
        """Returns the size of two selections in one set."""
        return Size(max(self.depth, other.depth), self.width + other.width, self.cost + other.cost)


@dataclass(slots=True)
class _Counts:
    """What is counted over the whole document, each node once."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0


class _Measure:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], limits: Limits
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._limits = limits
        self.counts = _Counts()
        self._defaults: dict[str, Any] = {}
        self._sizes: dict[str, Size] = {}
        self._open: set[str] = set()
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def operation(self, node: OperationDefinitionNode) -> Size:
        self._defaults = {given.variable.name.value: given.default_value for given in node.variable_definitions or ()}
        self.counts.directives += len(node.directives or ())
        return self._set(node.selection_set, self._schema.get_root_type(node.operation), 1)

    def fragment(self, name: str) -> Size:
        """Returns a fragment's size; a cycle counts as nothing, validation refuses it."""
        node = self._fragments.get(name)
        if node is None or name in self._open:
            return Size()
        if name not in self._sizes:
            self._open.add(name)
            self.counts.directives += len(node.directives or ())
            on = self._schema.get_type(node.type_condition.name.value)
            self._sizes[name] = self._set(node.selection_set, on, 1)
            self._open.discard(name)
        return self._sizes[name]

    def _set(self, node: SelectionSetNode | None, on: GraphQLNamedType | None, depth: int) -> Size:
        if depth > self._limits.introspection_depth:  # before the recursion of this pass gets deep itself
            raise too_expensive("depth", depth, self._limits.introspection_depth)
        size = Size()
        for selection in node.selections if node else ():
            size = size.beside(self._selection(selection, on, depth))
        return size

    def _selection(self, node: SelectionNode, on: GraphQLNamedType | None, depth: int) -> Size:
        self.counts.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inner = self._schema.get_type(condition.name.value) if condition else on
            return self._set(node.selection_set, inner, depth)
        return self._field(node, on, depth) if isinstance(node, FieldNode) else Size()

    def _field(self, node: FieldNode, on: GraphQLNamedType | None, depth: int) -> Size:
        self.counts.fields += 1
        self.counts.aliases += node.alias is not None
        name = node.name.value
        field = None if on is None else getattr(on, "fields", {}).get(name)
        inner = self._set(node.selection_set, get_named_type(field.type) if field else None, depth + 1)
        if name.startswith("__"):  # a schema of schemas is bounded by its own depth, and by validation
            return Size(0, 1, SCHEMA_COST if node.selection_set else 1)
        times = self._times(node, field, on)
        own = READ_COST.get(name, 1) if node.selection_set else 1
        return Size(inner.depth + 1, 1, own + times * inner.cost)

    def _times(self, node: FieldNode, field: GraphQLField | None, on: GraphQLNamedType | None) -> int:
        """Returns how many objects a field may stand for; a page counts at the field with `first`."""
        if field is None:
            return 1
        if "ids" in field.args:
            return self._given(node, "ids")
        for name in ("first", "limit"):
            if name in field.args:
                return self._first(node, field, name)
        in_page = on is not None and on.name.endswith("Connection")
        return SHORT_LIST if is_list_type(get_nullable_type(field.type)) and not in_page else 1

    def _given(self, node: FieldNode, name: str) -> int:
        """Returns how many values a list argument has."""
        for argument in node.arguments or ():
            value = self._value(argument.value) if argument.name.value == name else None
            if isinstance(value, list):
                return len(value)
        return 1

    def _first(self, node: FieldNode, field: GraphQLField, name: str) -> int:
        value: Any = field.args[name].default_value
        for argument in node.arguments or ():
            if argument.name.value == name:
                value = self._value(argument.value)
        if not isinstance(value, int) or isinstance(value, bool):
            return 1  # validation or coercion says what is wrong with it
        if not 1 <= value <= PAGE:
            raise Fault(Code.BAD_USER_INPUT, f"{node.name.value}({name}: {value}): {name} must be 1 to {PAGE}")
        return value

    def _value(self, node: object) -> object:
        if isinstance(node, VariableNode):
            name = node.name.value
            return self._variables[name] if name in self._variables else self._value(self._defaults.get(name))
        if isinstance(node, ListValueNode):
            return list(node.values or ())
        return int(node.value) if isinstance(node, IntValueNode) else None


def check(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> Size:
    """Returns the operation's size; a Fault if it, or the document around it, is larger than the limits."""
    measure = _Measure(schema, document, variables, limits)
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    _refuse("fragments", len(fragments), limits.fragments)
    size = measure.operation(operation)
    for other in document.definitions:  # validation works on all of them, so they count as well
        if isinstance(other, FragmentDefinitionNode):
            measure.fragment(other.name.value)
        elif isinstance(other, OperationDefinitionNode) and other is not operation:
            measure.operation(other)
    for name in ("fields", "aliases", "directives"):
        _refuse(name, getattr(measure.counts, name), getattr(limits, name))
    _refuse("depth", size.depth, limits.depth)
    _refuse("root fields", size.width, limits.root_fields)
    _refuse("cost", size.cost, limits.cost)
    return size


def _refuse(what: str, found: int, most: int) -> None:
    if found > most:
        raise too_expensive(what, found, most)


def too_expensive(what: str, found: int, most: int) -> Fault:
    """Returns the refusal of a request that goes over a limit."""
    shown = found if found < 10**9 else "huge"
    return Fault(Code.QUERY_TOO_EXPENSIVE, f"the query's {what} is {shown}; it may be {most} at most")

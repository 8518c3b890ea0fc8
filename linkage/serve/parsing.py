"""Documents parsed and validated once, and kept: tools send the same few again and again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    TokenKind,
    parse,
    specified_rules,
    validate,
)

from linkage.serve.access.fields import Need, need_of
from linkage.serve.columnar.plan import Level, plan
from linkage.serve.limits import Size, check
from linkage.serve.settings import Limits

KEPT_DOCUMENTS = 256
KEPT_SIZES = 64
KEPT_LENGTH = 16_384
"""Characters of the longest document that is kept, so that the cache stays under a few ten megabytes."""


@dataclass(slots=True)
class Document:
    """A parsed document, the digest of its shape, and, once asked for, what validation said of it, and by operation
    its plan, size and needed role."""

    node: DocumentNode
    shape: str
    errors: list[GraphQLError] | None = None
    plans: dict[str, Level | None] = field(default_factory=dict)
    sizes: dict[object, Size] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)

    def plan(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> Level | None:
        """Returns the plan of an operation of a valid document, None for one that is left to the engine."""
        name = _name(operation)
        if name not in self.plans:
            self.plans[name] = plan(schema, self.node, operation)
        return self.plans[name]

    def need(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> Need:
        """Returns what an operation needs of its sender's role."""
        name = _name(operation)
        if name not in self.needs:
            self.needs[name] = need_of(schema, self.node, operation)
        return self.needs[name]

    def size(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any], limits: Limits
    ) -> Size:
        """Returns how large an operation is; a Fault if it is too large. It is the same for variables that are equal
        in what counts: which are given, numbers, and how long lists are."""
        wanted = [given.variable.name.value for given in operation.variable_definitions or ()]
        known = (_name(operation), *(_counted(variables[name]) if name in variables else () for name in wanted))
        if known not in self.sizes:
            if len(self.sizes) >= KEPT_SIZES:
                self.sizes.clear()
            self.sizes[known] = check(schema, self.node, operation, variables, limits)
        return self.sizes[known]


def _name(operation: OperationDefinitionNode) -> str:
    """Returns the name that tells an operation from others of its document: of several, each has one of its own."""
    return operation.name.value if operation.name else ""


def _counted(value: object) -> object:
    return (list, len(value)) if isinstance(value, list) else (type(value), value if isinstance(value, int) else 0)


class Invalid(Exception):
    """A document that the schema does not allow."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("the document is not valid")
        self.errors = errors


_LITERALS = (TokenKind.INT, TokenKind.FLOAT, TokenKind.STRING, TokenKind.BLOCK_STRING)


def shape(node: DocumentNode) -> str:
    """Returns a digest of a document without its literals and comments: equal for queries that differ in these alone,
    and of no help to whoever tries values."""
    digest = hashlib.sha256()
    token = node.loc.start_token if node.loc else None
    while token is not None:
        if token.kind is not TokenKind.COMMENT:
            digest.update((token.kind.value if token.kind in _LITERALS else token.value or token.kind.value).encode())
            digest.update(b" ")
        token = token.next
    return digest.hexdigest()[:32]


class Parser:
    """Parses and validates against one schema, the documents asked for last from memory.

    With `hide_schema` nobody learns the schema: introspection is not valid, and errors suggest no names.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, hide_schema: bool = False) -> None:
        self._hide = hide_schema
        self._rules = (*specified_rules, NoSchemaIntrospectionCustomRule) if hide_schema else specified_rules
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def parsed(self, query: str) -> Document:
        """Returns the document; a GraphQLError if it is none, or too long."""
        kept = self._kept.get(query)
        if kept is not None:
            self._kept.move_to_end(query)
            return kept
        node = parse(
            query,
            max_lexical_tokens=self._limits.tokens,
            max_comments=self._limits.comments,
            max_source_length=self._limits.body_bytes,
        )
        kept = Document(node, shape(node))
        if len(query) <= KEPT_LENGTH:
            self._kept[query] = kept
            if len(self._kept) > KEPT_DOCUMENTS:
                self._kept.popitem(last=False)
        return kept

    def validate(self, document: Document) -> None:
        """Raises Invalid for a document that the schema does not allow."""
        if document.errors is None:
            document.errors = validate(
                self._schema,
                document.node,
                self._rules,
                max_errors=self._limits.errors,
                hide_suggestions=self._hide,
            )
        if document.errors:
            raise Invalid(document.errors)

"""Documents parsed and validated once, and kept: tools send the same few again and again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, TokenKind, parse, validate

from linkage.serve.settings import Limits

KEPT_DOCUMENTS = 256
KEPT_LENGTH = 16_384
"""Characters of the longest document that is kept, so that the cache stays under a few ten megabytes."""


@dataclass(slots=True)
class Document:
    """A parsed document, the digest of its shape, and what validation said of it, once it was asked."""

    node: DocumentNode
    shape: str
    errors: list[GraphQLError] | None = None


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
    """Parses and validates against one schema, the documents asked for last from memory."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
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
            document.errors = validate(self._schema, document.node, max_errors=self._limits.errors)
        if document.errors:
            raise Invalid(document.errors)

"""One GraphQL request: parse, limits, validate, execute within the deadline."""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from linkage.serve import limits as sizes
from linkage.serve.faults import Code, Fault, formatted, from_errors, translate
from linkage.serve.loaders import Loaders
from linkage.serve.settings import Limits

KEPT_DOCUMENTS = 256
"""Documents kept parsed and validated; tools send the same few again and again."""
KEPT_LENGTH = 16_384
"""Characters of the longest document that is kept, so that the cache stays under a few ten megabytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The response; `started` tells whether the execution began, so that there is `data`.

    `status` is the HTTP status of one that did not.
    """

    payload: dict[str, Any]
    started: bool
    status: int = 200

    @property
    def code(self) -> str:
        """Returns the code of the first error, or OK."""
        errors = self.payload.get("errors")
        return str(errors[0]["extensions"]["code"]) if errors else "OK"


@dataclass(slots=True)
class _Document:
    """A parsed document, and what validation said of it, once it was asked."""

    node: DocumentNode
    errors: list[GraphQLError] | None = None


class Executor:
    """Answers requests against one schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, _Document] = OrderedDict()

    async def run(self, request: Request, loaders: Loaders) -> Reply:
        """Returns the reply to a request; never raises but for cancellation."""
        try:
            document = self._checked(request)
            async with asyncio.timeout(self._limits.deadline_s):
                result = await self._execute(document, request, loaders)
        except GraphQLError as error:
            return _refused(Code.GRAPHQL_PARSE_FAILED, [error])
        except _Invalid as invalid:
            return _refused(Code.GRAPHQL_VALIDATION_FAILED, invalid.errors)
        except Exception as error:  # the edge of the service: whatever it is becomes a masked fault
            fault = translate(error)
            return Reply({"errors": [formatted(fault)]}, started=False, status=fault.status)
        return self._reply(result)

    def _checked(self, request: Request) -> DocumentNode:
        document = self._parsed(request.query)
        operation = _operation(document.node, request)
        sizes.check(self._schema, document.node, operation, request.variables, self._limits)
        if document.errors is None:
            document.errors = validate(self._schema, document.node, max_errors=self._limits.errors)
        if document.errors:
            raise _Invalid(document.errors)
        return document.node

    def _parsed(self, query: str) -> _Document:
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
        kept = _Document(node)
        if len(query) <= KEPT_LENGTH:
            self._kept[query] = kept
            if len(self._kept) > KEPT_DOCUMENTS:
                self._kept.popitem(last=False)
        return kept

    async def _execute(self, document: DocumentNode, request: Request, loaders: Loaders) -> ExecutionResult:
        result = execute(
            self._schema,
            document,
            context_value=loaders,
            variable_values=request.variables,
            operation_name=request.operation_name,
            max_coercion_errors=self._limits.errors,
        )
        return await result if inspect.isawaitable(result) else result

    def _reply(self, result: ExecutionResult) -> Reply:
        errors = result.errors or []
        if result.data is None and all(error.path is None for error in errors):
            return _refused(Code.BAD_USER_INPUT, errors)
        payload: dict[str, Any] = {"data": result.data}
        if errors:
            payload["errors"] = from_errors(errors[: self._limits.errors])
        return Reply(payload, started=True)


class _Invalid(Exception):
    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("the document is not valid")
        self.errors = errors


def _refused(code: Code, errors: list[GraphQLError]) -> Reply:
    return Reply({"errors": from_errors(errors, code)}, started=False, status=400)


def _operation(document: DocumentNode, request: Request) -> OperationDefinitionNode:
    operation = get_operation_ast(document, request.operation_name)
    if operation is None:
        raise Fault(
            Code.GRAPHQL_VALIDATION_FAILED,
            "no operation to run: name one of the document's operations in operationName",
        )
    if request.read_only and operation.operation is not OperationType.QUERY:
        raise Fault(Code.BAD_USER_INPUT, "GET runs queries only; use POST", status=405)
    return operation

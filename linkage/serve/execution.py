"""One GraphQL request: parse, limits, rights, validate, and execute within the deadline."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    get_operation_ast,
)
from graphql.execution import Executor as Operation

from linkage.errors import StoreUnavailable
from linkage.serve.access import fields as rights
from linkage.serve.access.roles import Principal
from linkage.serve.buckets import Buckets
from linkage.serve.columnar.run import Run
from linkage.serve.documents import Documents
from linkage.serve.faults import Code, Fault, formatted, from_errors, translate
from linkage.serve.loaders import Loaders
from linkage.serve.parsing import Invalid, Parser
from linkage.serve.prepared import Prepared
from linkage.serve.replies import Kept, Replies, question
from linkage.serve.settings import Limits

READ_POINTS = 10
"""Points of one visit to the store; a value in the reply is one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for: a document as text, by digest, or both.

    `streamed`: it takes replies one after another, so that subscriptions are possible.
    """

    query: str | None
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    digest: str | None = None
    streamed: bool = False


@dataclass(slots=True)
class Reply:
    """The response; `started` tells whether the execution began, so that there is `data`.

    `status` is the HTTP status of one that did not. `operation`, `fields`, `document` and `cost` are for the log.
    `kept` says how it was had, if not by asking the store: `fresh`, or `stale` while the store is away. `values` counts
    what is in it, `columns` says that it was had column by column.
    """

    payload: dict[str, Any]
    started: bool
    status: int = 200
    retry_after: int | None = None
    operation: str = ""
    fields: tuple[str, ...] = ()
    document: str = ""
    cost: int = 0
    etag: str = ""
    kept: str = ""
    values: int = 0
    columns: bool = False

    @property
    def code(self) -> str:
        """Returns the code of the first error, or OK."""
        errors = self.payload.get("errors")
        return str(errors[0]["extensions"]["code"]) if errors else "OK"


class Executor:
    """Answers requests against one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        documents: Documents | None = None,
        keep_s: float = 0.0,
        *,
        hide_schema: bool = False,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._documents = documents or Documents()
        self._parser = Parser(schema, limits, hide_schema=hide_schema)
        self._hide_schema = hide_schema
        self._buckets = Buckets(limits.bucket, limits.bucket_rate)
        self._replies = Replies(keep_s)

    async def run(self, request: Request, loaders: Loaders) -> Reply:
        """Returns the reply to a request; never raises but for cancellation."""
        prepared = None
        admitted = False
        try:
            prepared = self.prepare(request)
            self.admit(prepared, loaders.principal)
            admitted = True
            async with asyncio.timeout(self._limits.deadline_s):
                reply = await self._answer(prepared, request, loaders)
        except Exception as error:  # the edge of the service: whatever it is becomes a masked fault
            reply = refused(error)
        if prepared is not None:
            reply.operation, reply.fields, reply.document = prepared.title, prepared.roots, prepared.document.shape
        if prepared is not None and admitted:
            self._settle(reply, prepared, loaders)
        return reply

    async def subscribe(self, prepared: Prepared, request: Request, loaders: Loaders) -> AsyncGenerator[Any, None]:
        """Returns the events of a subscription that was admitted; raises what its start raised."""
        operation = Operation.build(
            self._schema,
            prepared.document.node,
            context_value=loaders,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
            max_coercion_errors=self._limits.errors,
            hide_suggestions=self._hide_schema,
        )
        if isinstance(operation, list):
            raise Invalid(operation)
        found = create_source_event_stream(operation)
        found = await found if inspect.isawaitable(found) else found
        if isinstance(found, ExecutionResult):
            error = (found.errors or [GraphQLError("there is nothing to subscribe to")])[0]
            raise error.original_error or error
        return cast("AsyncGenerator[Any, None]", found)

    async def event(self, event: object, prepared: Prepared, request: Request, loaders: Loaders) -> Reply:
        """Returns the reply for one event of a subscription; it costs what a request does."""
        try:
            self._buckets.take(loaders.principal.name, prepared.cost)
            async with asyncio.timeout(self._limits.deadline_s):
                reply = await self._execute(prepared, request, loaders, event)
        except Exception as error:  # the edge of the service, as in `run`
            return refused(error)
        reply.operation, reply.fields, reply.document = prepared.title, prepared.roots, prepared.document.shape
        self._settle(reply, prepared, loaders)
        return reply

    def prepare(self, request: Request) -> Prepared:
        """Returns a request that is small enough and valid; else a Fault, Invalid or a GraphQLError says why not."""
        if self._hide_schema and request.read_only and request.digest is None:
            raise Fault(Code.BAD_USER_INPUT, "a GET names its document by digest here; use POST", status=405)
        document = self._parser.parsed(self._documents.text(request.query, request.digest))
        operation = _operation(document.node, request)
        prepared = Prepared(document, operation, 0)
        if request.read_only and "assess" in prepared.roots:
            raise Fault(Code.BAD_USER_INPUT, "assess takes a POST: addresses are kept in logs", status=405)
        size = document.size(self._schema, operation, request.variables, self._limits)
        self._parser.validate(document)
        return Prepared(document, operation, size.cost)

    def admit(self, prepared: Prepared, principal: Principal) -> None:
        """Takes what the request is expected to cost; a Fault if its sender may not make it, or not now."""
        rights.check(prepared.document.need(self._schema, prepared.operation), principal.rank)
        self._buckets.take(principal.name, prepared.cost)

    async def _execute(self, prepared: Prepared, request: Request, loaders: Loaders, event: object = None) -> Reply:
        """Returns the reply of a request: column by column where that is possible, else the engine's."""
        operation = Operation.build(
            self._schema,
            prepared.document.node,
            event,
            context_value=loaders,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
            max_coercion_errors=self._limits.errors,
            hide_suggestions=self._hide_schema,
        )
        if isinstance(operation, list):
            return self._reply(ExecutionResult(None, operation))
        level = prepared.document.plan(self._schema, prepared.operation)
        if level is not None:
            run = Run(operation)
            with contextlib.suppress(Exception):  # the engine finds it again, and tells it as the specification has it
                return Reply({"data": await run.data(level)}, started=True, values=run.values, columns=True)
        result = operation.execute_operation()
        return self._reply(cast("ExecutionResult", await result if inspect.isawaitable(result) else result))

    async def _answer(self, prepared: Prepared, request: Request, loaders: Loaders) -> Reply:
        """Returns the reply: one that was given lately, else a new one, else the last good one."""
        if not prepared.keeps:
            return await self._execute(prepared, request, loaders)
        text = self._documents.text(request.query, request.digest)
        asked = question(text, request.operation_name, request.variables, loaders.principal.rank)
        try:
            run_id = (await loaders.view()).run_id
            away, mark = loaders.away, loaders.mark
            lasts = mark if prepared.lasting else ""
            kept = self._replies.fresh(asked, run_id, lasts)
            if kept is not None and not away:
                return _again(kept, "fresh")
            if not away:
                loaders.remember(run_id, mark)
            reply = await self._execute(prepared, request, loaders)
        except StoreUnavailable:
            kept = self._replies.last(asked)
            if kept is None:
                raise
            return _again(kept, "stale")
        if reply.code == Code.UPSTREAM_UNAVAILABLE and (kept := self._replies.last(asked)) is not None:
            return _again(kept, "stale")
        if reply.code == "OK":
            if away:  # all of it was answered from the rings of the last run
                reply.kept = "stale"
                reply.payload["extensions"] = {"stale": {"run": run_id}}
            else:
                kept = self._replies.keep(asked, reply.payload["data"], run_id, lasts)
                reply.etag, reply.payload["data"] = kept.etag, orjson.Fragment(kept.data)
        return reply

    def forget_replies(self) -> None:
        """Gives no reply again that was given before now: something was changed."""
        self._replies.forget()

    def _reply(self, result: ExecutionResult) -> Reply:
        errors = result.errors or []
        if result.data is None and all(error.path is None for error in errors):
            return Reply({"errors": from_errors(errors, Code.BAD_USER_INPUT)}, started=False, status=400)
        payload: dict[str, Any] = {"data": result.data}
        if errors:
            payload["errors"] = from_errors(errors[: self._limits.errors])
        return Reply(payload, started=True, values=_values(result.data))

    def _settle(self, reply: Reply, prepared: Prepared, loaders: Loaders) -> None:
        """Gives back what the request did not use, and tells its sender what it cost."""
        used = 1 if reply.kept else reply.values + READ_POINTS * loaders.reads
        reply.cost = min(prepared.cost, used)
        sender = loaders.principal.name
        self._buckets.give_back(sender, prepared.cost - reply.cost)
        cost = {"requested": prepared.cost, "actual": reply.cost, "throttleStatus": self._buckets.status(sender)}
        reply.payload["extensions"] = reply.payload.get("extensions", {}) | {"cost": cost}


def _again(kept: Kept, how: str) -> Reply:
    payload: dict[str, Any] = {"data": orjson.Fragment(kept.data)}
    if how == "stale":
        payload["extensions"] = {"stale": {"run": kept.run_id}}
    return Reply(payload, started=True, etag=kept.etag if how == "fresh" else "", kept=how)


def refused(error: Exception) -> Reply:
    """Returns the reply to a request that was not run, or that came to nothing."""
    if isinstance(error, GraphQLError):
        return Reply({"errors": from_errors([error], Code.GRAPHQL_PARSE_FAILED)}, started=False, status=400)
    if isinstance(error, Invalid):
        errors = from_errors(error.errors, Code.GRAPHQL_VALIDATION_FAILED)
        return Reply({"errors": errors}, started=False, status=400)
    fault = translate(error)
    return Reply({"errors": [formatted(fault)]}, started=False, status=fault.status, retry_after=fault.retry_after)


def _values(data: object) -> int:
    """Returns how many values a reply holds."""
    found, rest = 0, [data]
    while rest:
        one = rest.pop()
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        found += len(inner)
        rest += inner
    return found


def _operation(document: DocumentNode, request: Request) -> OperationDefinitionNode:
    operation = get_operation_ast(document, request.operation_name)
    if operation is None:
        raise Fault(
            Code.GRAPHQL_VALIDATION_FAILED,
            "no operation to run: name one of the document's operations in operationName",
        )
    if request.read_only and operation.operation is not OperationType.QUERY:
        raise Fault(Code.BAD_USER_INPUT, "GET runs queries only; use POST", status=405)
    if operation.operation is OperationType.SUBSCRIPTION and not request.streamed:
        raise Fault(Code.BAD_USER_INPUT, "a subscription needs a WebSocket, or Accept: text/event-stream", status=405)
    return operation

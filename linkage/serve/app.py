"""The application: routes, and what each needs, wired together."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Scope
from starlette.websockets import WebSocket

from linkage.errors import LinkageError, SettingsError
from linkage.model.rings import Run
from linkage.serve import graphiql, http, schema, sse
from linkage.serve.access.audit import AuditLog, Entry
from linkage.serve.access.door import Door
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.access.roles import Principal
from linkage.serve.acts import Acts
from linkage.serve.documents import Documents
from linkage.serve.execution import Executor, Reply
from linkage.serve.execution import Request as Wanted
from linkage.serve.exports import Exports
from linkage.serve.faults import Code, Fault, log, translate
from linkage.serve.guard import PRINCIPAL, Guard
from linkage.serve.loaders import Explain, Loaders
from linkage.serve.metrics import Metrics
from linkage.serve.pool import GRACE_S, StorePool
from linkage.serve.recent import Recent
from linkage.serve.settings import ServeSettings
from linkage.serve.sockets import Connection
from linkage.serve.streaming import replies
from linkage.serve.tracing import Span
from linkage.serve.view import Views
from linkage.stores.base import Store

PING_SECONDS = 2.0


class Service:
    """What the routes share: the store's threads, the executor and the figures."""

    def __init__(self, pool: StorePool, explain: Explain, settings: ServeSettings, acts: Acts | None = None) -> None:
        self.pool = pool
        self.metrics = Metrics()
        self._explain = explain
        self._acts = acts
        self._exports = Exports(settings.exports, settings.signing, acts.export) if acts and settings.exports else None
        self._settings = settings
        self._marks = hashlib.blake2b(settings.signing or secrets.token_bytes(16), person=b"addresses").digest()
        documents = Documents(settings.documents, only=settings.documents_only)
        self._executor = Executor(
            schema.core(schema.build()), settings.limits, documents, settings.keep_s, hide_schema=settings.hide_schema
        )
        self._tracing = settings.tracing
        self._audit = AuditLog(settings.audit) if settings.audit else None
        keys = KeyFile(settings.keys) if settings.keys else None
        self.door = Door(settings.api_key, keys, settings.tokens)
        self._views = Views(settings.fresh_s)
        self._recent = Recent(settings.keep_s)
        self._in_flight = 0
        self._streams = 0
        self.draining = False

    def check(self) -> None:
        """Raises StoreUnavailable unless the store can be read, and gives back what that took."""
        try:
            self.pool.check()
        finally:
            self.pool.close()

    async def graphql(self, request: Request) -> Response:
        """Answers GraphQL over HTTP, and browsers with the editor."""
        if http.wants_page(request) and not self._settings.hide_schema:
            return graphiql.page()
        if http.wants_stream(request):
            return await self._stream(request)
        try:
            media_type = http.reply_type(request.headers.get("accept"))
        except Fault as fault:
            return self._refuse(fault, http.JSON)
        if self._in_flight >= self._settings.limits.in_flight:
            return self._refuse(Fault(Code.RATE_LIMITED, "too many requests at once", status=503), media_type)
        self._in_flight += 1
        try:
            with self.metrics.in_flight.track_inprogress(), self.metrics.seconds.time():
                return await self._answer(request, media_type)
        finally:
            self._in_flight -= 1

    async def _answer(self, request: Request, media_type: str) -> Response:
        limits = self._settings.limits
        try:
            wanted = await asyncio.wait_for(http.read_request(request, limits.body_bytes), limits.deadline_s)
        except Fault as fault:
            return self._refuse(fault, media_type)
        except TimeoutError:
            return self._refuse(Fault(Code.TIMEOUT, "the body did not come in time", status=408), media_type)
        began = time.perf_counter()
        principal: Principal = request.scope[PRINCIPAL]
        loaders = self._loaders(principal)
        with self._tracing.request(request.headers) as span:
            reply = await self._executor.run(wanted, loaders)
            _describe(span, reply, loaders)
        self.metrics.count(reply.code)
        self.metrics.points.inc(reply.cost)
        if reply.kept:
            self.metrics.kept.labels(how=reply.kept).inc()
        try:
            self._note(principal, reply, time.perf_counter() - began)
        except SettingsError as error:  # what cannot be noted is not told
            return self._refuse(translate(error), media_type)
        known = request.headers.get("if-none-match", "")
        return http.respond(reply, media_type, known=known, tags=request.method == "GET")

    async def _stream(self, request: Request) -> Response:
        """Answers with server-sent events."""
        limits = self._settings.limits
        if self._streams >= limits.streams:
            return self._refuse(Fault(Code.RATE_LIMITED, "too many subscriptions at once", status=503), http.JSON)
        try:
            wanted = await asyncio.wait_for(http.read_request(request, limits.body_bytes), limits.deadline_s)
        except Fault as fault:
            return self._refuse(fault, http.JSON)
        except TimeoutError:
            return self._refuse(Fault(Code.TIMEOUT, "the body did not come in time", status=408), http.JSON)
        return sse.respond(self.replies(wanted, request.scope[PRINCIPAL]))

    async def socket(self, socket: WebSocket) -> None:
        """Answers over a WebSocket."""
        if self._streams >= self._settings.limits.streams:
            await socket.close(1013)
            return
        most = self._settings.limits.subscriptions

        async def authenticate(authorization: str) -> Principal:
            try:
                return await self.door.principal(authorization)
            except Fault as fault:
                self.refused(socket.scope, fault)
                raise

        await Connection(socket, socket.scope[PRINCIPAL], authenticate, self.replies, most).serve()

    async def replies(self, wanted: Wanted, principal: Principal) -> AsyncIterator[Reply]:
        """Yields the replies to a request that may be a subscription, and notes how each came out."""
        self._streams += 1
        began = time.perf_counter()
        try:
            with self.metrics.subscriptions.track_inprogress():
                async with aclosing(
                    replies(self._executor, replace(wanted, streamed=True), self._loaders(principal))
                ) as found:
                    async for reply in found:
                        self.metrics.count(reply.code)
                        self.metrics.points.inc(reply.cost)
                        self._note(principal, reply, time.perf_counter() - began)
                        yield reply
                        began = time.perf_counter()
        finally:
            self._streams -= 1

    def _loaders(self, principal: Principal) -> Loaders:
        deadline_s = self._settings.limits.deadline_s
        return Loaders(
            self.pool,
            self._explain,
            deadline_s,
            self._views,
            principal,
            self._tracing,
            lambda: self.draining,
            self._settings.pause_s,
            self._acts,
            self._exports,
            self._changed,
            self._audit,
            self._recent,
        )

    def _changed(self) -> None:
        """Answers nothing from before: something was changed."""
        self._executor.forget_replies()
        self._recent.forget()

    def _note(self, principal: Principal, reply: Reply, seconds: float) -> None:
        if self._audit is None:
            return
        self._audit.add(
            Entry(
                who=principal.name,
                role=principal.rank.text,
                way=principal.way,
                operation=reply.operation,
                fields=reply.fields,
                document=reply.document,
                cost=reply.cost,
                code=reply.code,
                milliseconds=round(1000 * seconds, 3),
            )
        )

    def refused(self, scope: Scope, fault: Fault) -> None:
        """Counts and logs somebody who was not let in: under a mark of the address, and without what was sent."""
        self.metrics.refused.labels(code=fault.code.value).inc()
        address = (scope.get("client") or ("",))[0]
        mark = hashlib.blake2b(address.encode(), key=self._marks, digest_size=6).hexdigest()
        log.warning("not let in: %s, from %s: %s", fault.code.value, mark, fault.message)

    def _refuse(self, fault: Fault, media_type: str) -> Response:
        self.metrics.count(fault.code)
        return http.refuse(fault, media_type)

    async def live(self, _: Request) -> Response:
        """Answers as long as the process works."""
        return JSONResponse({"status": "live"})

    async def ready(self, _: Request) -> Response:
        """Answers 200 while the store can be read, else 503."""
        if self.draining:
            return JSONResponse({"status": "draining"}, 503)
        try:
            run = await asyncio.wait_for(self.pool.run(_ping), PING_SECONDS)
        except (LinkageError, TimeoutError):
            return JSONResponse({"status": "unavailable"}, 503, headers={"Retry-After": "5"})
        authentication = "off" if self.door.open else "on"
        found = {"status": "ready", "run": run.run_id if run else None, "authentication": authentication}
        return JSONResponse(found)

    async def exported(self, request: Request) -> Response:
        """Answers with a file of an export to whoever has a link that is good."""
        given = request.query_params
        path = None
        if self._exports is not None:
            place = request.path_params["export"], request.path_params["name"]
            path = await asyncio.to_thread(
                self._exports.file, *place, given.get("expires", ""), given.get("signature", "")
            )
        if path is None:
            return self._refuse(Fault(Code.FORBIDDEN, "this link is not good, or no longer", status=403), http.JSON)
        headers = {"Cache-Control": "no-store", **graphiql.NO_SNIFF}
        return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=headers)

    async def figures(self, _: Request) -> Response:
        """Answers with Prometheus' text format."""
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Closes the stores when the server has drained."""
        try:
            yield
        finally:
            await asyncio.to_thread(self.pool.close)
            if self._exports is not None:
                await asyncio.to_thread(self._exports.close)
            if self._audit is not None:
                self._audit.close()


def _describe(span: Span, reply: Reply, loaders: Loaders) -> None:
    span.set_attribute("graphql.operation", reply.operation)
    span.set_attribute("linkage.fields", list(reply.fields))
    span.set_attribute("linkage.points", reply.cost)
    span.set_attribute("linkage.code", reply.code)
    span.set_attribute("linkage.reads", loaders.reads)


def _ping(store: Store) -> Run | None:
    store.ping()
    return store.current_run()


def create_app(
    open_store: Callable[[], Store],
    explain: Explain,
    settings: ServeSettings | None = None,
    acts: Acts | None = None,
) -> Starlette:
    """Returns the ASGI application; `app.state.service` is its Service.

    `open_store` opens the store anew at each call. `explain` says for each of several pairs of accounts
    why they are linked, or None if one of the two is unknown. Without `acts` nothing can be changed.
    """
    settings = settings or ServeSettings()
    pool = StorePool(open_store, settings.threads, settings.limits.deadline_s + GRACE_S)
    service = Service(pool, explain, settings, acts)
    app = Starlette(
        routes=[
            Route("/graphql", service.graphql, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", service.socket),
            Route("/graphiql/{name}", graphiql.asset),
            Route("/health/live", service.live),
            Route("/health/ready", service.ready),
            Route("/metrics", service.figures),
            Route("/exports/{export}/{name}", service.exported),
        ],
        middleware=[Middleware(Guard, service.door, service.refused)],
        lifespan=service.lifespan,
    )
    app.state.service = service
    return app

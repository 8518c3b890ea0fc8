"""The graphql-transport-ws protocol: several operations over one WebSocket.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. A client that cannot send headers, as a browser, says
who it is in the payload of `connection_init`: {"Authorization": "Bearer …"}.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from linkage.serve.access.roles import Principal
from linkage.serve.execution import Reply, Request
from linkage.serve.faults import Fault, formatted
from linkage.serve.http import request_of

PROTOCOL = "graphql-transport-ws"
INIT_S = 10.0
BAD, UNAUTHORIZED, INIT_TIMEOUT, EXISTS, TOO_MANY_INITS, TOO_MANY = 4400, 4401, 4408, 4409, 4429, 4430

Stream = Callable[[Request, Principal], AsyncIterator[Reply]]
Authenticate = Callable[[str], Awaitable[Principal]]


class _Ended(Exception):
    """The connection is to be closed with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One WebSocket. `principal` is its sender where its headers said so, else `connection_init` must."""

    def __init__(
        self, socket: WebSocket, principal: Principal | None, authenticate: Authenticate, stream: Stream, most: int
    ) -> None:
        self._socket = socket
        self._principal = principal
        self._authenticate = authenticate
        self._stream = stream
        self._most = most
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Answers until either side closes the connection."""
        if PROTOCOL not in self._socket.scope.get("subprotocols", ()):
            await self._socket.close(1002)
            return
        await self._socket.accept(subprotocol=PROTOCOL)
        try:
            principal = await self._hello()
            while True:
                await self._message(await self._received(), principal)
        except _Ended as end:
            await self._socket.close(end.code, end.reason)
        except WebSocketDisconnect:
            pass
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _hello(self) -> Principal:
        try:
            message = await asyncio.wait_for(self._received(), INIT_S)
        except TimeoutError:
            raise _Ended(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message.get("type") != "connection_init":
            raise _Ended(UNAUTHORIZED, "Unauthorized")
        principal = self._principal
        if principal is None:
            payload = message.get("payload")
            given = payload.get("Authorization") if isinstance(payload, dict) else None
            try:
                principal = await self._authenticate(given if isinstance(given, str) else "")
            except Fault as fault:
                raise _Ended(UNAUTHORIZED, fault.message) from None
        await self._send("connection_ack")
        return principal

    async def _message(self, message: dict[str, Any], principal: Principal) -> None:
        kind, name = message.get("type"), message.get("id")
        if kind == "ping":
            await self._send("pong")
        elif kind == "connection_init":
            raise _Ended(TOO_MANY_INITS, "Too many initialisation requests")
        elif kind == "subscribe" and isinstance(name, str) and name:
            self._subscribe(name, message.get("payload"), principal)
        elif kind == "complete" and isinstance(name, str):
            if name in self._running:
                self._running.pop(name).cancel()
        elif kind != "pong":
            raise _Ended(BAD, "Invalid message")

    def _subscribe(self, name: str, payload: object, principal: Principal) -> None:
        if name in self._running:
            raise _Ended(EXISTS, f"Subscriber for {name[:40]} already exists")
        if len(self._running) >= self._most:
            raise _Ended(TOO_MANY, f"a connection has {self._most} operations at most")
        self._running[name] = asyncio.ensure_future(self._run(name, payload, principal))

    async def _run(self, name: str, payload: object, principal: Principal) -> None:
        try:
            request = request_of(payload)
        except Fault as fault:
            self._running.pop(name, None)
            await self._send("error", name, [formatted(fault)])
            return
        async for reply in self._stream(request, principal):
            if not reply.started:
                self._running.pop(name, None)
                await self._send("error", name, reply.payload["errors"])
                return
            await self._send("next", name, reply.payload)
        self._running.pop(name, None)
        await self._send("complete", name)

    async def _received(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            found = orjson.loads(message.get("text") or b"")
        except orjson.JSONDecodeError:
            raise _Ended(BAD, "Invalid message") from None
        if not isinstance(found, dict):
            raise _Ended(BAD, "Invalid message")
        return found

    async def _send(self, kind: str, name: str | None = None, payload: object = None) -> None:
        message: dict[str, object] = {"type": kind}
        if name is not None:
            message["id"] = name
        if payload is not None:
            message["payload"] = payload
        await self._socket.send_text(orjson.dumps(message).decode())

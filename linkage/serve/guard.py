"""Who may ask: whoever the door knows; while nobody is asked for a key, this machine only."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from linkage.serve.access.door import Door
from linkage.serve.access.roles import LOCAL, Principal
from linkage.serve.faults import Code, Fault
from linkage.serve.http import refuse, wants_page
from linkage.serve.settings import is_loopback

OPEN = ("/health/", "/graphiql/", "/exports/")
"""Paths that tell nothing of any account: health for orchestrators, the editor's files; and links that are signed."""
PRINCIPAL = "linkage.principal"
"""Where in a connection's scope its sender is."""


class Guard:
    """Lets a request through to `app`, with its sender in the scope, or answers 401 or 403 itself, and tells `refused`.

    Without a key the service listens on loopback, where every browser of the machine can reach it too: the
    Host header must name the machine itself, or a web page could read answers by pointing its own name at
    127.0.0.1 (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, door: Door, refused: Callable[[Scope, Fault], None]) -> None:
        self._app = app
        self._door = door
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            scope[PRINCIPAL] = await self._sender(scope)
        except Fault as fault:
            self._refused(scope, fault)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refuse(fault)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _sender(self, scope: Scope) -> Principal | None:
        headers = Headers(scope=scope)
        if scope["type"] == "websocket" and not _own_page(headers):
            raise _foreign()
        if self._door.open:
            if not is_loopback(_name(headers.get("host", ""))):
                raise _foreign()
            return LOCAL
        if scope["path"].startswith(OPEN) or _is_editor(scope):
            return None
        if scope["type"] == "websocket" and "authorization" not in headers:
            return None  # a browser cannot send it: the first message says who it is
        return await self._door.principal(headers.get("authorization", ""))


def _foreign() -> Fault:
    return Fault(
        Code.FORBIDDEN,
        "without an API key only names of this machine itself are answered, such as 127.0.0.1 or localhost",
        status=403,
    )


def _own_page(headers: Headers) -> bool:
    """Returns whether a WebSocket is opened by a page of this service, or by no page: browsers send the page's origin,
    and hinder no page from opening one."""
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host", "")


def _name(host: str) -> str:
    """Returns the name of a Host header without its port."""
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def _is_editor(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == "/graphql" and wants_page(Request(scope))

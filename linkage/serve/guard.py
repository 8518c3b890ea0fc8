"""Who may ask: with an API key, whoever sends it; without one, this machine only."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from linkage.serve.faults import Code, Fault
from linkage.serve.http import refuse, wants_page
from linkage.serve.settings import is_loopback

OPEN = ("/health/", "/graphiql/")
"""Paths that tell nothing of any account: health for orchestrators, and the editor's files."""


class Guard:
    """Lets a request through to `app`, or answers 401 or 403 itself.

    Without a key the service listens on loopback, where every browser of the machine can reach it too: the
    Host header must name the machine itself, or a web page could read answers by pointing its own name at
    127.0.0.1 (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._expected = f"Bearer {api_key}".encode() if api_key else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        fault = self._fault(scope) if scope["type"] in ("http", "websocket") else None
        if fault is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refuse(fault)(scope, receive, send)

    def _fault(self, scope: Scope) -> Fault | None:
        headers = Headers(scope=scope)
        if not self._expected:
            return None if is_loopback(_name(headers.get("host", ""))) else _FOREIGN
        if scope["path"].startswith(OPEN) or _is_editor(scope):
            return None
        given = headers.get("authorization", "").encode()
        return None if hmac.compare_digest(given, self._expected) else _NO_KEY


_FOREIGN = Fault(
    Code.FORBIDDEN,
    "without an API key only names of this machine itself are answered, such as 127.0.0.1 or localhost",
    status=403,
)
_NO_KEY = Fault(Code.UNAUTHENTICATED, "send the API key as «Authorization: Bearer KEY»", status=401)


def _name(host: str) -> str:
    """Returns the name of a Host header without its port."""
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def _is_editor(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == "/graphql" and wants_page(Request(scope))

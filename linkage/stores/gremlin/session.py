"""Talking to one Gremlin server: few connections, requests that may be sent again, no scripts but for the schema."""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from gremlin_python.driver.aiohttp.transport import AiohttpTransport
from gremlin_python.driver.client import Client
from gremlin_python.process.anonymous_traversal import traversal

from linkage.errors import SettingsError, StoreError
from linkage.stores.deadline import seconds_left
from linkage.stores.gremlin.faults import hush, is_broken, mapped

if TYPE_CHECKING:
    from gremlin_python.process.graph_traversal import GraphTraversal, GraphTraversalSource

T = TypeVar("T")
RETRY_SECONDS = 20.0
PAUSE_SECONDS = 0.1
JOB_SECONDS = 600.0
"""What one request may take where nobody waits for it; servers' own limit is half a minute."""
READ_SECONDS = JOB_SECONDS + 60
"""After which a server that says nothing at all, and has not ended the connection either, is given up."""
SETTLE_SECONDS = 0.05
CONNECTIONS = 8
LARGEST_ANSWER = 256 * 1024 * 1024
SCHEMES = {"gremlin+ws": "ws", "gremlin+wss": "wss"}
DEFAULT_PORT = 8182
SOURCE = "g"

g: GraphTraversalSource = traversal().with_(None)
"""Where every request begins: it is bound to no connection, so that a request can be sent again on another."""


def address(url: str) -> str:
    """Returns the address of the WebSocket; SettingsError unless the URL is of a Gremlin store, without credentials."""
    parts = urlsplit(url)
    if parts.username:
        raise SettingsError("give the store's credentials as LINKAGE_USER and LINKAGE_PASSWORD, not in its URL")
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:  # a port that is no number
        port = 0
    if parts.scheme not in SCHEMES or not parts.hostname or not port:
        raise SettingsError(f"«{url}» is no address of a Gremlin store, such as gremlin+ws://host:8182")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{SCHEMES[parts.scheme]}://{host}:{port}{parts.path if parts.path.strip('/') else '/gremlin'}"


class _Transport(AiohttpTransport):  # type: ignore[misc]  # the driver publishes no types
    """The driver's WebSocket, closed to the end: an encrypted one takes a few turns of its loop for that."""

    def close(self) -> None:
        if not self._loop.is_closed() and self._client_session is not None:
            self._loop.run_until_complete(self._settle())
        super().close()

    async def _settle(self) -> None:
        if self._websocket is not None and not self._websocket.closed:
            await self._websocket.close()
        if not self._client_session.closed:
            await self._client_session.close()
        await asyncio.sleep(SETTLE_SECONDS)


class _Connection:
    """One client of the driver with its one WebSocket, which the driver itself leaves open where connecting fails."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._encrypted = address.startswith("wss:")
        self._transports: list[AiohttpTransport] = []
        self._client = Client(
            address,
            SOURCE,
            transport_factory=self._transport,
            pool_size=1,
            max_workers=1,
            username=user,
            password=password,
            max_content_length=LARGEST_ANSWER,
        )

    def send(self, message: Any, options: dict[str, Any]) -> list[Any]:
        """Returns what the server answers."""
        found: list[Any] = self._client.submit(message, request_options=options).all().result()
        return found

    def close(self) -> None:
        """Gives back the connection, whatever state it is in."""
        self._client.close()
        for transport in self._transports:
            transport.close()

    def _transport(self) -> AiohttpTransport:
        options = {"ssl_options": ssl.create_default_context()} if self._encrypted else {}
        made = _Transport(read_timeout=READ_SECONDS, write_timeout=60, max_content_length=LARGEST_ANSWER, **options)
        self._transports.append(made)
        return made


class Session:
    """Connections to one server, each used by one thread at a time.

    `patience` are the seconds for which a request that a server gave up, or did not answer, is sent again.
    """

    def __init__(self, url: str, user: str, password: str, patience: float = RETRY_SECONDS) -> None:
        hush()
        self.url = url
        self._address = address(url)
        self._credentials = (user, password)
        self._patience = patience
        self._idle: queue.LifoQueue[_Connection] = queue.LifoQueue()
        self._free = threading.BoundedSemaphore(CONNECTIONS)

    def close(self) -> None:
        """Gives back all connections that are not in use."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def ping(self) -> None:
        """Raises StoreUnavailable unless the server answers, SettingsError if it refuses the credentials."""
        self.rows("connecting", g.inject(1))

    def rows(self, work: str, asked: GraphTraversal) -> list[Any]:
        """Returns what the traversal yields; `work` says in errors what it was for.

        It is sent again while the store is away or gives it up, so what it writes must be the same if written twice.
        """
        found = self._patiently(work, asked.bytecode)
        return [one.object for one in found for _ in range(one.bulk)]

    def one(self, work: str, asked: GraphTraversal) -> Any:
        """Returns the first of what the traversal yields, None for nothing."""
        found = self.rows(work, asked)
        return found[0] if found else None

    def script(self, work: str, text: str) -> list[Any]:
        """Returns what a script yields: a JanusGraph takes its schema in no other way."""
        return self._patiently(work, text)

    def _patiently(self, work: str, message: Any) -> list[Any]:
        give_up = time.monotonic() + self._patience
        pause = PAUSE_SECONDS
        while True:
            left = seconds_left()
            try:
                with mapped(work, self.url):
                    return self._send(message, JOB_SECONDS if left is None else min(left, JOB_SECONDS))
            except StoreError as error:
                wait = min(pause, left or pause)
                if not error.transient or time.monotonic() + wait > give_up:
                    raise
                time.sleep(wait)
                pause *= 2

    def _send(self, message: Any, seconds: float) -> list[Any]:
        options = {"evaluationTimeout": max(1, round(seconds * 1000))}
        with self._connection() as connection:
            return connection.send(message, options)

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        """Lends a connection; one on which an error came that is no answer is closed, and idle ones with it."""
        with self._free:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = _Connection(self._address, *self._credentials)
            try:
                yield connection
            except BaseException as error:
                if is_broken(error):
                    connection.close()
                    self.close()
                else:
                    self._idle.put(connection)
                raise
            self._idle.put(connection)


def chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yields the things, so many at a time."""
    for begin in range(0, len(things), size):
        yield things[begin : begin + size]

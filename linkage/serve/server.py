"""Running the application: one socket, one process, a graceful end."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from linkage.errors import SettingsError, StoreUnavailable

DRAIN_SECONDS = 10
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens; port 0 takes a free one. SettingsError if it cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), port), family=socket.AddressFamily(family), backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"cannot listen on {host}:{port} ({reason}); choose another --port") from None


def url_of(listening: socket.socket) -> str:
    """Returns the address that clients use."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()


def serve(app: Starlette, listening: socket.socket, on_ready: Callable[[], None]) -> int:
    """Serves until SIGTERM or SIGINT, finishes what is being answered, and returns how much was answered.

    StoreUnavailable: the store cannot be reached at the start.
    """
    service = app.state.service
    try:
        service.pool.check()
    except StoreUnavailable:
        service.pool.close()
        raise
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # a line of it holds the query of a GET, and with it the ids of accounts
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    with _quiet_signals():
        _Server(config, on_ready).run(sockets=[listening])
    return int(service.metrics.answered)


class _quiet_signals:  # noqa: N801 - read as a statement
    """While inside, SIGTERM and SIGINT do nothing of their own: uvicorn handles them, stops, and raises
    them again afterwards, which would end the process with a failure."""

    def __enter__(self) -> None:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, lambda *_: None)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

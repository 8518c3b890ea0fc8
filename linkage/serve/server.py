"""Running the application: one socket, one process or several, a graceful end."""

from __future__ import annotations

import gc
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from linkage.errors import SettingsError, StoreUnavailable
from linkage.serve.app import Service
from linkage.serve.metrics import answered_together
from linkage.serve.probe import answers

DRAIN_SECONDS = 10
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens; port 0 takes a free one. SettingsError if it cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server((str(address[0]), port), family=socket.AddressFamily(family), backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"cannot listen on {host}:{port} ({reason}); choose another --port") from None
    # connections inherit it; asyncio sets it for sockets of another making only, and without it a reply, whose head
    # and body are two packets, waits 40 ms for the client's delayed acknowledgement
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket) -> str:
    """Returns the address that clients use."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, service: Service, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins the end: subscriptions finish by themselves, and the service says that it is not ready."""
        self._service.draining = True
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        settle()
        if self.started:
            self._on_ready()


def settle() -> None:
    """Takes out of the collector's sight what was made by now, modules and schema: they stay as long as the process.

    Else it looks through all of them every few hundred requests, and one request waits a tenth of a second for it.
    """
    gc.collect()
    gc.freeze()


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
    with _quiet_signals():
        _Server(_config(app), service, on_ready).run(sockets=[listening])
    return int(service.metrics.answered)


def serve_in(workers: int, factory: str, listening: socket.socket, on_ready: Callable[[], None]) -> int:
    """Serves in several processes, each of which makes its application by the factory («module:function»).

    They share the socket, and their figures in the folder that `metrics.SHARED` names in the environment. Ends as
    `serve` does; a process that dies is started again.
    """
    supervisor = Multiprocess(_config(factory, workers), sockets=[listening])
    starting = threading.Thread(target=_announce, args=(url_of(listening), on_ready), daemon=True)
    starting.start()
    supervisor.run()
    return answered_together()


def _announce(url: str, on_ready: Callable[[], None]) -> None:
    """Calls back once the first process answers."""
    while not answers(f"{url}/health/live"):
        time.sleep(0.05)
    on_ready()


def _config(app: Starlette | str, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_level="warning",
        access_log=False,  # a line of it holds the query of a GET, and with it the ids of accounts
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        http="h11",  # the other parser has no bound for headers
        h11_max_incomplete_event_size=64 * 1024,
        ws="websockets-sansio",
        ws_max_size=256 * 1024,
    )


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

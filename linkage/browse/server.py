"""Serves the guide and the style sheet to a Neo4j Browser on this machine, and nothing else."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

_SUFFIX = {"guide.html": "text/html; charset=utf-8", "style.grass": "text/plain; charset=utf-8"}


class PageServer:
    """Pages by name on a free port of 127.0.0.1, from entering to leaving; they hold no data of accounts.

    Browser fetches guides from `localhost` only, unless its server is told otherwise, and from another port, so the
    pages allow any origin.
    """

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = {name: text.encode() for name, text in pages.items()}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.pages))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def address(self, name: str) -> str:
        """Returns where a page is found."""
        return f"http://localhost:{self._server.server_address[1]}/{name}"

    def put(self, name: str, text: str) -> None:
        """Adds or changes a page."""
        self.pages[name] = text.encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(pages: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("?")[0].removeprefix("/")
            if name not in pages:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", _SUFFIX.get(name, "text/plain; charset=utf-8"))
            self.send_header("Content-Length", str(len(pages[name])))
            self.send_header("X-Content-Type-Options", "nosniff")
            self._allow()
            self.wfile.write(pages[name])

        def do_OPTIONS(self) -> None:
            """Answers what a browser asks before it fetches from another port."""
            self.send_response(204)
            self._allow()

        def _allow(self) -> None:
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "*")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server uses
            """Says nothing: the terminal is the command's."""

    return Handler

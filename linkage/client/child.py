"""A service of one's own over a store: `linkage serve` as a child, on a free port of this machine."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from threading import Thread

from linkage.client.transport import ApiError

ADDRESS = re.compile(r"GraphQL at (http://\S+/graphql)")
PATIENCE_S = 10.0


class Child:
    """A service over the store of this URL; `url` is where it answers. It ends with `close`."""

    def __init__(self, store: str) -> None:
        command = [sys.executable, "-m", "linkage", "--store", store, "serve", "--port", "0"]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with a store URL as one argument
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self.url = self._address()
        Thread(target=self._hear, daemon=True).start()

    def _address(self) -> str:
        """Returns the address that the service says; ApiError with its last words if it ends instead."""
        said: list[str] = []
        for line in self._process.stderr or ():
            said.append(line.strip())
            found = ADDRESS.search(line)
            if found:
                return found[1]
        self.close()
        raise ApiError("UNREACHABLE", said[-1] if said else "linkage serve ended without a word")

    def _hear(self) -> None:
        """Reads on what the service says, or it would wait for somebody to."""
        with suppress(ValueError):  # it was closed
            for _ in self._process.stderr or ():
                pass

    def close(self) -> None:
        """Ends the service."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

"""One server's process: begun, watched until it says that it is ready, ended gently or killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_SECONDS = 240.0
STOP_SECONDS = 60.0
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "HOME")


class Process:
    """A server in a folder of its own, with a log there."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / "log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], ready: Callable[[], bool], more: Mapping[str, str] | None = None) -> None:
        """Starts the server and returns when it is ready; RuntimeError with the end of its log where it is not."""
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ} | dict(more or {})
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.kill()
                text = self.log.read_text(encoding="utf-8", errors="replace").replace("\0", "")
                raise RuntimeError(f"{self.name} is not ready:\n{text[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends the server, gently if it can."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._child = None

    def kill(self) -> None:
        """Ends the server at once, as a failing machine does."""
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait()
            self._child = None


def free_port(host: str = "127.0.0.1") -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(host: str, port: int) -> bool:
    """Returns whether somebody listens on a port."""
    try:
        with socket.create_connection((host, port), 1.0):
            return True
    except OSError:
        return False

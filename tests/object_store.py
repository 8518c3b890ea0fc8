"""A real S3 server in a process of its own, whose log of requests can be read."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

BUCKET = "facts-of-tests"
KEY, SECRET = "AKIATESTSOFLINKAGE", "secret-access-key-of-the-tests"


@dataclass
class S3Server:
    """An S3 server on this machine, empty at first; `requests` reads what it was asked for."""

    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Returns the address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """Returns the variables with which a client finds it, and nothing that belongs to this machine's user."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def start(self) -> Self:
        """Starts it on a free port."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, "-p", str(self.port)], stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            try:
                self._ask("GET", "/moto-api/data.json")
                break
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.1)
        return self

    def stop(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def empty(self) -> None:
        """Makes it as it was at first, with an empty bucket."""
        self._ask("POST", "/moto-api/reset")
        self.fs().mkdir(BUCKET)

    def fs(self) -> Any:
        """Returns a file system on it."""
        from s3fs import S3FileSystem

        made = S3FileSystem(key=KEY, secret=SECRET, endpoint_url=self.endpoint)
        made.invalidate_cache()
        return made

    def put(self, folder: Path, prefix: str) -> str:
        """Uploads a folder; returns its URL."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.fs().pipe_file(f"{BUCKET}/{prefix}/{path.relative_to(folder)}", path.read_bytes())
        return f"s3://{BUCKET}/{prefix}"

    def forbid(self, *, yes: bool = True) -> None:
        """Has it check who asks, from now on: it knows nobody."""
        self._ask("POST", "/moto-api/reset-auth", b"0" if yes else b"inf")

    def fetched(self) -> list[str]:
        """Returns the paths of the objects that were asked for, wholly or in part, since the start."""
        lines = self.log.read_text(encoding="utf-8", errors="replace")
        return re.findall(rf'"GET /{BUCKET}/([^ ?]+) HTTP', lines)

    def listings(self) -> int:
        """Returns how often the bucket was listed since the start."""
        lines = self.log.read_text(encoding="utf-8", errors="replace")
        return len(re.findall(rf'"GET /{BUCKET}\?list-type=2', lines))

    def _ask(self, method: str, path: str, data: bytes | None = None) -> None:
        kind = {"Content-Type": "text/plain"}
        asked = urllib.request.Request(self.endpoint + path, data, kind, method=method)  # noqa: S310 - on this machine
        urllib.request.urlopen(asked, timeout=10).close()  # noqa: S310

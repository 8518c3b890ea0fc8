"""A lock between processes that a crash cannot leave behind."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkage.errors import LocalServerError

_POLL_SECONDS = 0.1


@contextmanager
def held(path: Path, seconds: float, purpose: str) -> Iterator[None]:
    """Holds the lock of the file, waiting for it at most so many seconds.

    The lock is the kernel's (flock): it ends with the process that holds it, however that ends. The file is
    not inherited by child processes. LocalServerError when another process keeps it for longer.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalServerError(
            f"{path.parent} cannot be written: {error.strerror}; "
            "choose other folders with LINKAGE_HOME and LINKAGE_CACHE"
        ) from error
    try:
        _acquire(file, path, seconds, purpose)
        yield
    finally:
        os.close(file)


def _acquire(file: int, path: Path, seconds: float, purpose: str) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LocalServerError(
                    f"another process has been {purpose} for {seconds:.0f} s (it holds {path}); wait for it or stop it"
                ) from None
        time.sleep(_POLL_SECONDS)

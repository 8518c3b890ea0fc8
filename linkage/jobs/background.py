"""A run that is started in a process of its own, and what it says, kept in a file beside the working file."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from linkage.errors import LockHeld
from linkage.jobs.site import Site

ENDING = ".run.log"


def start_detect(site: Site) -> None:
    """Starts `linkage detect`, which goes on whatever becomes of the caller; LockHeld while another run is on.

    The log is locked until the end is noted: a process that was started takes a moment to come to the store's lock.
    """
    with Site(site.settings).working.lock():  # as anybody else: this process may hold it itself
        path = site.working.beside(ENDING)
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(log, 0)
        os.write(log, _note("started"))
        command = [sys.executable, "-m", "linkage", "--store", site.settings.store, "--log", "json", "detect"]
        process = subprocess.Popen(  # noqa: S603 - the package's own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )
    except BlockingIOError:
        os.close(log)
        raise LockHeld("another run was started, and has not ended yet: wait for it") from None
    except BaseException:
        os.close(log)
        raise
    threading.Thread(target=_note_end, args=(process, log), daemon=True).start()


def notes(site: Site) -> list[Mapping[str, Any]]:
    """Returns what the run that was started last said so far; its last note has an exit status."""
    try:
        lines = site.working.beside(ENDING).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [note for line in lines if (note := _parsed(line))]


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:  # a line of something else, or half of one
        return {}
    return found if isinstance(found, dict) and "message" in found else {}


def _note_end(process: subprocess.Popen[bytes], log: int) -> None:
    status = process.wait()
    try:
        os.write(log, _note("finished" if status == 0 else "failed", exit_status=status))
    finally:
        os.close(log)


def _note(message: str, **fields: int) -> bytes:
    note = {"at": datetime.now(UTC).isoformat(), "level": "info", "message": message, **fields}
    return json.dumps(note).encode() + b"\n"

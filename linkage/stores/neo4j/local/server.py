"""The local Neo4j of one `LINKAGE_HOME`: found, started, stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from linkage.errors import LocalServerError
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local import archive, auth, bulk, config, process
from linkage.stores.neo4j.local.filelock import held
from linkage.stores.neo4j.local.install import Installation, install, installed, require_room
from linkage.stores.neo4j.local.java import server_command
from linkage.stores.neo4j.local.layout import Layout, write_private
from linkage.stores.neo4j.local.record import ServerInfo, ServerRecord, read_record

LOCK_SECONDS = 1800.0
"""As long as a first start on a slow network, or a large import, may keep another start waiting."""

LEAST_FREE_BYTES = 300 * config.MB
START_TRIES = 3
"""A port that was free may be taken before the server listens on it; then two others are tried."""


class LocalServer:
    """A Neo4j under `settings.home_folder()`, shared by all processes of the user that name this folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.layout = Layout(settings.home_folder().absolute() / "neo4j")

    def status(self) -> ServerInfo | None:
        """Returns the running server, or None. A server that runs without answering counts as none."""
        record = read_record(self.layout.record)
        if record is None or not record.is_alive(self.layout.home) or not process.answers(record.ports):
            return None
        return self._info(record)

    def is_unfilled(self) -> bool:
        """Returns whether there is no database yet: it was neither started nor filled."""
        return self.status() is None and not (self.layout.data / "databases" / bulk.DATABASE).exists()

    def start(self, progress: Progress) -> ServerInfo:
        """Returns the running server, starting it if it does not run, installing it if it is not there.

        Two starts at once: one starts it, the other waits and finds it. LocalServerError with what to do when
        memory, disk, network or ports are missing, or with the end of the server's log when it fails.
        """
        running = self.status()
        if running is not None and not bulk.is_unsettled(self.layout):
            return running
        self.layout.prepare()
        installation = self.install(progress)
        with held(self.layout.lock, LOCK_SECONDS, "starting or filling the local Neo4j"):
            return self._find_or_start(installation, progress)

    def stop(self) -> bool:
        """Ends the server, gently if it can, and returns whether one ran."""
        if not self.layout.home.exists():
            return False
        with held(self.layout.lock, LOCK_SECONDS, "starting or filling the local Neo4j"):
            stopped = self._stop()
            if stopped:
                archive.make_later(installed(self._settings.cache_folder()), self.layout)
            return stopped

    def install(self, progress: Progress) -> Installation:
        """Returns the installed jars, all of them checked, getting those that are missing."""
        return install(self._settings.cache_folder(), progress)

    def bulk_import(
        self,
        nodes: Sequence[bulk.NodeFiles],
        relationships: Sequence[bulk.RelationshipFiles],
        options: bulk.ImportOptions | None = None,
        progress: Progress | None = None,
    ) -> bulk.ImportReport:
        """Replaces the whole database by the files' graph and leaves the server running.

        The import works beside the database that is there and takes its place only when it is done: one that
        fails (LocalServerError with the end of its report) leaves the server as it was.
        """
        progress = progress or Progress(quiet=True)
        self.layout.prepare()
        installation = self.install(progress)
        with held(self.layout.lock, LOCK_SECONDS, "starting or filling the local Neo4j"):
            self._find()
            memory = config.choose_memory(self._settings.neo4j_memory)
            job = bulk.ImportJob(installation, self.layout, memory, options or bulk.ImportOptions())
            report = job.run(nodes, relationships)
            self._exchange(job, installation, progress)
        return report

    def _exchange(self, job: bulk.ImportJob, installation: Installation, progress: Progress) -> None:
        ran = self._stop()
        try:
            with job.in_place():
                self._start(installation, progress)
        except LocalServerError:
            if ran:
                self._start(installation, progress)
            raise

    def _find(self) -> ServerRecord | None:
        # Under the lock; it also ends what a killed command has left: a half-done exchange, a nameless server.
        record = read_record(self.layout.record)
        if record is not None and record.is_alive(self.layout.home):
            process.await_ready(record, self.layout)  # somebody began it and did not wait for it
            bulk.settle(self.layout)
            return record
        process.end_strays(self.layout.home)
        bulk.recover(self.layout)
        return None

    def _find_or_start(self, installation: Installation, progress: Progress) -> ServerInfo:
        record = self._find()
        return self._start(installation, progress) if record is None else self._info(record)

    def _start(self, installation: Installation, progress: Progress) -> ServerInfo:
        earlier = read_record(self.layout.record)
        require_room(self.layout.home, LEAST_FREE_BYTES, "the data of a local Neo4j")
        memory = config.choose_memory(self._settings.neo4j_memory)
        self._set_first_password()
        progress.say("starting the local Neo4j")
        return self._try(installation, memory, earlier.ports if earlier else None, progress)

    def _try(
        self, installation: Installation, memory: config.Memory, ports: config.Ports | None, progress: Progress
    ) -> ServerInfo:
        began = time.monotonic()
        for attempt in range(START_TRIES):
            record = self._spawn(installation, memory, config.choose_ports(ports))
            try:
                process.await_ready(record, self.layout)
                break
            except BaseException as error:  # an interrupt too must not leave half a server behind
                process.end(record, self.layout.home)
                last = attempt == START_TRIES - 1 or not isinstance(error, LocalServerError)
                if last or "port was taken" not in str(error):
                    raise
        progress.say(f"the local Neo4j is ready after {time.monotonic() - began:.1f} s")
        return self._info(record)

    def _spawn(self, installation: Installation, memory: config.Memory, ports: config.Ports) -> ServerRecord:
        layout = self.layout
        text = config.render(layout.data, layout.logs, installation.plugins, layout.home / "import", ports, memory)
        write_private(layout.conf / "neo4j.conf", text)
        layout.rotate_logs()
        flags = archive.start_flags(installation, layout)
        command = server_command(installation, layout.home, layout.conf, memory, flags)
        record = process.spawn(command, layout, ports)
        record.write(layout.record)
        return record

    def _stop(self) -> bool:
        record = read_record(self.layout.record)
        if record is None or not record.is_alive(self.layout.home):
            return False
        process.end(record, self.layout.home)
        return True

    def _set_first_password(self) -> None:
        password = self.layout.make_password()
        first = self.layout.data / "dbms" / "auth.ini"
        if not (self.layout.data / "databases" / "system").exists():
            first.parent.mkdir(exist_ok=True, mode=0o700)
            write_private(first, auth.initial_user(password))

    def _info(self, record: ServerRecord) -> ServerInfo:
        return ServerInfo(
            bolt=f"bolt://127.0.0.1:{record.ports.bolt}",
            http=f"http://127.0.0.1:{record.ports.http}",
            user=auth.USER,
            password=self.layout.read_password(),
            pid=record.pid,
            home=str(Path(self.layout.home)),
        )

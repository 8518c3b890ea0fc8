"""The files of one local server, all of them the owner's alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import LocalServerError

_LOGS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under the folder of one local server (`LINKAGE_HOME/neo4j`)."""

    home: Path

    @property
    def conf(self) -> Path:
        """Returns the folder of neo4j.conf."""
        return self.home / "conf"

    @property
    def data(self) -> Path:
        """Returns the folder of the databases."""
        return self.home / "data"

    @property
    def logs(self) -> Path:
        """Returns the folder of the server's logs."""
        return self.home / "logs"

    @property
    def server_log(self) -> Path:
        """Returns the server's own log."""
        return self.logs / "neo4j.log"

    @property
    def console_log(self) -> Path:
        """Returns what the server's process prints: above all, what goes wrong before it can log."""
        return self.logs / "console.log"

    @property
    def record(self) -> Path:
        """Returns the file that says which process the server is and where it listens."""
        return self.home / "server.json"

    @property
    def lock(self) -> Path:
        """Returns the file that is locked while the server is started, stopped or filled."""
        return self.home / "lock"

    @property
    def password(self) -> Path:
        """Returns the file that holds the password of the user neo4j."""
        return self.home / "password"

    def prepare(self) -> None:
        """Makes the folders, for the owner alone; LocalServerError when they cannot be made."""
        try:
            self.home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.home, self.conf, self.data, self.logs, self.home / "import"):
                folder.mkdir(exist_ok=True, mode=0o700)
            self.home.chmod(0o700)
        except OSError as error:
            raise LocalServerError(
                f"the folder of the local Neo4j cannot be made at {self.home}: {error.strerror}; "
                "choose another one with LINKAGE_HOME"
            ) from error

    def rotate_logs(self) -> None:
        """Numbers the logs of earlier starts (1 is the newest, 5 are kept) and begins new ones."""
        for log in (self.server_log, self.console_log):
            for number in range(_LOGS_KEPT - 1, 0, -1):
                older = log.with_name(f"{log.name}.{number}")
                if older.exists():
                    older.replace(log.with_name(f"{log.name}.{number + 1}"))
            if log.exists():
                log.replace(log.with_name(f"{log.name}.1"))

    def read_password(self) -> str:
        """Returns the password, or an empty text where there is none yet."""
        try:
            return self.password.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def make_password(self) -> str:
        """Returns the password, a random one if there is none; LocalServerError if one was lost.

        A server keeps its users in its system database; without the password nothing opens it.
        """
        known = self.read_password()
        if known:
            return known
        if (self.data / "databases" / "system").exists():
            raise LocalServerError(
                f"the password of the local Neo4j is gone: {self.password} is missing or empty while there is "
                f"data in {self.data}. Put the file back, or delete {self.home} and load the facts again"
            )
        password = secrets.token_urlsafe(24)
        write_private(self.password, password + "\n")
        return password


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read; it appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)

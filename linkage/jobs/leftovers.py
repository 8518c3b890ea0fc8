"""What lies in files beside a working file and may name an account: to be cleared by an erasure.

Change files lose the lines of the account. Of the others no part can be told to be somebody's, or they are made again
from the store: they go as a whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from linkage.jobs.load import reject_folder
from linkage.jobs.night.journal import replace
from linkage.jobs.site import Site
from linkage.validate.rejects import NAME


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The files of a site that may name one of the accounts; the caller holds the lock."""

    site: Site
    accounts: frozenset[str]

    def count(self) -> int:
        """Returns how many files there are to be changed or removed."""
        return sum(1 for _ in self._whole()) + sum(1 for _ in self._changes())

    def remove(self) -> None:
        """Removes the files, and the accounts' lines from those that are changed."""
        for path, lines in self._changes():
            replace(path, b"".join(lines))
        for path in list(self._whole()):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _whole(self) -> Iterator[Path]:
        """Yields the rejects of the last load, what an unfinished night found, the last one's page, and exports."""
        working = self.site.working
        for path in (reject_folder(self.site) / NAME, working.beside(".found"), self._out() / "report.html"):
            if path.exists():
                yield path
        yield from sorted(working.beside(".exports").glob("export-*"))

    def _changes(self) -> Iterator[tuple[Path, list[bytes]]]:
        """Yields the change files that name an account, each with the lines that stay."""
        for path in sorted((self._out() / "changes").glob("*.ndjson")):
            lines = path.read_bytes().splitlines(keepends=True)
            stay = [line for line in lines if json.loads(line).get("account_id") not in self.accounts]
            if len(stay) < len(lines):
                yield path, stay

    def _out(self) -> Path:
        out = self.site.settings.out
        return Path(out) if out else self.site.working.beside(".nights")

"""The parts of a folder that were not loaded before, told by their marks where these suffice, else by their content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import InputError, StoreError
from linkage.jobs.site import Site
from linkage.read import FactsFolder, Part, open_folder
from linkage.working.seen import SeenFile

_ORDER = ("accounts", "requests", "payments", "identifiers", "labels")


@dataclass(frozen=True, slots=True)
class Fresh:
    """A part that was not loaded before: as it was listed, with its bytes on this machine, and its digest."""

    part: Part
    near: Part
    digest: str


class Parts:
    """The parts of `facts` in the order of loading, held against what the store has."""

    def __init__(self, site: Site, facts: FactsFolder) -> None:
        self._site, self._facts = site, facts
        self._known = known_digests(site)
        marks = _seen(site).read()
        parts = [part for table in _ORDER for part in facts.tables.get(table, [])]
        found = [(part, part.mark(), part.stamp()) for part in parts]  # as they are before they are read
        found = [one for one in found if marks.get(one[1]) not in self._known]
        self._marks = {part: mark for part, mark, _ in found}
        self._stamps = {part: stamp for part, _, stamp in found}
        self._digests: dict[Part, str] = {}

    @property
    def unknown(self) -> list[Part]:
        """Returns the parts of which only the content can tell whether they were loaded before."""
        return list(self._stamps)

    def read_elsewhere(self, digests: Mapping[Part, str]) -> list[Part]:
        """Notes the digests of parts that are not to be brought here; returns those that were not loaded before."""
        self._digests.update(digests)
        new: dict[str, Part] = {}
        for part, digest in digests.items():
            if digest not in self._known:
                new.setdefault(digest, part)
        return list(new.values())

    def fresh(self) -> Iterator[Fresh]:
        """Yields what was not loaded before, nor given twice in the folder; a copy that was fetched ends with the next.

        InputError where a part cannot be read.
        """
        for part in self.unknown:
            with ExitStack() as stack:
                near = part
                if part not in self._digests:
                    near = stack.enter_context(part.at_hand())
                    self._digests[part] = near.digest()
                digest = self._digests[part]
                if digest not in self._known:
                    self._known.add(digest)
                    yield Fresh(part, near, digest)

    def require_unchanged(self) -> None:
        """Raises InputError where a part is no longer what it was before it was read."""
        for part, stamp in self._facts.now(self.unknown):
            if stamp != self._stamps[part]:
                raise InputError(
                    f"{part.source} was written to while it was read: nothing of the folder was loaded; "
                    "load it again when it is complete"
                )

    def remember(self) -> None:
        """Keeps the marks of what was read, once it is loaded and was not written to meanwhile."""
        marks = {self._marks[part]: digest for part, digest in self._digests.items() if self._marks[part]}
        try:
            _seen(self._site).add(marks)
        except StoreError as error:  # the facts are loaded: all that is lost is time
            self._site.progress.warn(str(error))


def open_facts(site: Site, folder: Path | str) -> FactsFolder:
    """Returns a folder of facts after a look at the headers of its parts, but for those that were loaded before."""
    known, marks = known_digests(site), _seen(site).read()
    return open_folder(folder, lambda part: marks.get(part.mark()) in known)


def known_digests(site: Site) -> set[str]:
    """Returns the digests of all parts that were loaded."""
    if not site.working.exists:
        return set()
    with site.working.read() as con:
        return {row[0] for row in con.execute("SELECT digest FROM source").fetchall()}


def _seen(site: Site) -> SeenFile:
    return SeenFile(site.working.beside(".seen"))

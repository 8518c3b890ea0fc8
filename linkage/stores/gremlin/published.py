"""The current snapshot, as all reading parts of the store share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from linkage.model.rings import Ring
from linkage.stores import moment
from linkage.stores.gremlin import directory, documents, rows
from linkage.stores.gremlin.directory import Directory
from linkage.stores.gremlin.ids import Ids
from linkage.stores.gremlin.session import Session


class Published:
    """What the pointer points to; the directory of a stamp never changes, so the last one is kept."""

    _session: Session
    _ids: Ids
    _last: Directory | None = None

    def _snapshot(self) -> Directory | None:
        """Returns the directory of what is published now, None before the first run."""
        stamp = self._pointed()
        if not stamp:
            return None
        last = self._last
        if last is None or last.stamp != stamp:
            self._last = last = directory.read(self._session, self._ids, stamp)
        return last

    def _pointed(self) -> str:
        """Returns the stamp that the pointer names; that of the moment, where calls share one."""
        known = moment.current()
        if known is None:
            return directory.pointed(self._session, self._ids)
        if self._session.url not in known:
            known[self._session.url] = directory.pointed(self._session, self._ids)
        return known[self._session.url]

    def _rings(self, found: Directory, ring_ids: Iterable[str]) -> list[Ring]:
        """Returns rings of a snapshot, in the order in which they are named; names it has not are left out."""
        wanted = {
            self._ids.of("RingVersion", found.rings[name].stamp, name): name for name in ring_ids if name in found.rings
        }
        made = {row["ring_id"]: rows.ring(row) for row in documents.by_id(self._session, list(wanted))}
        return [made[name] for name in wanted.values() if name in made]

    def _valid(self, found: Directory, kept: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Returns those of the documents that a run of the snapshot wrote, not one that failed or came later."""
        stamps = set(found.runs.values())
        return [row for row in kept if row["stamp"] in stamps]

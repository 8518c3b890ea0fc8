"""Documents that clients name by their digest instead of sending them, and the mode in which only those run."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

from linkage.errors import SettingsError
from linkage.serve.faults import Code, Fault

PREFIX = "sha256:"
KEPT = 256
"""Documents of clients that are remembered by digest (automatic persisted queries)."""
KEPT_LENGTH = 16_384


class Documents:
    """The documents of a folder, by digest; others are remembered for a while unless `only` is set."""

    def __init__(self, folder: Path | None = None, *, only: bool = False) -> None:
        self._listed = {document_id(text): text for text in _texts(folder)} if folder else {}
        self._sent: OrderedDict[str, str] = OrderedDict()
        self._only = only
        if only and not self._listed:
            raise SettingsError("LINKAGE_DOCUMENTS_ONLY is set, but LINKAGE_DOCUMENTS holds no *.graphql file")

    def text(self, query: str | None, digest: str | None) -> str:
        """Returns the document to run, given as text, by digest or both; a Fault if it cannot be had or may not run."""
        if digest is None:
            if query is None:
                raise Fault(Code.BAD_USER_INPUT, "query is missing; it must be text")
            return self._allowed(query)
        if query is None:
            return self._known(digest)
        if document_id(query) != digest:
            raise Fault(Code.BAD_USER_INPUT, "the digest is not that of the query")
        self._allowed(query)
        if len(query) <= KEPT_LENGTH:
            self._sent[digest] = query
            if len(self._sent) > KEPT:
                self._sent.popitem(last=False)
        return query

    def _allowed(self, query: str) -> str:
        if self._only and document_id(query) not in self._listed:
            raise Fault(Code.FORBIDDEN, "only documents that were put on the list run here", status=403)
        return query

    def _known(self, digest: str) -> str:
        found = self._listed.get(digest) or self._sent.get(digest)
        if found is None:
            raise Fault(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound: send the query with its digest")
        return found


def document_id(text: str) -> str:
    """Returns the digest by which a document is named."""
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()


def _texts(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise SettingsError(f"LINKAGE_DOCUMENTS names {folder}, which is no folder")
    return [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.graphql"))]

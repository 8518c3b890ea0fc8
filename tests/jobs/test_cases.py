"""A ring's cut is one and the same, by whatever question it is asked for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from linkage.explore.cut import MOST_ACCOUNTS
from linkage.jobs import cases
from linkage.model.kinds import Facet
from linkage.model.rings import Link, Member, Ring, RingStatus, Role
from linkage.serve.roots.questions import _cut
from linkage.settings import Settings

NAMES = [f"acct-{number:04d}" for number in range(MOST_ACCOUNTS + 50)]


class LargeRing:
    """The store's part that a case reads: of its strongest members a tenth has no link, the last hang by little."""

    def __init__(self) -> None:
        linked = NAMES[MOST_ACCOUNTS // 10 :]
        self._links = [_link(a, b, 20.0) for a, b in pairwise(linked)]
        self._links += [_link(a, b, 20.0) for a, b in zip(linked, linked[2:-1], strict=False)]

    def ring(self, ring_id: str) -> Ring:
        return Ring(ring_id, RingStatus.ACTIVE, len(NAMES), 1.0, None, None, "", "", (Facet.CONTENT,), "", 1)

    def members(self, ring_id: str, limit: int = 100_000) -> list[Member]:
        found = [Member(ring_id, name, Role.MEMBER, 1000.0 - at, None, None) for at, name in enumerate(NAMES)]
        return found[:limit]

    def ring_links(self, _: str, limit: int) -> list[Link]:
        return self._links[:limit]

    def uses_of(self, *_: object) -> dict[str, Any]:
        return {}

    def accounts(self, *_: object) -> dict[str, Any]:
        return {}


def _link(a: str, b: str, bits: float) -> Link:
    return Link(a, b, bits, {Facet.PAYMENT: bits / 2, Facet.CONTENT: bits / 2}, "behaviour", None, None)


def test_the_cut_of_a_large_ring_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "_stands", lambda *_: lambda _: True)
    store: Any = LargeRing()
    case = cases.ring_case(store, "ring-large", Settings())
    assert case is not None
    assert case.cut is not None
    assert _cut(store, "ring-large") == case.cut

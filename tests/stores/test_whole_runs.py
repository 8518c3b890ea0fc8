"""Who reads while runs are published sees one run or the next, whole, however often they follow one another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from known_graph import account_rows, at, publication, ring, tables

from linkage.model.rings import Event, Facet, Member, RingEvent, Role
from linkage.stores.base import Publication, Store

RINGS, EACH = 40, 12


def _run(number: int) -> Publication:
    """Returns a run in which every ring has a score and members of its own."""
    run_id, names = f"run{number:03}", [f"r{one:02}" for one in range(RINGS)]
    first = number % 2 * EACH // 2  # half of the members leave
    members = [
        Member(name, f"m{one:02}-{other:02}", Role.CORE, 10.0 + number, Facet.PAYMENT, at(3))
        for one, name in enumerate(names)
        for other in range(first, first + EACH)
    ]
    rings = [ring(name, size=EACH, score=number + one / 100) for one, name in enumerate(names)]
    events = [RingEvent(at(4), run_id, name, Event.GREW) for name in names]
    return Publication(publication(run_id).run, rings, members, events)


def _accounts() -> list[dict[str, Any]]:
    like = account_rows()[0]
    return [like | {"id": f"m{one:02}-{other:02}"} for one in range(RINGS) for other in range(EACH * 3 // 2)]


class _Poller(threading.Thread):
    """Reads without a pause until it is told to end, and keeps what differs within one answer."""

    def __init__(self, read: Callable[[], set[Any]]) -> None:
        super().__init__()
        self.read = read
        self.done = threading.Event()
        self.torn: list[set[Any]] = []
        self.polled = 0

    def run(self) -> None:
        """Reads until it is told to end."""
        while not self.done.is_set():
            seen = self.read()
            self.polled += 1
            if len(seen) > 1:
                self.torn.append(seen)


def test_no_reader_ever_sees_a_part_of_a_run(store: Store) -> None:
    runs = 24 if store.url.startswith("bolt") else 5  # the others read by a snapshot that nothing changes
    store.load(tables(_accounts(), [], []))
    store.publish(_run(0))

    def members() -> set[Any]:
        found = store.all_members()
        return {one.bits for one in found} | ({len(found)} - {RINGS * EACH})

    def rings() -> set[Any]:
        found = store.rings(1000)
        return {int(one.score) for one in found} | ({len(found)} - {RINGS})

    def events() -> set[Any]:
        found = store.events(limit=100_000)
        return {sum(one.run_id == run for one in found) for run in {one.run_id for one in found}} - {RINGS}

    pollers = [_Poller(read) for read in (members, rings, events)]
    for one in pollers:
        one.start()
    try:
        for number in range(1, runs):
            store.publish(_run(number))
    finally:
        for one in pollers:
            one.done.set()
        for one in pollers:
            one.join()
    for one in pollers:
        assert one.polled > runs
        assert one.torn == []

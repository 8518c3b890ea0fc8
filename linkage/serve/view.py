"""The rings of one run, as they are listed, filtered and counted: read once for each run, and never changed.

Rings change only when a run is published, and there are few of them beside accounts; so lists of them, whatever their
order and filter, are worked out here, page by page at the same cost, without a statement to the store.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from linkage.errors import StoreUnavailable
from linkage.model.rings import Ring, Run
from linkage.stores.base import Store
from linkage.stores.moment import Moment

PAGE_ROWS = 5_000
KEPT_ORDERS = 64
"""Lists that are kept sorted, by their filter and order."""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)

ORDERS: dict[str, Callable[[Ring], Any]] = {  # numbers or times
    "score": lambda ring: ring.score,
    "size": lambda ring: ring.size,
    "requests": lambda ring: ring.requests,
    "first_seen": lambda ring: (ring.first_seen or _NEVER).timestamp(),
    "last_seen": lambda ring: (ring.last_seen or _NEVER).timestamp(),
}
"""What rings are sorted by; ties are in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rings in an order, with the keys that they are in order of."""

    rings: tuple[Ring, ...]
    keys: tuple[tuple[Any, str], ...]

    def behind(self, key: tuple[Any, str]) -> int:
        """Returns the place of the first ring behind a key."""
        return bisect_right(self.keys, key)


@dataclass(frozen=True, slots=True)
class RingGroup:
    """Rings that have something in common, by its name (empty for nothing), strongest first."""

    name: str
    rings: tuple[Ring, ...]

    @property
    def accounts(self) -> int:
        """Returns how many accounts its rings have."""
        return sum(ring.size for ring in self.rings)

    @property
    def requests(self) -> int:
        """Returns the requests of its rings."""
        return sum(ring.requests for ring in self.rings)


class RunView:
    """The rings of a run, by id, in any order, and by what they have in common."""

    def __init__(self, run: Run | None, rings: Sequence[Ring]) -> None:
        self.run = run
        self.run_id = run.run_id if run else ""
        self.by_id = {ring.ring_id: ring for ring in rings}
        self._rings = rings
        self._orders: OrderedDict[tuple[str, str, bool], Ordered] = OrderedDict()
        self.operators = groups(rings, lambda ring: ring.operator_id)
        self.campaigns = groups(rings, lambda ring: ring.campaign_id)

    def chosen(self, test: Callable[[Ring], bool]) -> list[Ring]:
        """Returns the rings for which the test holds."""
        return [ring for ring in self._rings if test(ring)]

    def ordered(self, name: str, test: Callable[[Ring], bool], by: str, *, descending: bool) -> Ordered:
        """Returns the rings for which the test holds, sorted; `name` tells tests apart, and lists are kept by it."""
        wanted = (name, by, descending)
        if wanted not in self._orders:
            sign = -1 if descending else 1
            pairs = sorted(((key_of(ring, by, sign), ring) for ring in self.chosen(test)), key=lambda pair: pair[0])
            self._orders[wanted] = Ordered(tuple(ring for _, ring in pairs), tuple(key for key, _ in pairs))
            if len(self._orders) > KEPT_ORDERS:
                self._orders.popitem(last=False)
        self._orders.move_to_end(wanted)
        return self._orders[wanted]


def key_of(ring: Ring, by: str, sign: int) -> tuple[Any, str]:
    """Returns the key of a ring in an order; the sign turns it around."""
    return sign * ORDERS[by](ring), ring.ring_id


def groups(rings: Iterable[Ring], name: Callable[[Ring], str]) -> dict[str, RingGroup]:
    """Returns rings by a name, those of the same one in the order given; those of none are left out."""
    found: dict[str, list[Ring]] = defaultdict(list)
    for ring in rings:
        if name(ring):
            found[name(ring)].append(ring)
    return {one: RingGroup(one, tuple(some)) for one, some in sorted(found.items())}


def read_view(store: Store, known: RunView | None) -> tuple[RunView, str]:
    """Returns the view of the current run, the known one if it is of that run, and the mark of the store's state."""
    standing = store.standing()
    run = standing.run
    if known is not None and known.run_id == (run.run_id if run else ""):
        return known, standing.mark
    rings: list[Ring] = []
    while page := store.rings(PAGE_ROWS, rings[-1].ring_id if rings else None):
        rings += page
    return RunView(run, rings), standing.mark


class Views:
    """The view of the current run: looked up again when it is older than `fresh_s`, kept while the store is away.

    `mark` is that of the store when the run was looked up last, `moment` what that found to be published. `exact` tells
    that nothing was changed in the store since the view's rings were read.
    """

    def __init__(self, fresh_s: float) -> None:
        self._fresh_s = fresh_s
        self._view: RunView | None = None
        self._read = -1e9
        self.away = False
        self.mark = ""
        self._read_at = ""
        self.moment: Moment = {}

    @property
    def exact(self) -> bool:
        """Returns whether the store holds the view's rings as they are in it."""
        return bool(self.mark) and self.mark == self._read_at

    async def current(self, read: Callable[[Callable[[Store], tuple[RunView, str]], Moment], Any]) -> RunView:
        """Returns the view, read through `read` where it may be out of date.

        While the store cannot be reached it is the last one, and `away` is true; StoreUnavailable before the first.
        """
        known = self._view
        if known is not None and not self.away and time.monotonic() - self._read < self._fresh_s:
            return known
        moment: Moment = {}
        try:
            found: tuple[RunView, str] = await read(lambda store: read_view(store, known), moment)
            view, self.mark = found
            self.moment = moment
            if view is not known:
                self._view, self._read_at = view, self.mark
            self.away = False
        except StoreUnavailable:
            if known is None:
                raise
            self.away = True
            return known
        self._read = time.monotonic()
        return view

"""What one request reads from the store: each thing once, and what is asked for together in one call.

Keys asked for in the same step of the execution are collected and read by one visit to a store thread.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from strawberry.dataloader import DataLoader

from linkage.model.rings import Account, Evidence, Link, Member, Ring, RingEvent, Run, Use
from linkage.serve.access.roles import LOCAL, Principal
from linkage.serve.pool import StorePool
from linkage.stores.base import GraphCounts, Store
from linkage.stores.deadline import deadline, seconds_left

K = TypeVar("K")
V = TypeVar("V")
Page = tuple[str, int]
"""An id and how many of its things are wanted."""
Pair = tuple[str, str]
Explain = Callable[[Store, Sequence[Pair]], Sequence[Evidence | None]]
"""Says for each pair of accounts why they are linked; None if one of the two is unknown."""


class Loaders:
    """The reads of one request; results are kept until it ends, so equal reads happen once."""

    def __init__(self, pool: StorePool, explain: Explain, seconds: float, principal: Principal = LOCAL) -> None:
        self.principal = principal
        self.reads = 0
        self._pool = pool
        self._explain = explain
        self._ends = time.monotonic() + seconds
        self.account: DataLoader[str, Account | None] = DataLoader(self._accounts, max_batch_size=1000)
        self.ring: DataLoader[str, Ring | None] = DataLoader(self._each(_ring))
        self.rings: DataLoader[tuple[int, str | None], list[Ring]] = DataLoader(self._each(_rings))
        self.uses: DataLoader[Page, list[Use]] = DataLoader(self._each(_uses))
        self.links: DataLoader[Page, list[Link]] = DataLoader(self._each(_links))
        self.members: DataLoader[Page, list[Member]] = DataLoader(self._each(_members))
        self.ring_links: DataLoader[Page, list[Link]] = DataLoader(self._each(_ring_links))
        self.events: DataLoader[Page, list[RingEvent]] = DataLoader(self._each(_events))
        self.evidence: DataLoader[Pair, Evidence | None] = DataLoader(self._evidence, max_batch_size=100)
        self._run: DataLoader[None, Run | None] = DataLoader(self._each(_current_run))
        self._counts: DataLoader[None, GraphCounts] = DataLoader(self._each(_counts))

    async def current_run(self) -> Run | None:
        """Returns the published run."""
        return await self._run.load(None)

    async def counts(self) -> GraphCounts:
        """Returns how much the store holds."""
        return await self._counts.load(None)

    async def _accounts(self, ids: Sequence[str]) -> list[Account | None]:
        found = await self.read(lambda store: store.accounts(ids))
        return [found.get(account_id) for account_id in ids]

    async def _evidence(self, pairs: Sequence[Pair]) -> list[Evidence | None]:
        return list(await self.read(lambda store: self._explain(store, pairs)))

    async def read(self, call: Callable[[Store], V]) -> V:
        """Returns what the call returns of the store. It ends by the request's deadline, in the store as well: the
        thread of a request that has timed out is not cancelled."""
        self.reads += 1
        return await self._pool.run(partial(_in_time, self._ends, call))

    def _each(self, read: Callable[[Store, K], V]) -> Callable[[Sequence[K]], Awaitable[list[V]]]:
        """Returns a loader that reads key by key in one visit."""

        async def load(keys: Sequence[K]) -> list[V]:
            return await self.read(lambda store: [read(store, key) for key in keys if seconds_left()])

        return load


def _in_time(ends: float, call: Callable[[Store], V], store: Store) -> V:
    with deadline(ends):
        seconds_left()
        return call(store)


def _ring(store: Store, ring_id: str) -> Ring | None:
    return store.ring(ring_id)


def _rings(store: Store, page: tuple[int, str | None]) -> list[Ring]:
    return store.rings(limit=page[0], after=page[1])


def _uses(store: Store, page: Page) -> list[Use]:
    return store.uses(page[0], limit=page[1])


def _links(store: Store, page: Page) -> list[Link]:
    return store.links(page[0], limit=page[1])


def _members(store: Store, page: Page) -> list[Member]:
    return store.members(page[0], limit=page[1])


def _ring_links(store: Store, page: Page) -> list[Link]:
    return store.ring_links(page[0], limit=page[1])


def _events(store: Store, page: Page) -> list[RingEvent]:
    return store.events(page[0], limit=page[1])


def _current_run(store: Store, _: None) -> Run | None:
    return store.current_run()


def _counts(store: Store, _: None) -> GraphCounts:
    return store.counts()

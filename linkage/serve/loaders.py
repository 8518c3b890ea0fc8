"""What one request reads from the store: each thing once, and what is asked for together in one call.

Keys asked for in the same step of the execution are collected and read by one visit to a store thread, in one
statement: a list with something about each of its elements costs one, however long it is.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from linkage.errors import StoreUnavailable
from linkage.model.rings import Account, Evidence, Identifier, Link, Member, Ring, RingEvent, Run, Use
from linkage.serve.access.audit import AuditLog
from linkage.serve.access.roles import LOCAL, Principal
from linkage.serve.acts import Acts
from linkage.serve.batches import Batches
from linkage.serve.exports import Exports
from linkage.serve.pool import StorePool
from linkage.serve.recent import Recent
from linkage.serve.tracing import Tracing
from linkage.serve.view import RunView, Views
from linkage.stores.base import GraphCounts, Store
from linkage.stores.deadline import deadline, seconds_left
from linkage.stores.moment import Moment, at

V = TypeVar("V")
Page = tuple[str, int]
"""An id and how many of its things are wanted."""
Pair = tuple[str, str]
Explain = Callable[[Store, Sequence[Pair]], Sequence[Evidence | None]]
"""Says for each pair of accounts why they are linked; None if one of the two is unknown."""


class Loaders:
    """The reads of one request; results are kept until it ends, so equal reads happen once.

    `closing` tells whether the service is about to end; `pause_s` is how long a subscription waits between looks.
    `acts` changes the store, `changed` says that it was changed; what is unmasked is noted in `audit`.
    """

    def __init__(
        self,
        pool: StorePool,
        explain: Explain,
        seconds: float,
        views: Views,
        principal: Principal = LOCAL,
        tracing: Tracing | None = None,
        closing: Callable[[], bool] = lambda: False,
        pause_s: float = 1.0,
        acts: Acts | None = None,
        exports: Exports | None = None,
        changed: Callable[[], None] = lambda: None,
        audit: AuditLog | None = None,
        recent: Recent | None = None,
    ) -> None:
        self.acts = acts
        self.exports = exports
        self.changed = changed
        self.audit = audit
        self._recent = recent
        self.principal = principal
        self.closing = closing
        self.pause_s = pause_s
        self._seconds = seconds
        self._tracing = tracing or Tracing()
        self._views = views
        self.reads = 0
        self._moment: Moment = {}
        self._lost: StoreUnavailable | None = None
        self._pool = pool
        self._explain = explain
        self._ends = time.monotonic() + seconds
        self.account: Batches[str, Account | None] = self._by_id("account", lambda store, ids: store.accounts(ids))
        self.ring: Batches[str, Ring | None] = Batches(self._rings, name="ring")
        self.identifier: Batches[str, Identifier | None] = self._by_id(
            "identifier", lambda store, keys: store.identifiers(keys)
        )
        self.uses: Batches[Page, list[Use]] = self._pages("uses", lambda store, ids, n: store.uses_of(ids, n))
        self.links: Batches[Page, list[Link]] = self._pages("links", lambda store, ids, n: store.links_of(ids, n))
        self.members: Batches[Page, list[Member]] = self._pages(
            "members", lambda store, ids, n: store.members_of(ids, n)
        )
        self.ring_links: Batches[Page, list[Link]] = self._pages(
            "ring_links", lambda store, ids, n: store.ring_links_of(ids, n)
        )
        self.events: Batches[Page, list[RingEvent]] = self._pages(
            "events", lambda store, ids, n: store.events_of(ids, n)
        )
        self.users: Batches[tuple[str, int, str], list[str]] = Batches(self._users, name="users")
        self.evidence: Batches[Pair, Evidence | None] = Batches(self._evidence, most=100)
        self._view: Batches[None, RunView] = Batches(self._seen)
        self._counts: Batches[None, GraphCounts] = Batches(self._each(lambda store: store.counts()))

    def renewed(self) -> Loaders:
        """Returns loaders for the next step of what goes on for long, with a deadline of their own and nothing kept."""
        return Loaders(
            self._pool,
            self._explain,
            self._seconds,
            self._views,
            self.principal,
            self._tracing,
            self.closing,
            self.pause_s,
            self.acts,
            self.exports,
            self.changed,
            self.audit,
        )

    def remember(self, run_id: str, mark: str = "") -> None:
        """Answers from what was read lately of this run, the current one, and keeps for others what it reads."""
        if self._recent is None:
            return
        memory = self._recent.of(run_id, mark)
        graph: Sequence[Batches[Any, Any]] = (self.account, self.identifier, self.uses, self.links, self.users)
        run: Sequence[Batches[Any, Any]] = (self.ring, self.members, self.ring_links, self.events)
        for one in (*graph, *run):
            one.remember(memory)

    async def current_run(self) -> Run | None:
        """Returns the published run."""
        return (await self.view()).run

    async def view(self) -> RunView:
        """Returns the rings of the published run; of the last one known, while the store cannot be reached."""
        return await self._view.load(None)

    @property
    def away(self) -> bool:
        """Returns whether the store could not be reached when the run was looked up last."""
        return self._views.away

    @property
    def mark(self) -> str:
        """Returns the mark of the store's state when the run was looked up last."""
        return self._views.mark

    async def _seen(self, keys: Sequence[None]) -> list[RunView]:
        found = [await self._views.current(self.read) for _ in keys]
        self._moment = self._views.moment  # what follows is read of the run that was looked up
        return found

    async def _rings(self, ids: Sequence[str]) -> list[Ring | None]:
        """Returns rings, None for those that are unknown; from the view where the store holds the same."""
        known: Mapping[str, Ring] = {}
        if self._recent is not None and self._recent.on:
            view = await self.view()
            known = view.by_id if self._views.exact else {}
        wanted = [one for one in ids if one not in known]
        found = await self.read(lambda store: store.rings_by_id(wanted)) if wanted else {}
        return [known.get(one) or found.get(one) for one in ids]

    async def counts(self) -> GraphCounts:
        """Returns how much the store holds."""
        return await self._counts.load(None)

    async def read(self, call: Callable[[Store], V], moment: Moment | None = None) -> V:
        """Returns what the call returns of the store. It ends by the request's deadline, in the store as well: the
        thread of a request that has timed out is not cancelled."""
        if self._lost is not None:
            raise self._lost
        self.reads += 1
        with self._tracing.read():
            try:
                return await self._pool.run(
                    partial(_in_time, self._ends, self._moment if moment is None else moment, call)
                )
            except StoreUnavailable as error:
                self._lost = error  # one request waits for a store that is away once
                raise

    async def _evidence(self, pairs: Sequence[Pair]) -> list[Evidence | None]:
        return list(await self.read(lambda store: self._explain(store, pairs)))

    async def _users(self, pages: Sequence[tuple[str, int, str]]) -> list[list[str]]:
        """Returns users of identifiers; pages of one length behind one account are read together."""
        found: dict[tuple[str, int, str], list[str]] = {}
        for _, limit, after in dict.fromkeys((None, *page[1:]) for page in pages):
            keys = [page[0] for page in pages if page[1:] == (limit, after)]
            users = await self.read(partial(_users_of, keys, limit, after))
            found |= {(key, limit, after): users.get(key, []) for key in keys}
        return [found[page] for page in pages]

    def _by_id(self, name: str, read: Callable[[Store, list[str]], dict[str, V]]) -> Batches[str, V | None]:
        """Returns a loader of things by id, None for those that are unknown."""

        async def load(ids: Sequence[str]) -> list[V | None]:
            found = await self.read(lambda store: read(store, list(ids)))
            return [found.get(one) for one in ids]

        return Batches(load, name=name)

    def _pages(self, name: str, read: Callable[[Store, list[str], int], dict[str, list[V]]]) -> Batches[Page, list[V]]:
        """Returns a loader of the first things of each of several ids; equal lengths are read together."""

        async def load(pages: Sequence[Page]) -> list[list[V]]:
            by_length: dict[int, list[str]] = defaultdict(list)
            for one, limit in pages:
                by_length[limit].append(one)
            found = {limit: await self.read(_reading(read, ids, limit)) for limit, ids in by_length.items()}
            return [found[limit].get(one, []) for one, limit in pages]

        return Batches(load, name=name)

    def _each(self, read: Callable[[Store], V]) -> Any:  # what a Batches takes
        async def load(keys: Sequence[None]) -> list[V]:
            return [await self.read(read) for _ in keys]

        return load


def _reading(
    read: Callable[[Store, list[str], int], dict[str, list[V]]], ids: list[str], limit: int
) -> Callable[[Store], dict[str, list[V]]]:
    return lambda store: read(store, ids, limit)


def _users_of(keys: list[str], limit: int, after: str, store: Store) -> dict[str, list[str]]:
    return store.users_of(keys, limit, after)


def _in_time(ends: float, moment: Moment, call: Callable[[Store], V], store: Store) -> V:
    with deadline(ends), at(moment):
        seconds_left()
        return call(store)

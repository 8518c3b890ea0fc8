"""Reads that are asked for together are made together, each thing once.

As a DataLoader does it, but with one future for a batch instead of one for each key: a list of 50 accounts with what
they used asks for a hundred keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
MOST = 1_000
"""Keys that are read in one call."""


class Batches(Generic[K, V]):
    """Values by key, read by a call that returns one for each of the keys it is given; used by one event loop."""

    def __init__(self, read: Callable[[list[K]], Awaitable[Sequence[V]]], most: int = MOST) -> None:
        self._read = read
        self._most = most
        self._batch_of: dict[K, asyncio.Future[dict[K, V]]] = {}
        self._open: list[K] = []
        self._future: asyncio.Future[dict[K, V]] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V:
        """Returns the value of one key."""
        return (await self.load_many([key]))[0]

    async def load_many(self, keys: Sequence[K]) -> list[V]:
        """Returns the values of keys in their order; raises what the read of any of them raised."""
        batch_of = self._batch_of
        for key in keys:
            if key not in batch_of:
                batch_of[key] = self._joined(key)
        batches = {id(batch): batch for batch in map(batch_of.__getitem__, keys)}
        found: dict[K, V] = {}
        for batch in batches.values():
            values = await asyncio.shield(batch)  # others wait for it as well
            found = {**found, **values} if found else values
        return [found[key] for key in keys]

    def _joined(self, key: K) -> asyncio.Future[dict[K, V]]:
        """Returns the batch that a new key is read with: all that is asked for before the loop comes around."""
        if self._future is None or len(self._open) >= self._most:
            loop = asyncio.get_running_loop()
            self._open, self._future = [], loop.create_future()
            loop.call_soon(self._start, self._open, self._future)
        self._open.append(key)
        return self._future

    def _start(self, keys: list[K], future: asyncio.Future[dict[K, V]]) -> None:
        task = asyncio.get_running_loop().create_task(self._fill(keys, future))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fill(self, keys: list[K], future: asyncio.Future[dict[K, V]]) -> None:
        if self._future is future:
            self._future = None
        try:
            values = await self._read(keys)
            future.set_result(dict(zip(keys, values, strict=True)))
        except Exception as error:  # it is told to all that wait for the batch
            future.set_exception(error)
            future.exception()  # told, or wanted by nobody any more

"""Reads that are asked for together are made together, each thing once.

As a DataLoader does it, but with one future for a batch instead of one for each key: a list of 50 accounts with what
they used asks for a hundred keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from linkage.serve.recent import Memory

K = TypeVar("K")
V = TypeVar("V")
MOST = 1_000
"""Keys that are read in one call."""


class Batches(Generic[K, V]):
    """Values by key, read by a call that returns one for each of the keys it is given; used by one event loop.

    What it reads is kept as long as it lives. With a memory, what is remembered under `name` is not read.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[Sequence[V]]], most: int = MOST, name: str = "") -> None:
        self._read = read
        self._most = most
        self._name = name
        self._memory: Memory | None = None
        self._known: dict[K, V] = {}
        self._batch_of: dict[K, asyncio.Future[None]] = {}
        self._open: list[K] = []
        self._future: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def remember(self, memory: Memory) -> None:
        """Reads from now on only what the memory does not hold."""
        self._memory = memory

    async def load(self, key: K) -> V:
        """Returns the value of one key."""
        return (await self.load_many([key]))[0]

    async def load_many(self, keys: Sequence[K]) -> list[V]:
        """Returns the values of keys in their order; raises what the read of any of them raised."""
        known = self._known
        missing = [key for key in keys if key not in known]
        if missing and self._memory is not None:
            known |= cast("dict[K, V]", self._memory.found(self._name, missing))
            missing = [key for key in missing if key not in known]
        if missing:
            batch_of = self._batch_of
            for key in missing:
                if key not in batch_of:
                    batch_of[key] = self._joined(key)
            for batch in {id(batch): batch for batch in map(batch_of.__getitem__, missing)}.values():
                await asyncio.shield(batch)  # others wait for it as well
        return [known[key] for key in keys]

    def _joined(self, key: K) -> asyncio.Future[None]:
        """Returns the batch that a new key is read with: all that is asked for before the loop comes around."""
        if self._future is None or len(self._open) >= self._most:
            loop = asyncio.get_running_loop()
            self._open, self._future = [], loop.create_future()
            loop.call_soon(self._start, self._open, self._future)
        self._open.append(key)
        return self._future

    def _start(self, keys: list[K], future: asyncio.Future[None]) -> None:
        task = asyncio.get_running_loop().create_task(self._fill(keys, future))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fill(self, keys: list[K], future: asyncio.Future[None]) -> None:
        if self._future is future:
            self._future = None
        memory = self._memory
        try:
            values = dict(zip(keys, await self._read(keys), strict=True))
            self._known |= values
            if memory is not None:
                memory.keep(self._name, values)
            future.set_result(None)
        except Exception as error:  # it is told to all that wait for the batch
            future.set_exception(error)
            future.exception()  # told, or wanted by nobody any more

"""The one way from the event loop to a store: threads that share one, or have one each."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from linkage.errors import LinkageError, StoreUnavailable
from linkage.stores.base import Capability, Store

T = TypeVar("T")


class StorePool:
    """Calls a store in threads.

    A store that declares CONCURRENT_READS is opened once and shared; any other is opened once in each
    thread, so that one thread at a time uses it, and given up when it cannot be reached.
    """

    def __init__(self, open_store: Callable[[], Store], threads: int) -> None:
        self._open_store = open_store
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="linkage-store")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._shared: Store | None = None
        self._opened: list[Store] = []

    async def run(self, call: Callable[[Store], T]) -> T:
        """Returns what `call` returns; cancelled, it is dropped unless a thread has begun it.

        StoreUnavailable: the store cannot be opened or reached; the next call tries again.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, call)

    def check(self) -> None:
        """Opens the store and pings it; StoreUnavailable if it cannot be reached."""
        self._threads.submit(self._call, lambda store: store.ping()).result()

    def close(self) -> None:
        """Waits for the calls that have begun, then closes every store."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for store in list(self._opened):
            self._give_up(store)

    def _call(self, call: Callable[[Store], T]) -> T:
        store = self._store()
        try:
            return call(store)
        except StoreUnavailable:
            if store is not self._shared:  # a shared one reconnects by itself; others are reading from it
                self._give_up(store)
            raise

    def _store(self) -> Store:
        held: Store | None = self._shared or getattr(self._local, "store", None)
        if held is not None:
            return held
        with self._lock:  # a local server is started once, not raced for
            if self._shared is not None:
                return self._shared
            store = self._open_store()
            self._opened.append(store)
            if Capability.CONCURRENT_READS in store.capabilities:
                self._shared = store
            else:
                self._local.store = store
        return store

    def _give_up(self, store: Store) -> None:
        with self._lock:
            self._opened.remove(store)
        if getattr(self._local, "store", None) is store:
            del self._local.store
        with contextlib.suppress(LinkageError):  # it is given up either way
            store.close()

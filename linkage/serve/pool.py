"""The one way from the event loop to a store: threads that share one, or have one each."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from linkage.errors import LinkageError, StoreUnavailable
from linkage.stores.base import Capability, Store

T = TypeVar("T")
GRACE_S = 1.0
"""Seconds past its deadline after which a call is held to hang."""
WATCH_S = 0.5
"""How often calls are looked at."""


class StorePool:
    """Calls a store in threads.

    A store that declares CONCURRENT_READS is opened once and shared; any other is opened once in each
    thread, so that one thread at a time uses it, and given up when it cannot be reached.

    A call ends by its deadline, in the store too. One that does not within `longest_s`, since its server has fallen
    silent, would hold its thread until the connection is given up, if ever: the store is closed under it.
    """

    def __init__(self, open_store: Callable[[], Store], threads: int, longest_s: float = math.inf) -> None:
        self._open_store = open_store
        self._longest_s = longest_s
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="linkage-store")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._shared: Store | None = None
        self._opened: list[Store] = []
        self._running: dict[int, tuple[Store, float]] = {}
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

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
        self._ended.set()
        for store in list(self._opened):
            self._give_up(store)

    def _call(self, call: Callable[[Store], T]) -> T:
        store = self._store()
        self._running[threading.get_ident()] = store, time.monotonic() + self._longest_s
        try:
            return call(store)
        except StoreUnavailable:
            if store is not self._shared:  # a shared one reconnects by itself; others are reading from it
                self._give_up(store)
            raise
        finally:
            self._running.pop(threading.get_ident(), None)

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
                self._watch(store)
            else:
                self._local.store = store
        return store

    def _watch(self, store: Store) -> None:
        """Begins to look after the calls of a shared store that is no file of this machine."""
        if self._watcher is None and Capability.EMBEDDED not in store.capabilities and self._longest_s < math.inf:
            self._watcher = threading.Thread(target=self._look_after, name="linkage-store-watch", daemon=True)
            self._watcher.start()

    def _look_after(self) -> None:
        while not self._ended.wait(WATCH_S):
            now = time.monotonic()
            late = [(thread, store) for thread, (store, until) in list(self._running.items()) if until < now]
            for thread, store in late:
                if thread in self._running:
                    self._running[thread] = store, now + self._longest_s
            for store in {store for _, store in late}:
                # closing says goodbye to the server, and so may itself take its time
                threading.Thread(target=self._give_up, args=(store,), name="linkage-rescue", daemon=True).start()

    def _give_up(self, store: Store) -> None:
        with self._lock:
            if store in self._opened:
                self._opened.remove(store)
            if self._shared is store:
                self._shared = None
        if getattr(self._local, "store", None) is store:
            del self._local.store
        with contextlib.suppress(LinkageError):  # it is given up either way
            store.close()

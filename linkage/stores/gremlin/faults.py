"""The one place where errors of the Gremlin driver become errors of linkage.

A server tells of an error by a status code and the classes of the exceptions behind it; those decide, never the text,
which holds the request and with it the values that were sent.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import aiohttp
from gremlin_python.driver.protocol import ConfigurationError, GremlinServerError

from linkage.errors import DeadlinePassed, LinkageError, SettingsError, StoreConflict, StoreError, StoreUnavailable

AWAY = "does not answer; is it running, and is the address right?"
REFUSED = "refuses the user or the password; check LINKAGE_USER and LINKAGE_PASSWORD"
WRONG = "cannot be used with this address or encryption; check the store URL (gremlin+ws:// or gremlin+wss://)"
BUSY = "gave up a write that others were in the way of; the same command may succeed now"
LATE = "took longer than it was given; ask for less at once"
LARGE = "takes no request of this size: raise maxContentLength in the server's settings to 10485760 or more"
FAILED = "failed"

CODES: dict[int, tuple[type[LinkageError], str]] = {
    401: (SettingsError, REFUSED),
    403: (SettingsError, REFUSED),
    407: (SettingsError, REFUSED),
    598: (DeadlinePassed, LATE),
}
"""Status codes of the server that say enough."""

CLASSES: dict[str, tuple[type[LinkageError], str]] = {
    "org.janusgraph.diskstorage.locking.TemporaryLockingException": (StoreConflict, BUSY),
    "org.janusgraph.diskstorage.locking.PermanentLockingException": (StoreConflict, BUSY),
    "com.sleepycat.je.LockConflictException": (StoreConflict, BUSY),
    "com.sleepycat.je.LockTimeoutException": (StoreConflict, BUSY),
    "com.sleepycat.je.DeadlockException": (StoreConflict, BUSY),
    "com.sleepycat.je.TransactionTimeoutException": (StoreConflict, BUSY),
    "java.util.ConcurrentModificationException": (StoreConflict, BUSY),
    "org.apache.tinkerpop.gremlin.structure.util.TransactionException": (StoreConflict, BUSY),
    "com.datastax.oss.driver.api.core.AllNodesFailedException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.NoNodeAvailableException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.DriverTimeoutException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.servererrors.UnavailableException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.servererrors.ReadTimeoutException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.servererrors.WriteTimeoutException": (StoreUnavailable, AWAY),
    "com.datastax.oss.driver.api.core.servererrors.OverloadedException": (StoreUnavailable, AWAY),
    "org.janusgraph.diskstorage.TemporaryBackendException": (StoreUnavailable, AWAY),
}
"""Classes of Java's exceptions; the first of this list that is behind an error decides."""

LOST_CAUSE = "org.janusgraph.core.JanusGraphException"
"""Alone, without a cause: of reads that JanusGraph ran side by side, some failed, and it keeps only how many
(BackendTransaction.edgeStoreMultiQuery). What such reads meet in practice are the locks of another's write."""

FAULTS: tuple[tuple[type[BaseException], type[LinkageError], str], ...] = (
    (ConfigurationError, SettingsError, REFUSED),
    (ssl.SSLError, SettingsError, WRONG),
    (aiohttp.ClientSSLError, SettingsError, WRONG),
    (aiohttp.WSServerHandshakeError, SettingsError, WRONG),
    (aiohttp.InvalidURL, SettingsError, WRONG),
    (aiohttp.ClientError, StoreUnavailable, AWAY),
    (asyncio.TimeoutError, StoreUnavailable, AWAY),
    (OSError, StoreUnavailable, AWAY),
    (RuntimeError, StoreUnavailable, AWAY),  # the driver's own word for a connection that was closed
)
"""Classes of the driver and of what it connects by; the first that fits decides."""


_MAPPED = (GremlinServerError, *(base for base, _, _ in FAULTS))


def hush() -> None:
    """Stops the driver from logging what a server says of an error: the request, with every value in it."""
    logging.getLogger("gremlinpython").setLevel(logging.CRITICAL + 1)


def fault(error: BaseException, work: str, url: str) -> LinkageError:
    """Returns what a driver's error becomes; `work` says what was tried."""
    if isinstance(error, GremlinServerError):
        names: Sequence[str] = (error.status_attributes or {}).get("exceptions", ())
        kind, sentence = CODES.get(error.status_code) or _behind(names)
        told = names[-1].rsplit(".", 1)[-1] if names else "no exception"
        return kind(f"{url} {sentence} ({work}: {error.status_code}, {told})")
    kind, sentence = next((kind, said) for base, kind, said in FAULTS if isinstance(error, base))
    return kind(f"{url} {sentence} ({work}: {type(error).__name__})")


def _behind(names: Sequence[str]) -> tuple[type[LinkageError], str]:
    if not names:
        return StoreUnavailable, AWAY  # the driver's own error, where a server ended the connection
    if list(names) == [LOST_CAUSE]:
        return StoreConflict, BUSY
    return next((CLASSES[name] for name in CLASSES if name in names), (StoreError, FAILED))


def is_broken(error: BaseException) -> bool:
    """Returns whether the connection on which the error came is of no use any more."""
    return not isinstance(error, GremlinServerError) or not (error.status_attributes or {}).get("exceptions")


@contextmanager
def mapped(work: str, url: str) -> Iterator[None]:
    """Raises errors of linkage where the driver raises its own."""
    try:
        yield
    except _MAPPED as error:
        raise fault(error, work, url) from error

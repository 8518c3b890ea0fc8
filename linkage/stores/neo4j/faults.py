"""The one place where errors of the Neo4j driver become errors of linkage.

A message names the query and the server's error code, never the server's own text: that can hold values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions as driver

from linkage.errors import DeadlinePassed, LinkageError, SettingsError, StoreConflict, StoreError, StoreUnavailable

AWAY = "does not answer; is it running, and is the address right? `linkage neo4j status` tells of the local one"
REFUSED = "refuses the user or the password; check LINKAGE_USER and LINKAGE_PASSWORD"
BUSY = "gave up a write that others were in the way of; the same command may succeed now"
WRONG = "cannot be used with this address, encryption or database; check the store URL"
FAILED = "failed"
LATE = "took longer than it was given; ask for less at once"
NO_MEMORY = "ran out of memory for one transaction; give it more (dbms.memory.transaction.total.max)"

FAULTS: dict[type[Exception], tuple[type[LinkageError], str]] = {
    driver.ServiceUnavailable: (StoreUnavailable, AWAY),
    driver.SessionExpired: (StoreUnavailable, AWAY),
    driver.ConnectionPoolError: (StoreUnavailable, AWAY),
    driver.DatabaseUnavailable: (StoreUnavailable, AWAY),
    driver.AuthError: (SettingsError, REFUSED),
    driver.Forbidden: (SettingsError, REFUSED),
    driver.ConfigurationError: (SettingsError, WRONG),
    driver.TransientError: (StoreConflict, BUSY),
    driver.ClientError: (StoreError, FAILED),
    driver.DatabaseError: (StoreError, FAILED),
    driver.ResultError: (StoreError, FAILED),
    driver.TransactionError: (StoreError, FAILED),
    driver.SessionError: (StoreError, FAILED),
    driver.BrokenRecordError: (StoreError, FAILED),
    driver.Neo4jError: (StoreError, FAILED),
    driver.DriverError: (StoreError, FAILED),
    driver.GqlError: (StoreError, FAILED),
    OSError: (StoreUnavailable, AWAY),  # what the driver lets through of a connection that is reset while it is made
}
"""Driver classes with what they become; a class counts for those below it that are not named."""

CODES: dict[str, tuple[type[LinkageError], str]] = {
    "Neo.ClientError.Database.DatabaseNotFound": (SettingsError, WRONG),
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": (StoreError, NO_MEMORY),
    "Neo.TransientError.General.OutOfMemoryError": (StoreError, NO_MEMORY),
    "Neo.ClientError.Transaction.TransactionTimedOut": (DeadlinePassed, LATE),
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": (DeadlinePassed, LATE),
    "Neo.TransientError.Transaction.MaximumTransactionLimitReached": (StoreUnavailable, AWAY),
}
"""Server codes that say more than the class of the error."""


def fault(error: Exception, work: str, url: str) -> LinkageError:
    """Returns what a driver's error becomes; `work` is the name of the query or of what was tried."""
    code = getattr(error, "code", None) or ""
    near = next(base for base in type(error).__mro__ if base in FAULTS)
    kind, sentence = CODES.get(code, FAULTS[near])
    return kind(f"{url} {sentence} ({work}: {code or type(error).__name__})")


@contextmanager
def mapped(work: str, url: str) -> Iterator[None]:
    """Raises errors of linkage where the driver raises its own."""
    try:
        yield
    except (driver.GqlError, driver.DriverError, OSError) as error:
        raise fault(error, work, url) from error

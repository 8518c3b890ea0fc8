"""Every error of the driver becomes one of linkage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from neo4j import exceptions as driver

from linkage.errors import LinkageError, SettingsError, StoreConflict, StoreError, StoreUnavailable
from linkage.stores.neo4j.faults import FAULTS, fault, mapped

URL = "bolt://127.0.0.1:7687"
EXPECTED: dict[str, type[LinkageError]] = {
    "AuthConfigurationError": SettingsError,
    "AuthError": SettingsError,
    "BrokenRecordError": StoreError,
    "CertificateConfigurationError": SettingsError,
    "ClientError": StoreError,
    "ConfigurationError": SettingsError,
    "ConnectionAcquisitionTimeoutError": StoreUnavailable,
    "ConnectionPoolError": StoreUnavailable,
    "ConstraintError": StoreError,
    "CypherSyntaxError": StoreError,
    "CypherTypeError": StoreError,
    "DatabaseError": StoreError,
    "DatabaseUnavailable": StoreUnavailable,
    "DriverError": StoreError,
    "Forbidden": SettingsError,
    "ForbiddenOnReadOnlyDatabase": StoreConflict,
    "GqlError": StoreError,
    "IncompleteCommit": StoreUnavailable,
    "Neo4jError": StoreError,
    "NotALeader": StoreConflict,
    "ReadServiceUnavailable": StoreUnavailable,
    "ResultConsumedError": StoreError,
    "ResultError": StoreError,
    "ResultFailedError": StoreError,
    "ResultNotSingleError": StoreError,
    "RoutingServiceUnavailable": StoreUnavailable,
    "ServiceUnavailable": StoreUnavailable,
    "SessionError": StoreError,
    "SessionExpired": StoreUnavailable,
    "TokenExpired": SettingsError,
    "TransactionError": StoreError,
    "TransactionNestingError": StoreError,
    "TransientError": StoreConflict,
    "UnsupportedServerProduct": SettingsError,
    "WriteServiceUnavailable": StoreUnavailable,
}


def _classes(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for below in base.__subclasses__():
        yield from _classes(below)


CLASSES = {found.__name__: found for root in (driver.GqlError, driver.DriverError) for found in _classes(root)}


def _error(kind: type[Exception], code: str = "") -> Exception:
    error = kind.__new__(kind)
    Exception.__init__(error, "the server says: secret-value-4711")
    if code:
        error._neo4j_code = code  # type: ignore[attr-defined]
    return error


def test_no_class_of_the_driver_is_missed() -> None:
    ours = {name for name, kind in CLASSES.items() if kind.__module__.startswith("neo4j")}
    assert ours == set(EXPECTED)
    assert {kind.__name__ for kind in FAULTS} - {"OSError"} <= set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_driver_error_becomes_ours(name: str) -> None:
    found = fault(_error(CLASSES[name]), "serve/list_rings", URL)
    assert type(found) is EXPECTED[name]
    assert URL in str(found)
    assert "serve/list_rings" in str(found)
    assert "4711" not in str(found), "the server's text can hold values"


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        (driver.ClientError, "Neo.ClientError.Database.DatabaseNotFound", SettingsError),
        (driver.TransientError, "Neo.TransientError.General.MemoryPoolOutOfMemoryError", StoreError),
        (driver.TransientError, "Neo.TransientError.Transaction.DeadlockDetected", StoreConflict),
    ],
)
def test_a_code_says_more_than_a_class(kind: type[Exception], code: str, expected: type[LinkageError]) -> None:
    found = fault(_error(kind, code), "load/merge_uses", URL)
    assert type(found) is expected
    assert code in str(found)


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(KeyError), mapped("anything", URL):
        raise KeyError("mine")
    with pytest.raises(StoreUnavailable) as found, mapped("connecting", URL):
        raise driver.ServiceUnavailable("gone")
    assert found.value.transient
    assert isinstance(found.value.__cause__, driver.ServiceUnavailable)
    with pytest.raises(StoreUnavailable), mapped("connecting", URL):
        raise OSError(107, "not connected: it was reset while it was made")

"""Every error of the driver, and of what it connects by, becomes one of linkage, without what a server says."""

from __future__ import annotations

import ssl
from typing import Any

import aiohttp
import pytest
from gremlin_python.driver import protocol
from gremlin_python.driver.protocol import GremlinServerError

from linkage.errors import DeadlinePassed, LinkageError, SettingsError, StoreConflict, StoreError, StoreUnavailable
from linkage.stores.gremlin.faults import CLASSES, CODES, fault, is_broken, mapped

URL = "gremlin+ws://store:8182"
SECRET = "acct_123 4111111111111111"


def told(code: int, *names: str) -> GremlinServerError:
    """Returns an error as a server tells it: with the request, and its values, in the message."""
    attributes: dict[str, Any] = {"exceptions": list(names)} if names else {}
    return GremlinServerError({"code": code, "message": SECRET, "attributes": attributes})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (told(500, "java.lang.IllegalArgumentException"), StoreError),
        (told(500), StoreUnavailable),
        (told(401, "x.AuthenticationException"), SettingsError),
        (told(598, "java.util.concurrent.TimeoutException"), DeadlinePassed),
        (told(500, "org.janusgraph.core.JanusGraphException", "x.y.Cause"), StoreError),
        (told(500, "org.janusgraph.core.JanusGraphException"), StoreConflict),
        (
            told(
                500,
                "org.janusgraph.core.JanusGraphException",
                "org.janusgraph.diskstorage.TemporaryBackendException",
                "org.janusgraph.diskstorage.locking.PermanentLockingException",
            ),
            StoreConflict,
        ),
        (
            told(
                500,
                "org.janusgraph.diskstorage.TemporaryBackendException",
                "com.datastax.oss.driver.api.core.AllNodesFailedException",
            ),
            StoreUnavailable,
        ),
        (told(500, "com.sleepycat.je.LockTimeoutException"), StoreConflict),
        (protocol.ConfigurationError(SECRET), SettingsError),
        (aiohttp.ServerDisconnectedError(), StoreUnavailable),
        (aiohttp.InvalidURL(SECRET), SettingsError),
        (ssl.SSLCertVerificationError(SECRET), SettingsError),
        (ConnectionRefusedError(SECRET), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (RuntimeError("Connection was closed by server."), StoreUnavailable),
    ],
)
def test_an_error_becomes_one_of_linkage_and_tells_no_value(error: Exception, kind: type[LinkageError]) -> None:
    with pytest.raises(LinkageError) as raised, mapped("merge Account", URL):
        raise error
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value)
    assert f"{URL} " in str(raised.value)
    assert "merge Account" in str(raised.value)


def test_what_may_be_tried_again_is_transient() -> None:
    kinds = [kind for kind, _ in (*CODES.values(), *CLASSES.values())]
    assert {kind for kind in kinds if kind.transient} == {StoreConflict, StoreUnavailable}
    assert all(kind is StoreConflict for name, (kind, _) in CLASSES.items() if "Lock" in name)


def test_only_an_answer_leaves_the_connection_whole() -> None:
    assert not is_broken(told(500, "java.lang.IllegalArgumentException"))
    assert is_broken(told(500))
    assert is_broken(RuntimeError("Connection was closed by server."))


def test_every_error_that_the_driver_defines_is_mapped() -> None:
    defined = [one for one in vars(protocol).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert {one.__name__ for one in defined} == {"GremlinServerError", "ConfigurationError"}
    assert all(
        isinstance(fault(one, "x", URL), LinkageError) for one in (told(500, "a.B"), protocol.ConfigurationError())
    )

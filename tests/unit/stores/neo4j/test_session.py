"""Connections that cannot be made."""

from __future__ import annotations

import socket

import pytest

from linkage.errors import SettingsError, StoreUnavailable
from linkage.stores.neo4j.session import Session
from linkage.stores.neo4j.store import Neo4jStore


def _closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    url = f"bolt://127.0.0.1:{_closed_port()}"
    with pytest.raises(StoreUnavailable, match="does not answer") as found:
        Neo4jStore(url, "neo4j", "a-secret")
    assert found.value.exit_status == 5
    assert "a-secret" not in str(found.value)


def test_credentials_do_not_belong_in_the_url() -> None:
    with pytest.raises(SettingsError, match="LINKAGE_PASSWORD") as found:
        Session("bolt://neo4j:a-secret@127.0.0.1:7687", "", "")
    assert "a-secret" not in str(found.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:7474", "bolt://127.0.0.1:port", "bolt://", "nothing"])
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError):
        Session(url, "", "")

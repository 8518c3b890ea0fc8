"""Clear values are shown to admins alone, for a reason, and never without a line in the audit log."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from linkage.jobs.site import Site
from linkage.keys import Keyring
from linkage.sealing import PURPOSE, Seal
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect
from tests.serve.test_streams import PROTOCOL, URL

SECRET = "a secret of the tests alone"
CARD = f"{1:016x}"
UNMASK = (
    "mutation ($i: UnmaskInput!) { unmask(input: $i) "
    "{ value identifier { key kind } userErrors { field code message } } }"
)


@pytest.fixture
def keeping(fresh: Site) -> Site:
    """A world in which the value of one card is kept."""
    sealed = Seal(Keyring(SECRET).derive(PURPOSE)).close(CARD, "card-fingerprint-1")
    with fresh.working.lock(), fresh.working.write() as con:
        con.execute("INSERT INTO sealed VALUES (1, ?, 1)", [sealed])
    return Site(dataclasses.replace(fresh.settings, key=SECRET, keep_values=1))


def show(client: TestClient, key: str = CARD, reason: str = "a court order", **headers: str) -> dict[str, Any]:
    body = {"query": UNMASK, "variables": {"i": {"identifier": key, "reason": reason}}}
    found: dict[str, Any] = client.post("/graphql", json=body, headers=headers).json()
    return found


def noted(path: Path) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, path.read_text().splitlines()) if "identifier" in line]


def test_a_value_is_shown_and_who_asked_why_is_noted(keeping: Site, tmp_path: Path) -> None:
    log = tmp_path / "audit"
    with connect(keeping, ServeSettings(audit=log)) as client:
        assert show(client)["data"]["unmask"] == {
            "value": "card-fingerprint-1",
            "identifier": {"key": CARD, "kind": "payment"},
            "userErrors": [],
        }
        unknown = show(client, "f" * 16)["data"]["unmask"]
        assert (unknown["value"], unknown["userErrors"][0]["code"]) == (None, "NOT_FOUND")
        blank = show(client, reason=" ")["data"]["unmask"]
        assert (blank["value"], blank["userErrors"][0]["field"]) == (None, ["input", "reason"])
        assert show(client, reason="x" * 2001)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    first, second = noted(log)
    assert (first["who"], first["role"], first["identifier"]) == ("local", "admin", CARD)
    assert (first["reason"], first["shown"], second["shown"]) == ("a court order", True, False)
    assert "card-fingerprint-1" not in log.read_text()


def test_it_is_off_unless_an_operator_turns_it_on(keeping: Site, tmp_path: Path) -> None:
    off = Site(dataclasses.replace(keeping.settings, keep_values=0))
    with connect(off, ServeSettings(audit=tmp_path / "audit")) as client:
        found = show(client)["data"]["unmask"]
    assert (found["value"], found["userErrors"][0]["code"]) == (None, "NOT_FOUND")
    assert "LINKAGE_KEEP_VALUES" in found["userErrors"][0]["message"]


def test_nothing_is_shown_without_a_log(keeping: Site) -> None:
    with connect(keeping, ServeSettings(audit=None)) as client:
        answer = show(client)
    assert answer["data"] is None
    assert "audit log" in answer["errors"][0]["message"]


def test_a_log_that_cannot_be_written_shows_nothing(keeping: Site, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no full device")
    with connect(keeping, ServeSettings(audit=full)) as client:
        answer = show(client)
    assert "card-fingerprint-1" not in json.dumps(answer)
    assert answer["errors"]


def test_only_admins_are_shown_values(keeping: Site, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    made = {role: keys.make(role, role, 1)[1] for role in ("viewer", "analyst", "operator", "admin")}
    with connect(keeping, ServeSettings(keys=keys.path, audit=tmp_path / "audit")) as client:
        for role, secret in made.items():
            answer = show(client, Authorization=f"Bearer {secret}")
            if role == "admin":
                assert answer["data"]["unmask"]["value"] == "card-fingerprint-1"
            else:
                assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert [line["role"] for line in noted(tmp_path / "audit")] == ["admin"]


def test_who_is_not_let_in_is_counted_and_logged_without_secrets(
    fresh: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = KeyFile(tmp_path / "keys")
    good = keys.make("a", "viewer", 1)[1]
    wrong = good[:-4] + "0000"
    with connect(fresh, ServeSettings(keys=keys.path)) as client, caplog.at_level(logging.WARNING, "linkage.serve"):

        def refused() -> int:
            text = client.get("/metrics", headers={"Authorization": f"Bearer {good}"}).text
            name = 'linkage_http_refused_total{code="UNAUTHENTICATED"}'
            return sum(int(float(line.split()[-1])) for line in text.splitlines() if line.startswith(name))

        assert refused() == 0
        for header in ({}, {"Authorization": f"Bearer {wrong}"}, {"Authorization": "Bearer a.b.c"}):
            assert client.post("/graphql", json={"query": "{ __typename }"}, headers=header).status_code == 401
        with client.websocket_connect(URL, PROTOCOL) as socket:
            socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {wrong}"}})
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()
        assert refused() == 4
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 4
    assert len({line.split()[5] for line in lines}) == 1  # one sender, one mark
    assert all("testclient" not in line and wrong not in line and wrong.split("_", 2)[2] not in line for line in lines)

"""The webhook, against a real receiver on this machine that verifies what it is sent."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from linkage.errors import DeliveryFailed, SettingsError
from linkage.jobs.night.notify import Webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests alone").decode()


class Receiver(ThreadingHTTPServer):
    """Answers with the given statuses, then with 204; keeps what it was sent."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.taken: list[tuple[dict[str, str], str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Returns where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.send_response(status)
        self.send_header("content-length", "0")
        if status == 302:
            self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keeps the tests' output clean."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that listens."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def hook(url: str, folder: Path, secret: str = SECRET) -> Webhook:
    return Webhook(url, secret, folder / "outbox", backoff=0.0)


def test_a_message_is_signed_and_gone_once_it_is_taken(receiver: Receiver, tmp_path: Path) -> None:
    webhook = hook(receiver.url, tmp_path)
    webhook.put("run-1", "linkage.run.published", {"rings": 3})
    webhook.put("run-1", "linkage.run.published", {"rings": 4})  # the same id is the same message
    assert webhook.deliver() == 1
    ((headers, body),) = receiver.taken
    told = standardwebhooks.Webhook(SECRET).verify(body, headers)
    assert (told["type"], told["data"], headers["webhook-id"]) == ("linkage.run.published", {"rings": 3}, "run-1")
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(body.replace("3", "5"), headers)
    assert webhook.deliver() == 0
    assert list((tmp_path / "outbox").iterdir()) == []


def test_it_is_sent_again_under_its_id_while_the_receiver_is_busy(receiver: Receiver, tmp_path: Path) -> None:
    receiver.statuses = [503, 429, 500]
    webhook = hook(receiver.url, tmp_path)
    webhook.put("run-1", "x", {})
    assert webhook.deliver() == 1
    assert [headers["webhook-id"] for headers, _ in receiver.taken] == ["run-1"] * 4
    assert len({body for _, body in receiver.taken}) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 503])
def test_what_is_not_taken_waits_and_goes_first_the_next_time(receiver: Receiver, tmp_path: Path, status: int) -> None:
    receiver.statuses = [status] * (5 if status == 503 else 1)
    webhook = hook(receiver.url, tmp_path)
    webhook.put("run-1", "x", {"n": 1})
    with pytest.raises(DeliveryFailed, match=f"status {status}"):
        webhook.deliver()
    receiver.taken.clear()
    webhook.put("run-2", "x", {"n": 2})
    assert webhook.deliver() == 2
    assert [json.loads(body)["data"]["n"] for _, body in receiver.taken] == [1, 2]


def test_a_receiver_that_is_not_there_is_named_without_its_path(tmp_path: Path) -> None:
    webhook = hook("http://127.0.0.1:1/token-in-path", tmp_path)
    webhook.put("run-1", "x", {})
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1") as failed:
        webhook.deliver()
    assert "token" not in str(failed.value)


@pytest.mark.parametrize("url", ["http://example.org/x", "https://user:pw@example.org/", "ftp://example.org", "x"])
def test_an_address_in_the_clear_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LINKAGE_WEBHOOK must"):
        hook(url, tmp_path)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é"])
def test_a_secret_that_is_none_is_refused(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LINKAGE_WEBHOOK_SECRET"):
        hook("https://example.org/", tmp_path, secret)

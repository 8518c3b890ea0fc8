"""The webhook: what a night did, told to another service by the Standard Webhooks convention.

A message is put into the outbox first, a folder of files, and removed once it is delivered: one that cannot be
delivered tonight goes out with the next night, under the same id, by which the receiver knows one that it has.
`webhook-signature` is an HMAC-SHA256 over id, time and body (https://www.standardwebhooks.com).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from linkage.errors import DeliveryFailed, SettingsError
from linkage.jobs.night.journal import replace

RETRIES = 4
BACKOFF_SECONDS = 1.0
"""Waits of 0, 2, 4 and 8 seconds or what `Retry-After` says, with up to a second of chance."""
TIMEOUT_SECONDS = 10.0
LOCAL = ("localhost", "127.0.0.1", "::1")
_AGAIN = (408, 425, 429, 500, 502, 503, 504)


class Webhook:
    """The receiver at `url`, which shares `secret` (`whsec_` and base64); SettingsError for an address in the clear."""

    def __init__(self, url: str, secret: str, outbox: Path, *, backoff: float = BACKOFF_SECONDS) -> None:
        import standardwebhooks

        parts = urlsplit(url)
        if parts.username or not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOCAL):
            raise SettingsError("LINKAGE_WEBHOOK must be an https:// address without a user (http:// on this machine)")
        try:
            self._signer = standardwebhooks.Webhook(secret)
        except (ValueError, RuntimeError, standardwebhooks.webhooks.EmptyWebhookSecretError):
            raise SettingsError("LINKAGE_WEBHOOK_SECRET must be base64, best with whsec_ before it") from None
        self._url, self._outbox, self._backoff = url, outbox, backoff

    def put(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Puts a message into the outbox; the same id again is the same message."""
        path = self._outbox / f"{message_id}.json"
        if not path.exists():
            self._outbox.mkdir(parents=True, exist_ok=True)
            body = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": dict(data)}
            replace(path, json.dumps(body, default=str).encode())

    def deliver(self) -> int:
        """Sends what is in the outbox, oldest first; returns how many were taken. DeliveryFailed keeps the rest."""
        sent = 0
        for path in sorted(self._outbox.glob("*.json"), key=lambda one: (one.stat().st_mtime_ns, one.name)):
            self._send(path.stem, path.read_text(encoding="utf-8"))
            path.unlink()
            sent += 1
        return sent

    def _send(self, message_id: str, body: str) -> None:
        import requests

        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id, now, body),
        }
        try:
            with self._session() as session:
                answer = session.post(
                    self._url, data=body.encode(), headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise DeliveryFailed(self._failed(type(error).__name__)) from error
        if not answer.ok or answer.is_redirect:
            raise DeliveryFailed(self._failed(f"status {answer.status_code}"))

    def _session(self) -> Any:  # requests has no types here
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        retry = Retry(
            total=RETRIES,
            redirect=0,
            status_forcelist=_AGAIN,
            allowed_methods=frozenset({"POST"}),
            backoff_factor=self._backoff,
            backoff_jitter=min(1.0, self._backoff),
            raise_on_status=False,
        )
        session = requests.Session()
        session.trust_env = False  # no proxy or netrc of the user: the message goes to the address alone
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        return session

    def _failed(self, reason: str) -> str:
        host = urlsplit(self._url).hostname
        return f"the webhook at {host} was not delivered ({reason}); it stays in {self._outbox} for the next night"

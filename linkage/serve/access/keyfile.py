"""API keys in a file beside the store: only their hashes, with role and expiry.

A key is `lk_ID_SECRET`; the secret has 256 random bits, so that SHA-256 of the key is enough to keep: nothing can be
guessed from it, and a check costs microseconds. The file is replaced as a whole under a lock, and read again when it
has changed, so that a key which is revoked is refused by a running service from the next request on.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkage.errors import NotFound, SettingsError, StoreError
from linkage.serve.access.roles import Principal, rank_of

PREFIX = "lk"
LONGEST_DAYS = 366
"""A key that never expires is one that nobody rotates."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as it is kept: times are ISO 8601 in UTC, `digest` is SHA-256 of the whole key."""

    key_id: str
    name: str
    role: str
    digest: str
    created: str
    expires: str
    revoked: str = ""

    def holds(self, now: datetime) -> bool:
        """Returns whether the key is good at this moment."""
        return not self.revoked and now < datetime.fromisoformat(self.expires)

    def state(self, now: datetime) -> str:
        """Returns active, expired or revoked."""
        return "revoked" if self.revoked else "active" if self.holds(now) else "expired"


class KeyFile:
    """The keys of one store; nothing is read or made before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int], dict[str, ApiKey]] | None = None

    @property
    def exists(self) -> bool:
        """Returns whether a key was ever made: from then on, requests need one, even if all are revoked."""
        return self.path.exists()

    def held(self) -> list[ApiKey]:
        """Returns all keys, oldest first; SettingsError if the file is damaged or others may read it."""
        return sorted(self._keys().values(), key=lambda key: (key.created, key.key_id))

    def principal(self, given: str) -> Principal | None:
        """Returns who holds this key, or None if it is unknown, expired or revoked."""
        parts = given.split("_", 2)
        if len(parts) != 3 or parts[0] != PREFIX:
            return None
        key = self._keys().get(parts[1])
        if key is None or not hmac.compare_digest(key.digest, _digest(given)) or not key.holds(_now()):
            return None
        return Principal(f"key {key.key_id}", rank_of(key.role), "key")

    def make(self, name: str, role: str, days: int) -> tuple[ApiKey, str]:
        """Returns a new key as it is kept, and the key itself, which is shown this once."""
        if not name.strip():
            raise SettingsError("a key needs a name that says who holds it")
        with self._changing() as keys:
            key, secret = _new(name.strip(), rank_of(role).text, days)
            keys[key.key_id] = key
        return key, secret

    def revoke(self, key_id: str) -> ApiKey:
        """Returns the key, which is refused from now on; NotFound for an unknown one."""
        with self._changing() as keys:
            key = _known(keys, key_id)
            keys[key_id] = key if key.revoked else replace(key, revoked=_text(_now()))
            return keys[key_id]

    def rotate(self, key_id: str, days: int, overlap: timedelta) -> tuple[ApiKey, str]:
        """Returns the key that follows another, of the same name and role; the old one ends after the overlap."""
        with self._changing() as keys:
            old = _known(keys, key_id)
            if not old.holds(_now()):
                raise SettingsError(f"key {key_id} is {old.state(_now())}: make a new one instead")
            key, secret = _new(old.name, old.role, days)
            ends = min(datetime.fromisoformat(old.expires), _now() + overlap)
            keys[key_id] = replace(old, expires=_text(ends))
            keys[key.key_id] = key
        return key, secret

    def _keys(self) -> dict[str, ApiKey]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._read is None or self._read[0] != stamp:
            if os.name == "posix" and found.st_mode & 0o077:
                raise SettingsError(f"{self.path} can be read by others: run chmod 600 on it")
            self._read = (stamp, self._parsed())
        return self._read[1]

    def _parsed(self) -> dict[str, ApiKey]:
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            return {row["key_id"]: ApiKey(**row) for row in rows}
        except (ValueError, TypeError, KeyError):
            raise SettingsError(f"{self.path} is damaged: put it back from a copy") from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, ApiKey]]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(self.path.name + ".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = dict(self._keys())
                yield keys
                self._write(keys)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error

    def _write(self, keys: dict[str, ApiKey]) -> None:
        fresh = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump([asdict(key) for key in keys.values()], file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)


def _new(name: str, role: str, days: int) -> tuple[ApiKey, str]:
    if not 1 <= days <= LONGEST_DAYS:
        raise SettingsError(f"a key lives 1 to {LONGEST_DAYS} days, not {days}")
    key_id = secrets.token_hex(4)
    secret = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
    now = _now()
    return ApiKey(key_id, name, role, _digest(secret), _text(now), _text(now + timedelta(days=days))), secret


def _known(keys: dict[str, ApiKey], key_id: str) -> ApiKey:
    if key_id not in keys:
        raise NotFound(f"there is no API key «{key_id}»: `linkage api-keys list` shows them")
    return keys[key_id]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

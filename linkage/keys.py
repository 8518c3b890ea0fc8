"""The secret of a store, and the keyed hashes made under it.

Every kind of value has a key of its own, derived from the secret as in HKDF (RFC 5869), with keyed BLAKE2b
(RFC 7693) as the pseudo-random function: equal values of two kinds have nothing in common, and no hash can be
enumerated without the secret. Prefixes that carry meaning (an IP's /24, a card's BIN) are kinds of their own.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_SECRET = 16
"""Fewest bytes of a secret: below this the hashes of IPv4 addresses could be enumerated after all."""

_SALT = b"linkage keys 1"
_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of all kinds, derived from one secret of at least 16 bytes; its repr never shows them."""

    secret: str | bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.secret, str | bytes):
            raise SettingsError("LINKAGE_KEY must be text")
        if len(_octets(self.secret).strip()) < LEAST_SECRET:
            raise SettingsError(f"LINKAGE_KEY is too short: give at least {LEAST_SECRET} bytes, best 64 hex digits")

    def derive(self, kind: str, size: int = 32) -> bytes:
        """Returns the key of a kind, `size` bytes (at most 64); the same for the same secret, on any machine."""
        root = hashlib.blake2b(_octets(self.secret), salt=_SALT, digest_size=64).digest()
        return hashlib.blake2b(b"kind:" + kind.encode(), key=root, digest_size=size).digest()

    def pair(self, kind: str) -> tuple[int, int]:
        """Returns the 128-bit key of a kind as two little-endian 64-bit words: what SipHash takes."""
        key = self.derive(f"words:{kind}", 16)
        return int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")

    def hash(self, kind: str, value: str | bytes) -> str:
        """Returns the keyed hash of a value as 32 hexadecimal digits (128 bits)."""
        return hashlib.blake2b(_octets(value), key=self.derive(kind), digest_size=_DIGEST).hexdigest()

    def hash_many(self, kind: str, values: pa.Array | pa.ChunkedArray | list[str | None]) -> pa.Array:
        """Returns `hash` of each value as an Arrow string array, null where the value is null.

        Each distinct value is hashed once.
        """
        import pyarrow as pa

        array = pa.array(values, pa.string()) if isinstance(values, list) else values
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        coded = array.dictionary_encode()
        start = hashlib.blake2b(key=self.derive(kind), digest_size=_DIGEST)
        hashes = []
        for value in coded.dictionary.to_pylist():
            state = start.copy()  # the key's block is absorbed once for all values
            state.update(_octets(value))
            hashes.append(state.hexdigest())
        return pa.array(hashes, pa.string()).take(coded.indices)


def load_or_create_key(path: Path) -> str:
    """Returns the secret in the file, 64 hexadecimal digits; makes it, readable by its owner only, if absent.

    Raises SettingsError where others may read the file or where it holds anything else.
    """
    try:
        _create(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"the key {path} cannot be written: {error.strerror}; or set LINKAGE_KEY") from None
    return _read(path)


def _create(path: Path) -> None:
    """Writes a fresh secret under a name of its own and links it into place: no reader sees half a key."""
    if path.exists():
        raise FileExistsError(path)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)  # unlike a rename, fails where another process was first
    finally:
        fresh.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"the key {path} cannot be read: {error.strerror}") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise SettingsError(f"the key {path} can be read by others: run chmod 600 on it, or better make a new one")
    key = text.strip().decode("ascii", "replace")
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise SettingsError(f"the key {path} is damaged: put the 64 hexadecimal digits back from a copy")
    return key


def _octets(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)

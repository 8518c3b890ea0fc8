"""Clear values of identifiers, encrypted: kept only where an operator opts in, and read one by one.

A seal is one byte of version, 12 random bytes, and AES-256-GCM (NIST SP 800-38D) of the text; the identifier's keyed
hash is authenticated with it, so that no seal can be passed off as another identifier's.
"""

from __future__ import annotations

import secrets

from linkage.errors import StoreError

PURPOSE = "sealed values"
"""What the key of seals is derived from the store's secret for; no kind of identifier has this name."""

_VERSION = b"\x01"
_NONCE = 12


class Seal:
    """Encrypts and decrypts under one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def close(self, key: str, value: str) -> bytes:
        """Returns the value of the identifier with this keyed hash, sealed."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value.encode("utf-8", "surrogatepass"), key.encode())

    def open(self, key: str, sealed: bytes) -> str:
        """Returns the value; StoreError for a seal made under another secret, for another identifier, or damaged."""
        from cryptography.exceptions import InvalidTag

        nonce, text = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            return self._cipher.decrypt(nonce, text, key.encode()).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            raise StoreError(f"the value of {key} was sealed under another key, or is damaged") from None

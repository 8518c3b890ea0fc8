"""From what a client sends to who it is: the service's own key, an API key of the file, or a token."""

from __future__ import annotations

import asyncio
import hmac

from linkage.errors import SettingsError
from linkage.serve.access.keyfile import PREFIX, KeyFile
from linkage.serve.access.roles import OWNER, Principal
from linkage.serve.access.tokens import Tokens, TokenSettings, Unverified
from linkage.serve.faults import Code, Fault

LONGEST = 8_192
"""Characters of the longest header that is looked at."""


class Door:
    """Knows the ways in. While there is none at all, the service is `open`, which loopback alone may be."""

    def __init__(self, api_key: str = "", keys: KeyFile | None = None, tokens: TokenSettings | None = None) -> None:
        self._own = api_key.encode()
        self._keys = keys
        self._tokens = Tokens(tokens) if tokens else None

    @property
    def open(self) -> bool:
        """Returns whether nobody is asked who they are; false from the first key on."""
        return not self._own and self._tokens is None and not (self._keys and self._keys.exists)

    async def principal(self, authorization: str) -> Principal:
        """Returns who sends this header; a Fault (401) if it is not good."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not given or len(given) > LONGEST:
            raise _unauthenticated("send a key or a token as «Authorization: Bearer …»")
        if self._own and hmac.compare_digest(given.encode(), self._own):
            return OWNER
        if given.startswith(f"{PREFIX}_"):
            return self._of_key(given)
        if self._tokens is None:
            raise _unauthenticated("the key is not known here")
        try:
            return await asyncio.to_thread(self._tokens.principal, given)  # it may have to fetch keys
        except Unverified as refused:
            raise _unauthenticated(str(refused)) from None

    def _of_key(self, given: str) -> Principal:
        try:
            found = self._keys.principal(given) if self._keys else None
        except SettingsError:  # a damaged file lets nobody in
            found = None
        if found is None:
            raise _unauthenticated("the key is unknown, expired or revoked")
        return found


def _unauthenticated(message: str) -> Fault:
    return Fault(Code.UNAUTHENTICATED, message, status=401)

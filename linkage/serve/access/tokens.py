"""JWT bearer tokens of an identity provider: issuer, audience and algorithms are pinned, keys come as a JWKS."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from linkage.errors import SettingsError
from linkage.serve.access.roles import RANKS, Principal, Rank

ALLOWED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Public-key algorithms alone: with a shared secret, whoever can check a token can also make one."""
LEEWAY_S = 30
KEEP_S = 600.0
"""How long a fetched set is taken as it is."""
RETRY_S = 30.0
"""At most this often is a set fetched anew for a key id that it lacks, however many tokens name one."""
FETCH_S = 5.0
LARGEST = 1_000_000


class Unverified(Exception):
    """A token that is not to be believed, or that names no role; the sentence holds nothing of the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSettings:
    """What a token must be. `jwks` is an https address or the path of a file."""

    jwks: str
    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    role_claim: str = "linkage_role"

    def __post_init__(self) -> None:
        if not (self.jwks and self.issuer and self.audience):
            raise SettingsError("tokens need all of LINKAGE_JWT_JWKS, LINKAGE_JWT_ISSUER and LINKAGE_JWT_AUDIENCE")
        wrong = sorted(set(self.algorithms) - set(ALLOWED))
        if wrong or not self.algorithms:
            raise SettingsError(f"LINKAGE_JWT_ALGORITHMS names {wrong or 'nothing'}; it may name {', '.join(ALLOWED)}")
        parts = urlsplit(self.jwks)
        if parts.scheme not in ("", "file", "https") and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError("LINKAGE_JWT_JWKS must be an https address or a file: over http keys can be exchanged")


class KeySet:
    """The issuer's public keys, fetched when they are needed and kept while they are good."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = self._tried = -1e9

    def key(self, key_id: str) -> jwt.PyJWK:
        """Returns the key of this id; Unverified if the issuer has none, also after a look at its set as it is now.

        The last good set is used while the issuer's address does not answer.
        """
        with self._lock:
            now = time.monotonic()
            stale = now - self._fetched > KEEP_S
            if (stale or key_id not in self._keys) and now - self._tried > RETRY_S:
                self._tried = now
                self._fetch(now)
            if key_id not in self._keys:
                raise Unverified("the token's key is not among those of the issuer")
            return self._keys[key_id]

    def _fetch(self, now: float) -> None:
        try:
            found = jwt.PyJWKSet.from_dict(json.loads(_read(self._source)))
        except (OSError, ValueError, jwt.PyJWTError):
            return
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched = now


def _read(source: str) -> bytes:
    if urlsplit(source).scheme in ("http", "https"):
        with _OPENER.open(source, timeout=FETCH_S) as answer:
            text: bytes = answer.read(LARGEST)
            return text
    return Path(source.removeprefix("file://")).read_bytes()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # urllib's signature
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class Tokens:
    """Checks tokens; used from several threads at once."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings
        self._keys = KeySet(settings.jwks)

    def principal(self, token: str) -> Principal:
        """Returns whom the token names, with the strongest of its roles; Unverified if it is not good."""
        settings = self._settings
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in settings.algorithms:  # before a key is looked for
                raise Unverified("the token is signed with an algorithm that is not allowed here")
            claims = jwt.decode(
                token,
                self._keys.key(str(head.get("kid", ""))),
                algorithms=list(settings.algorithms),
                audience=settings.audience,
                issuer=settings.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise Unverified(f"the token is refused: {_REASONS.get(type(error), 'it is not valid')}") from None
        rank = _rank(claims.get(settings.role_claim))
        if rank is None:
            raise Unverified(f"the token's claim {settings.role_claim} names none of {', '.join(RANKS)}")
        return Principal(f"subject {claims['sub']}", rank, "token")


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not good yet",
    jwt.InvalidAudienceError: "it is for another audience",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidSignatureError: "its signature is wrong",
    jwt.MissingRequiredClaimError: "it lacks one of exp, iss, aud, sub",
}


def _rank(claim: object) -> Rank | None:
    names = claim if isinstance(claim, list) else [claim]
    return max((Rank[name.upper()] for name in names if isinstance(name, str) and name in RANKS), default=None)

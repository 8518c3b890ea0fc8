"""What the API is started with: who may ask, and how much one request may cost."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from linkage.errors import SettingsError
from linkage.serve.access.tokens import TokenSettings
from linkage.serve.tracing import Tracing

SHORTEST_KEY = 16
"""Characters of the shortest API key; 16 random hexadecimal digits are 64 bits."""
PAGE = 100
"""Most edges on one page of a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large one request may be. The figures let the widest queries of the docs pass and close the
    known attacks (deep, wide, aliased, repeated fragments); `cost` alone sees pages inside pages."""

    body_bytes: int = 128 * 1024
    tokens: int = 2_000
    comments: int = 200
    depth: int = 12
    introspection_depth: int = 20
    root_fields: int = 10
    aliases: int = 15
    directives: int = 20
    fields: int = 500
    fragments: int = 20
    cost: int = 5_000
    errors: int = 5
    deadline_s: float = 10.0
    in_flight: int = 64
    streams: int = 256
    subscriptions: int = 10
    bucket: int = 50_000
    bucket_rate: int = 1_000

    @classmethod
    def parsed(cls, text: str) -> Limits:
        """Returns the limits with those of `name=value name=value …` in place of their defaults; SettingsError for a
        name that is none, or a value that is no number above 0."""
        kinds = {row.name: float if row.name == "deadline_s" else int for row in fields(cls)}
        given: dict[str, Any] = {}
        for part in text.split():
            name, _, value = part.partition("=")
            if name not in kinds:
                raise SettingsError(f"LINKAGE_LIMITS names «{name}»; there are {', '.join(kinds)}")
            try:
                given[name] = kinds[name](value)
            except ValueError:
                given[name] = 0
            if not 0 < given[name] < math.inf:
                raise SettingsError(f"LINKAGE_LIMITS has «{part}»; it needs a number above 0")
        return cls(**given)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How the API runs. Without any kind of key it answers only to names of this machine itself.

    `keys` is the file of API keys, `audit` that of the audit log, `exports` the folder of exports, whose links are
    signed with `signing`, `documents` the folder of documents that clients may name; with `documents_only` no others
    run. With `hide_schema` clients must know the schema from elsewhere: there is no editor, no introspection and no
    suggestion, and a GET names its document by digest. A run that is published is seen `fresh_s` seconds later at most;
    a reply is given again for `keep_s` seconds; subscriptions look for news every `pause_s` seconds.
    """

    api_key: str = field(default="", repr=False)
    keys: Path | None = None
    tokens: TokenSettings | None = None
    audit: Path | None = None
    exports: Path | None = None
    signing: bytes = field(default=b"", repr=False)
    documents: Path | None = None
    documents_only: bool = False
    hide_schema: bool = False
    threads: int = 8
    fresh_s: float = 0.25
    keep_s: float = 10.0
    pause_s: float = 1.0
    tracing: Tracing = field(default_factory=Tracing)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise SettingsError(f"the API needs 1 thread or more for its store, not {self.threads}")
        if self.exports and len(self.signing) < SHORTEST_KEY:
            raise SettingsError("exports need a secret to sign their links with")
        if self.api_key and len(self.api_key) < SHORTEST_KEY:
            raise SettingsError(f"LINKAGE_API_KEY has {len(self.api_key)} characters; it needs {SHORTEST_KEY} or more")


def is_loopback(host: str) -> bool:
    """Returns whether an address or name is this machine itself and cannot be reached from another."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_address(host: str, *, asks: bool) -> None:
    """Raises SettingsError for an address that others can reach while nobody is asked (`asks`) for a key."""
    if not asks and not is_loopback(host):
        raise SettingsError(
            f"--host {host} can be reached from other machines and no API key is set; "
            "make one (linkage api-keys make), set LINKAGE_API_KEY or listen on 127.0.0.1"
        )

"""Settings as rows: name, environment variable, type, default, help, secret.

Nothing is read at import: `Settings.from_environment` is called once, by the command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from linkage.errors import SettingsError

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT])(i?)B?", re.IGNORECASE)
_LEAST_MEMORY = 16 * 10**6
"""Bytes below which the column engine does not even start; what work needs is far more."""


def _row(env: str, default: Any, text: str, *, secret: bool = False) -> Any:  # dataclass field of any type
    return field(default=default, metadata={"env": env, "help": text, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one run. Times are UTC, weights are bits (log2 likelihood ratios)."""

    store: str = _row("LINKAGE_STORE", "duckdb:linkage.duckdb", "store URL")
    user: str = _row("LINKAGE_USER", "", "user name at a remote store")
    password: str = _row("LINKAGE_PASSWORD", "", "password at a remote store", secret=True)
    key: str = _row("LINKAGE_KEY", "", "secret of the keyed hashes; a local store makes its own", secret=True)
    keep_values: int = _row(
        "LINKAGE_KEEP_VALUES", 0, "1: loads keep clear values of identifiers (never prompts), encrypted, for `unmask`"
    )
    api_key: str = _row(
        "LINKAGE_API_KEY", "", "what clients of `serve` send as a bearer token; none: this machine only", secret=True
    )
    api_keys: str = _row("LINKAGE_API_KEYS", "", "file of the API keys' hashes; default: beside the store's own files")
    audit: str = _row("LINKAGE_AUDIT", "", "file of the API's audit log; default: beside the store's own files")
    jwt_jwks: str = _row("LINKAGE_JWT_JWKS", "", "https address or file of the public keys of JWT bearer tokens")
    jwt_issuer: str = _row("LINKAGE_JWT_ISSUER", "", "issuer that tokens must name")
    jwt_audience: str = _row("LINKAGE_JWT_AUDIENCE", "", "audience that tokens must name")
    jwt_algorithms: str = _row("LINKAGE_JWT_ALGORITHMS", "RS256 ES256", "algorithms that tokens may be signed with")
    jwt_role: str = _row("LINKAGE_JWT_ROLE", "linkage_role", "claim that names the role, or a list of roles")
    documents: str = _row("LINKAGE_DOCUMENTS", "", "folder of GraphQL documents that clients may name by their digest")
    documents_only: int = _row("LINKAGE_DOCUMENTS_ONLY", 0, "1: the API runs those documents alone")
    hide_schema: int = _row(
        "LINKAGE_HIDE_SCHEMA",
        0,
        "1: the API has no editor, no introspection and no suggestions, and GET names documents",
    )
    limits: str = _row("LINKAGE_LIMITS", "", "limits of the API, as name=value, parted by spaces: docs/graphql.md")
    keep_seconds: float = _row(
        "LINKAGE_KEEP_SECONDS", 10.0, "seconds for which the API answers from what it read before; 0: not at all"
    )
    traces: int = _row("LINKAGE_TRACES", 0, "1: the API sends spans by OpenTelemetry, as OTEL_* variables say")
    home: str = _row("LINKAGE_HOME", "", "folder of the local Neo4j; default: the user data folder")
    cache: str = _row("LINKAGE_CACHE", "", "folder of downloaded jars; default: the user cache folder")
    lists: str = _row("LINKAGE_LISTS", "", "folder of IP lists (datacenter, VPN, relay, carrier NAT, office)")
    threads: int = _row("LINKAGE_THREADS", 2, "threads for the columns")
    memory: str = _row("LINKAGE_MEMORY", "1GB", "memory limit of the column engine, such as 500MB, 4GiB or 50%")
    neo4j_memory: str = _row(
        "LINKAGE_NEO4J_MEMORY", "", "memory of the local Neo4j, such as 3GB; default: half of what is free"
    )
    engine: str = _row("LINKAGE_ENGINE", "local", "what works on the columns: local, or spark")
    spark_master: str = _row("LINKAGE_SPARK_MASTER", "", "address of the Spark cluster; default: as Spark is set up")
    spark_folder: str = _row(
        "LINKAGE_SPARK_FOLDER", "", "folder that all machines of the cluster share; default: beside the working file"
    )
    spark_conf: str = _row("LINKAGE_SPARK_CONF", "", "more settings of Spark, as name=value, parted by spaces")
    link_margin: float = _row("LINKAGE_LINK_MARGIN", 4.0, "bits beyond log2(accounts) that make a link")
    facet_cap: float = _row("LINKAGE_FACET_CAP", 20.0, "most bits that one facet can give to a pair")
    timing_cap: float = _row("LINKAGE_TIMING_CAP", 12.0, "most bits that timing can give to a pair")
    facet_floor: float = _row("LINKAGE_FACET_FLOOR", 3.0, "bits from which a facet supports a link")
    behaviour_floor: float = _row(
        "LINKAGE_BEHAVIOUR_FLOOR", 4.0, "bits of content and timing that a link needs where traffic is known"
    )
    ring_bits: float = _row(
        "LINKAGE_RING_BITS", 9.0, "bits of conduct that a ring of five needs where traffic is known; a large one 4 less"
    )
    member_bits: float = _row("LINKAGE_MEMBER_BITS", 5.0, "bits of conduct that a member needs on its own")
    min_ring: int = _row("LINKAGE_MIN_RING", 5, "smallest number of accounts that is a ring")
    dormant_days: int = _row("LINKAGE_DORMANT_DAYS", 5, "days without a sign of life after which a ring sleeps")
    keep_days: int = _row(
        "LINKAGE_KEEP_DAYS",
        0,
        "days for which nights keep uses of accounts that were in no ring; 0: for good",
    )
    log: str = _row("LINKAGE_LOG", "text", "how messages are written: text, or json, one object a line")
    out: str = _row("LINKAGE_OUT", "", "folder of what a night writes; default: beside the store's own files")
    metrics: str = _row("LINKAGE_METRICS", "", "file of a night's metrics; default: linkage.prom among what it writes")
    webhook: str = _row("LINKAGE_WEBHOOK", "", "https address that is told of each night")
    webhook_secret: str = _row(
        "LINKAGE_WEBHOOK_SECRET", "", "secret that signs what it is told, whsec_ and base64", secret=True
    )
    gate_width: float = _row("LINKAGE_GATE_WIDTH", 6.0, "spreads that a night may lie off the usual; 0 opens the gate")
    gate_runs: int = _row("LINKAGE_GATE_RUNS", 28, "runs that tell what is usual")

    def __post_init__(self) -> None:
        bits = ("link_margin", "facet_cap", "timing_cap", "facet_floor", "behaviour_floor")
        least = {"threads": 1, "min_ring": 2, "dormant_days": 1, "gate_runs": 1}
        least |= dict.fromkeys(("keep_days", "keep_seconds", "gate_width", *bits), 0)
        for name, bound in least.items():
            value = getattr(self, name)
            if not value >= bound:  # so that nan is refused too
                unit = " (bits)" if name in bits else ""
                raise SettingsError(f"{_env(name)} is {value}; it must be {bound} or more{unit}")
        for name, choices in {"engine": ("local", "spark"), "log": ("text", "json")}.items():
            if getattr(self, name) not in choices:
                raise SettingsError(f"{_env(name)} is «{getattr(self, name)}»; it must be {' or '.join(choices)}")

        if not _is_memory(self.memory):
            raise SettingsError(
                f"LINKAGE_MEMORY is «{self.memory}»; it is a size of 16MB or more, such as 500MB or 2GiB, "
                "or a share of what the machine has, such as 50%"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Returns the settings from `given` (those not None), else the environment, else the defaults."""
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for row in fields(cls):
            if given.get(row.name) is not None:
                values[row.name] = given[row.name]
            elif source.get(row.metadata["env"], "") != "":
                values[row.name] = _parse(row.metadata["env"], source[row.metadata["env"]], row.default)
        return cls(**values)

    def home_folder(self) -> Path:
        """Returns the folder that holds the local Neo4j and the working files of remote stores."""
        import platformdirs

        return Path(self.home) if self.home else Path(platformdirs.user_data_dir("linkage"))

    def cache_folder(self) -> Path:
        """Returns the folder that holds downloaded jars."""
        import platformdirs

        return Path(self.cache) if self.cache else Path(platformdirs.user_cache_dir("linkage"))


def _is_memory(text: str) -> bool:
    """Returns whether a text is a size or a share that the column engine takes as its bound."""
    if re.fullmatch(r"[1-9][0-9]?%|100%", text.strip()):
        return True
    size = _SIZE.fullmatch(text.strip())
    if size is None:
        return False
    base = 1024 if size[3] else 1000
    return bool(_LEAST_MEMORY <= float(size[1]) * base ** (1 + "KMGT".index(size[2].upper())) < 1 << 63)


def _env(name: str) -> str:
    found: str = next(row.metadata["env"] for row in fields(Settings) if row.name == name)
    return found


def _parse(name: str, text: str, default: object) -> object:
    try:
        if isinstance(default, int):
            return int(text)
        return float(text) if isinstance(default, float) else text
    except ValueError:
        raise SettingsError(f"{name} must be {type(default).__name__}, not «{text}»") from None

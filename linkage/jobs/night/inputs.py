"""What a night goes by: fingerprints of its inputs, the loads before it, and the clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from linkage.errors import InputError
from linkage.jobs.site import Site
from linkage.read import FactsFolder

if TYPE_CHECKING:
    import duckdb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""How far ahead of the clock facts may lie, as for rejects."""
_STEP = timedelta(minutes=5)
"""What a clock may be set back without harm."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of one load or more: good and rejected."""

    good: int
    rejected: int

    @property
    def share(self) -> float:
        """Returns the share of rows that were rejected."""
        return self.rejected / (self.good + self.rejected) if self.good + self.rejected else 0.0


def digest(text: str) -> str:
    """Returns a digest of a text as 32 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def of_folder(facts: FactsFolder, site: Site) -> str:
    """Returns a fingerprint of a folder of facts: its parts with their sizes and times, and the store."""
    parts = [f"{part.source} {part.stamp()}" for part in facts.parts]
    return digest("\n".join([site.settings.store, facts.root.location, *parts]))


def last_load(site: Site) -> int:
    """Returns the number of the last load, 0 before the first."""
    if not site.working.exists:
        return 0
    with site.working.read() as con:
        return int(con.execute("SELECT coalesce(max(load), 0) FROM source").fetchall()[0][0])


def loads(con: duckdb.DuckDBPyConnection, through: int, limit: int) -> list[Taken]:
    """Returns what the last loads through this one took in."""
    rows = con.execute(
        "SELECT sum(good)::BIGINT, sum(rejected)::BIGINT FROM source WHERE load <= ? "
        "GROUP BY load ORDER BY load DESC LIMIT ?",
        [through, limit],
    )
    return [Taken(*row) for row in rows.fetchall()]


def taken(site: Site, after: int) -> Taken:
    """Returns what loads after this one took in."""
    with site.working.read() as con:
        query = "SELECT coalesce(sum(good), 0)::BIGINT, coalesce(sum(rejected), 0)::BIGINT FROM source WHERE load > ?"
        return Taken(*con.execute(query, [after]).fetchall()[0])


def require_clock(site: Site) -> None:
    """Raises InputError where the clock is behind what it has seen: good facts would be rejected as of the future."""
    if not site.working.exists:
        return
    now = datetime.now(UTC)
    written = datetime.fromtimestamp(site.working.path.stat().st_mtime, UTC)
    with site.working.read() as con:
        minute = con.execute("SELECT max(last_minute) FROM habit").fetchall()[0][0]
    seen = _EPOCH + timedelta(minutes=minute) if minute is not None else now
    for moment, what in (
        (written - _STEP, f"the store was written to at {written:%Y-%m-%d %H:%M} UTC"),
        (seen - _AHEAD, f"it holds facts of {seen:%Y-%m-%d %H:%M} UTC"),
    ):
        if now < moment:
            raise InputError(f"the clock says {now:%Y-%m-%d %H:%M} UTC, but {what}: set the clock; nothing was done")

"""The tables of the working file.

`account` and `identifier` are dense integers from 0, made here; `key` is the keyed hash of an identifier (64 bits).
Accounts are numbered as they are loaded; `ordinal` is where each stands among all in the order of ids, from 0: what
finds links and rings goes by ordinals, so that neither depends on the order of loading. Minutes and days count from
1970-01-01 UTC. `days` is a bit mask over the 64 days of `block`; where a time is unknown the minutes and the block
are -1, and no day is set. `starts` and `ends` are the first and last minutes of sessions. `use` is a view (see
`uses`). Identifiers worth anything are numbered by falling weight, the others have no number, and prompts that only
one account sent are left out; `incidence` holds who uses them, by ordinal (see `vectors`).
Tables named first are facts, aggregated, and only ever grow; those behind are made from them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage.errors import StoreError
from linkage.working.layout import USE_VIEW

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION = "8"

UPGRADES = {
    "3": """
CREATE TABLE ring_version (
    ring_id VARCHAR, status VARCHAR, size INTEGER, score DOUBLE, first_seen TIMESTAMP, last_seen TIMESTAMP,
    operator_id VARCHAR, campaign_id VARCHAR, facets VARCHAR[], context VARCHAR, requests BIGINT,
    run_id VARCHAR);
CREATE TABLE stay (ring_id VARCHAR, account_id VARCHAR, role VARCHAR, from_run VARCHAR, until_run VARCHAR);
INSERT INTO ring_version SELECT * FROM ring;
INSERT INTO stay SELECT ring_id, account_id, role, run_id, '' FROM member JOIN ring USING (ring_id);
""",
    "4": "CREATE TABLE conflict (run_id VARCHAR, decision_id VARCHAR, said VARCHAR);",
    "5": "CREATE TABLE sealed (key UBIGINT, value BLOB, load INTEGER);",
    "6": "ALTER TABLE habit ADD COLUMN alone INTEGER DEFAULT 0;",
    "7": "ALTER TABLE habit ADD COLUMN ordinal INTEGER; UPDATE habit SET ordinal = account;",
}
"""By version: what brings a file to the next one. A file that is only read may be older."""

_PLAIN = " USING COMPRESSION uncompressed"
"""For the long tables: to look for the best compression of a value and to apply it costs twice what writing it does."""

_TABLES = f"""
CREATE TABLE meta (name VARCHAR, value VARCHAR);
CREATE TABLE source (digest VARCHAR, tbl VARCHAR, part VARCHAR, good BIGINT, rejected BIGINT, load INTEGER);
CREATE TABLE account (
    account INTEGER, hash UBIGINT, id VARCHAR, created_at TIMESTAMP, status VARCHAR, plan VARCHAR,
    country VARCHAR, email_domain VARCHAR, organization VARCHAR, load INTEGER);
CREATE TABLE label (account INTEGER, label VARCHAR, moment TIMESTAMP, source VARCHAR, load INTEGER);
CREATE TABLE once (account INTEGER{_PLAIN}, key UBIGINT{_PLAIN}, seen UINTEGER{_PLAIN}, load INTEGER);
CREATE TABLE often (
    account INTEGER{_PLAIN}, key UBIGINT{_PLAIN}, kind UTINYINT{_PLAIN}, block SMALLINT{_PLAIN}, days UBIGINT{_PLAIN},
    requests BIGINT USING COMPRESSION bitpacking, first_minute INTEGER{_PLAIN}, last_minute INTEGER{_PLAIN},
    load INTEGER);
{USE_VIEW}
CREATE TABLE activity (account INTEGER, starts INTEGER[], ends INTEGER[], requests BIGINT, load INTEGER);
CREATE TABLE listed_place (key UBIGINT, place UTINYINT);

CREATE TABLE identifier (
    identifier INTEGER{_PLAIN}, key UBIGINT{_PLAIN}, kind UTINYINT{_PLAIN}, place UTINYINT{_PLAIN},
    degree INTEGER{_PLAIN}, peak INTEGER{_PLAIN}, millibits INTEGER{_PLAIN},
    first_minute INTEGER{_PLAIN}, last_minute INTEGER{_PLAIN});
CREATE TABLE incidence (
    piece INTEGER, kind BLOB{_PLAIN}, place BLOB{_PLAIN}, millibits BLOB{_PLAIN}, size BLOB{_PLAIN},
    account BLOB{_PLAIN}, day BLOB{_PLAIN}, block BLOB{_PLAIN}, days BLOB{_PLAIN});
CREATE TABLE habit (account INTEGER, starts INTEGER[], breadth INTEGER[], requests BIGINT,
    first_minute INTEGER, last_minute INTEGER);
CREATE TABLE link (
    a INTEGER, b INTEGER, bits INTEGER, network INTEGER, payment INTEGER, content INTEGER, timing INTEGER,
    device INTEGER, profile INTEGER, grade UTINYINT, first_minute INTEGER, last_minute INTEGER);

CREATE TABLE run (run_id VARCHAR, started TIMESTAMP, finished TIMESTAMP, settings VARCHAR, counts VARCHAR);
CREATE TABLE ring (
    ring_id VARCHAR, status VARCHAR, size INTEGER, score DOUBLE, first_seen TIMESTAMP, last_seen TIMESTAMP,
    operator_id VARCHAR, campaign_id VARCHAR, facets VARCHAR[], context VARCHAR, requests BIGINT,
    run_id VARCHAR);
CREATE TABLE member (
    ring_id VARCHAR, account_id VARCHAR, role VARCHAR, bits DOUBLE, weakest_facet VARCHAR, since TIMESTAMP);
CREATE TABLE event (moment TIMESTAMP, run_id VARCHAR, ring_id VARCHAR, event VARCHAR, other_ring_id VARCHAR);
{"".join(UPGRADES.values())}
"""


def ensure_schema(con: duckdb.DuckDBPyConnection, name: str, *, upgrade: bool = False) -> None:
    """Makes the tables in an empty file; StoreError for a file of another version or another program.

    A file of an older version whose tables can be added to is taken, and brought up to date with `upgrade`.
    """
    tables = {
        row[0]
        for row in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
        ).fetchall()
    }
    if not tables:
        con.execute(_TABLES)
        con.execute("INSERT INTO meta VALUES ('schema', ?)", [SCHEMA_VERSION])
        return
    found = get_meta(con, "schema") if "meta" in tables else None
    if found in UPGRADES:
        if upgrade:
            for version in sorted(UPGRADES):
                if version >= found:
                    con.execute(UPGRADES[version])
            set_meta(con, "schema", SCHEMA_VERSION)
    elif found != SCHEMA_VERSION:
        raise StoreError(
            f"{name} holds tables of version {found or 'unknown'}, this is version {SCHEMA_VERSION}: "
            "load the facts into a new file"
        )


def get_meta(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Returns a named value of the file, or None."""
    rows = con.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchall()
    return str(rows[0][0]) if rows else None


def read_chance(con: duckdb.DuckDBPyConnection) -> tuple[float, ...]:
    """Returns E of docs/model.md in bits, by whole bits of breadth."""
    return chance_of(get_meta(con, "chance") or "")


def ordinal_column(con: duckdb.DuckDBPyConnection) -> str:
    """Returns the column of `habit` that holds ordinals; in an older file that is only read they are the numbers."""
    return "ordinal" if get_meta(con, "schema") == SCHEMA_VERSION else "account"


def chance_of(text: str) -> tuple[float, ...]:
    """Returns the numbers of a text of E."""
    return tuple(map(float, text.split())) or (0.0,)


def set_meta(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Sets a named value of the file."""
    con.execute("DELETE FROM meta WHERE name = ?", [name])
    con.execute("INSERT INTO meta VALUES (?, ?)", [name, value])

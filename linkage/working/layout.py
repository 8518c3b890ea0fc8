"""How uses of one request are packed, and the view that shows all uses as one table: see `uses`."""

from __future__ import annotations

KIND_BITS = 4
KIND_MASK = (1 << KIND_BITS) - 1
"""Of `seen`; no kind has this code."""

PARTITION_BITS = 8
"""The first bits of a key say in which part of all uses it is. A million accounts with 54 million uses make parts of
210,000: what fits into a processor's cache."""

REQUESTS_BITS, LAST_BITS = 32, 28
"""Of the word of a record (see `derive.records`) that holds kind, requests, and last minute plus one."""

MINUTES_PER_DAY = 1440
DAYS_PER_BLOCK = 64

USE_VIEW = f"""
CREATE VIEW use AS
SELECT account, key, (seen & {KIND_MASK})::UTINYINT AS kind,
    CASE WHEN seen > {KIND_MASK} THEN ((seen >> {KIND_BITS}) - 1) // {MINUTES_PER_DAY * DAYS_PER_BLOCK}
        ELSE -1 END::SMALLINT AS block,
    CASE WHEN seen > {KIND_MASK}
        THEN 1::UBIGINT << (((seen >> {KIND_BITS}) - 1) // {MINUTES_PER_DAY} % {DAYS_PER_BLOCK})::UBIGINT
        ELSE 0::UBIGINT END AS days,
    1::BIGINT AS requests, (seen >> {KIND_BITS})::INTEGER - 1 AS first_minute,
    (seen >> {KIND_BITS})::INTEGER - 1 AS last_minute, load
FROM once
UNION ALL FROM often;
"""

"""How uses of one request are packed, and the view that shows all uses as one table: see `uses`."""

from __future__ import annotations

KIND_BITS = 4
KIND_MASK = (1 << KIND_BITS) - 1
"""Of `seen`; no kind has this code."""

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

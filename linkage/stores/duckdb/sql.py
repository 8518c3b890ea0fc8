"""The SQL of the embedded store. Times leave as UTC timestamps, weights as bits, keys as 16 hex digits."""

from linkage.model.filters import ATTRIBUTES
from linkage.model.kinds import BY_NAME, FACETS, KINDS, PLACE_CODES
from linkage.model.weights import GRADES


def _case(column: str, names: dict[int, str]) -> str:
    whens = " ".join(f"WHEN {code} THEN '{name}'" for code, name in sorted(names.items()))
    return f"CASE {column} {whens} END"


def time_of(minute: str) -> str:
    """Returns the time of a minute, nothing for one that is not known."""
    return f"CASE WHEN {minute} >= 0 THEN make_timestamp({minute}::BIGINT * 60000000) END"


def days_of(block: str, days: str) -> str:
    """Returns the days of a block's mask, ascending: by its logarithm where there is one, as there mostly is."""
    first = f"{block}::INTEGER * 64"
    several = f"list_filter(range(64), lambda d: {block} >= 0 AND ({days} >> d::UBIGINT) & 1 = 1)"
    return (
        f"CASE WHEN bit_count({days}) = 1 AND {block} >= 0 THEN [{first} + log2({days})::INTEGER] "
        f"ELSE list_transform({several}, lambda d: ({first} + d)::INTEGER) END"
    )


def all_days(block: str, days: str) -> str:
    """Returns the days of a group of masks, ascending."""
    return f"list_sort(list_distinct(flatten(list({days_of(block, days)}))))"


KIND = _case("i.kind", {kind.code: kind.name for kind in KINDS})
FACET = _case("i.kind", {kind.code: kind.facet.value for kind in KINDS})
PLACE = _case("nullif(i.place, 0)", {code: place.value for place, code in PLACE_CODES.items()})
GRADE = _case("l.grade", dict(enumerate(GRADES)))
KEY = "printf('%016x', i.key)"
_WINDOWED = "i.kind IN (" + ", ".join(str(kind.code) for kind in KINDS if kind.windowed) + ")"
NODE = f"(i.degree > 1 OR i.kind <> {BY_NAME['prompt'].code})"
"""Whether an identifier is a node of the graph: a prompt that only one account ever sent is not."""

_FACET_BITS = ", ".join(f"l.{facet.value} / 1000.0 AS {facet.value}" for facet in FACETS)

_ATTRIBUTES = "a.created_at AS created_at, a.status, a.plan, a.country, a.email_domain, a.organization, b.label"
_LIFE = f"{time_of('h.first_minute')} AS first_seen, {time_of('h.last_minute')} AS last_seen, h.requests"
_HABITS = "h.starts, list_transform(h.breadth, lambda x: x / 1000.0) AS breadth"
_LAST_LABEL = "arg_max(label, (moment IS NOT NULL, moment, label)) AS label"


def _accounts(columns: str, only: str) -> str:
    return f"""
SELECT {columns} FROM (FROM account{only}) a JOIN (FROM habit{only}) h USING (account)
LEFT JOIN (SELECT account, {_LAST_LABEL} FROM label{only} GROUP BY account) b USING (account)
"""


def _listed(numbers: str) -> str:  # given as they are, they are looked for where they lie
    return f" WHERE account IN ({numbers})"


def accounts(numbers: str) -> str:
    """Returns the query of these accounts, given by number, with their last label."""
    return _accounts(f"a.id, {_ATTRIBUTES}, {_LIFE}", _listed(numbers))


def account_rows(numbers: str) -> str:
    """Returns the query of these accounts, given by number, as the rows of `model.graph`."""
    return _accounts(f"a.id, {_ATTRIBUTES}, {_LIFE}, {_HABITS}", _listed(numbers))


ACCOUNTS = _accounts(f"a.id, {_ATTRIBUTES}, {_LIFE}", "")
ACCOUNT_ROWS = _accounts(f"a.id, {_ATTRIBUTES}, {_LIFE}, {_HABITS}", "")

IDENTIFIER_ROWS = f"""
SELECT {KEY} AS key, {KIND} AS kind, {FACET} AS facet, {PLACE} AS place, i.degree, i.peak,
    i.millibits / 1000.0 AS bits, {_WINDOWED} AS windowed, {time_of("i.first_minute")} AS first_seen,
    {time_of("i.last_minute")} AS last_seen
FROM identifier i WHERE {NODE}
"""

USE_ROWS = f"""
SELECT a.id AS account_id, printf('%016x', u.key) AS key,
    {all_days("u.block", "u.days")} AS days,
    sum(u.requests)::BIGINT AS requests,
    {time_of("min(u.first_minute) FILTER (u.first_minute >= 0)")} AS first_seen,
    {time_of("max(u.last_minute) FILTER (u.last_minute >= 0)")} AS last_seen
FROM use u JOIN account a USING (account) SEMI JOIN (FROM identifier i WHERE {NODE}) n ON n.key = u.key
"""

IDENTIFIERS = f"""
SELECT {KEY} AS key, {KIND} AS kind, {FACET} AS facet, {PLACE} AS place, i.degree, i.millibits / 1000.0 AS bits,
    {time_of("i.first_minute")} AS first_seen, {time_of("i.last_minute")} AS last_seen
FROM identifier i WHERE {NODE} AND list_contains($keys, i.key)
"""

USES = f"""
SELECT u.account, {KEY} AS key, {KIND} AS kind, {FACET} AS facet, {PLACE} AS place, i.degree,
    i.millibits / 1000.0 AS bits, {time_of("min(u.first_minute) FILTER (u.first_minute >= 0)")} AS first_seen,
    {time_of("max(u.last_minute) FILTER (u.last_minute >= 0)")} AS last_seen,
    sum(bit_count(u.days))::INTEGER AS days,
    sum(u.requests)::BIGINT AS requests
FROM (SELECT account, key, bit_or(days) AS days, sum(requests) AS requests,
          min(first_minute) AS first_minute, max(last_minute) AS last_minute
      FROM use WHERE account IN ($numbers) GROUP BY account, key, block) u
JOIN identifier i USING (key)
WHERE {NODE}
GROUP BY u.account, i.key, i.kind, i.place, i.degree, i.millibits
QUALIFY row_number() OVER (PARTITION BY u.account ORDER BY i.millibits DESC, {KIND}, i.key) <= $limit
ORDER BY u.account, i.millibits DESC, {KIND}, i.key
"""
"""Of the accounts with these numbers, which are put in as they are: numbers that are given, and not looked up on the
way, let DuckDB pass over all rows of others."""

LINK_ROWS = f"""
SELECT least(a.id, b.id) AS account_a, greatest(a.id, b.id) AS account_b, l.bits / 1000.0 AS bits, {_FACET_BITS},
    {GRADE} AS grade, {time_of("l.first_minute")} AS first_seen, {time_of("l.last_minute")} AS last_seen
FROM link l JOIN account a ON a.account = l.a JOIN account b ON b.account = l.b
"""

RING_COLUMNS = (
    "ring_id, status, size, score, first_seen, last_seen, operator_id, campaign_id, facets, context, requests"
)

RUN_COLUMNS = "run_id, started, finished, settings, counts"

LIVING = "r.status IN ('active', 'dormant')"
"""Whether a ring is one of the current run."""

ROLE_ORDER = "CASE role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END"
"""Core, then members, then bystanders."""

_LISTED = " AND ".join(f"(${name} IS NULL OR list_contains(${name}, f.{name}))" for name in ATTRIBUTES)

WANTED = f"""
f.id > $after AND starts_with(f.id, $prefix) AND {_LISTED}
AND ($created_from IS NULL OR f.created_at >= $created_from)
AND ($created_until IS NULL OR f.created_at < $created_until)
AND ($seen_from IS NULL OR f.last_seen >= $seen_from) AND ($seen_until IS NULL OR f.last_seen < $seen_until)
AND ($least_requests IS NULL OR f.requests >= $least_requests)
AND ($most_requests IS NULL OR f.requests <= $most_requests)
AND ($in_ring IS NULL OR $in_ring = (f.id IN (SELECT account_id FROM member WHERE role <> 'bystander')))
"""
"""The conditions of an AccountFilter on rows of ACCOUNTS, called f."""

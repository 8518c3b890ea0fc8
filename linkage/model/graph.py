"""The graph as tables: the Arrow schemas in which accounts, identifiers, uses and links go to a store.

Days are whole days since 1970-01-01 UTC; minutes likewise; times are microseconds UTC. `key` is the keyed
hash of an identifier, 16 hexadecimal digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def _times() -> pa.DataType:
    import pyarrow as pa

    return pa.timestamp("us", tz="UTC")


def accounts_schema() -> pa.Schema:
    """Returns the schema of accounts.

    `starts` are the minutes at which its sessions start, ascending; `breadth` is, for each facet in the
    order of `model.kinds.FACETS`, how many bits every shared thing loses because the account uses many.
    """
    import pyarrow as pa

    text, time = pa.string(), _times()
    return pa.schema(
        [
            ("id", text),
            ("created_at", time),
            ("status", text),
            ("plan", text),
            ("country", text),
            ("email_domain", text),
            ("organization", text),
            ("label", text),
            ("first_seen", time),
            ("last_seen", time),
            ("requests", pa.int64()),
            ("starts", pa.list_(pa.int32())),
            ("breadth", pa.list_(pa.float64())),
        ]
    )


def identifiers_schema() -> pa.Schema:
    """Returns the schema of identifiers.

    `degree` counts the accounts that used it, `peak` those on its busiest day; `bits` is what sharing it
    is worth before the two accounts' breadth; `windowed`: only a day on which both used it counts.
    """
    import pyarrow as pa

    text, time = pa.string(), _times()
    return pa.schema(
        [
            ("key", text),
            ("kind", text),
            ("facet", text),
            ("place", text),
            ("degree", pa.int32()),
            ("peak", pa.int32()),
            ("bits", pa.float64()),
            ("windowed", pa.bool_()),
            ("first_seen", time),
            ("last_seen", time),
        ]
    )


def uses_schema() -> pa.Schema:
    """Returns the schema of uses: which account used which identifier, on which days (ascending)."""
    import pyarrow as pa

    text, time = pa.string(), _times()
    return pa.schema(
        [
            ("account_id", text),
            ("key", text),
            ("days", pa.list_(pa.int32())),
            ("requests", pa.int64()),
            ("first_seen", time),
            ("last_seen", time),
        ]
    )


def numbered_uses_schema() -> pa.Schema:
    """Returns the schema of uses with numbers for ends: places, from 0, in the tables of accounts and identifiers."""
    import pyarrow as pa

    ends = [pa.field("account", pa.int32()), pa.field("identifier", pa.int32())]
    return pa.schema([*ends, *list(uses_schema())[2:]])


def sealed_schema() -> pa.Schema:
    """Returns the schema of sealed values: an identifier's key, and bytes that only its secret opens."""
    import pyarrow as pa

    return pa.schema([("key", pa.string()), ("value", pa.binary())])


def links_schema() -> pa.Schema:
    """Returns the schema of links: a pair (account_a < account_b) with its bits, in all and by facet.

    `grade` is `behaviour` for a link that rings are made of, `infrastructure` for one that only says
    that both use the same things (it makes bystanders, never members).
    """
    import pyarrow as pa

    text, time, bits = pa.string(), _times(), pa.float64()
    facets = [(name, bits) for name in ("network", "payment", "content", "timing", "device", "profile")]
    return pa.schema(
        [
            ("account_a", text),
            ("account_b", text),
            ("bits", bits),
            *facets,
            ("grade", text),
            ("first_seen", time),
            ("last_seen", time),
        ]
    )

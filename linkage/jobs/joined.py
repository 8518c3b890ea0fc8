"""The graph around a sign-up, as it would be with it: what it shares, and what that would be worth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.derive.sign_up import SignUp, SignUpUse
from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.model.kinds import FACETS
from linkage.model.rings import Run
from linkage.model.weights import LEAST_BITS
from linkage.stores.base import GraphTables

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Rows = list[dict[str, Any]]

NEWCOMER = "\N{NULL}sign-up"
"""Stands for the sign-up among the accounts of a store, of which none can have such an id."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The graph of the sign-up, under `name`, and of the accounts that share most with it, the nearest first.

    `known`: how many of its things others used before; `status`: that of the nearest, by id.
    """

    name: str
    nearest: tuple[str, ...]
    status: Mapping[str, str]
    graph: GraphTables
    known: int


def join(
    around: GraphTables, sign_up: SignUp, run: Run, most: int, accounts: Callable[[Sequence[str]], Iterable[pa.Table]]
) -> Joined:
    """Returns the graph of what the sign-up shares, with it as one account more than the run's.

    The `most` accounts that share most with it are in it, by the sum of bits, then by id; `accounts` gives what the
    store holds of them.
    """
    identifiers = {row["key"]: row for row in _rows(around.identifiers, identifiers_schema())}
    table = _table(around.uses, uses_schema())
    by_key: dict[str, _Rows] = defaultdict(list)
    for row in table.select(["account_id", "key", "days"]).to_pylist():
        if row["account_id"] != sign_up.account_id:
            by_key[row["key"]].append(row)
    shared = [use for use in sign_up.uses if by_key[use.key]]
    worth: dict[str, float] = defaultdict(float)
    for use in shared:
        thing = identifiers[use.key]
        thing |= _with_one_more(thing, use, by_key[use.key], run)
        for row in by_key[use.key]:
            if not thing["windowed"] or set(row["days"]) & set(use.days):
                worth[row["account_id"]] += thing["bits"]
    nearest = sorted(worth, key=lambda one: (-worth[one], one))[:most]
    near = list(accounts(nearest))
    newcomer = pa.Table.from_pylist([_as_account(sign_up, _breadth(shared, identifiers, run))], accounts_schema())
    own = pa.Table.from_pylist([_as_use(use) for use in shared], uses_schema())
    return Joined(
        NEWCOMER,
        tuple(nearest),
        {row["id"]: row["status"] for table in near for row in table.select(["id", "status"]).to_pylist()},
        GraphTables(
            [*near, newcomer],
            [pa.Table.from_pylist(list(identifiers.values()), identifiers_schema())],
            [table.filter(pc.is_in(table.column("account_id"), pa.array(nearest, pa.string()))), own],
        ),
        len(shared),
    )


def _breadth(shared: Sequence[SignUpUse], identifiers: dict[str, dict[str, Any]], run: Run) -> list[float]:
    """Returns the breadth of the sign-up by facet, from what is usual in the run."""
    count = Counter(identifiers[use.key]["facet"] for use in shared if identifiers[use.key]["bits"] > 0)
    usual = [float(run.counts.get(f"usual_{facet}", 0)) for facet in FACETS]
    return [
        max(0.0, round(0.5 * float(np.log2(count[facet] / mean)), 3)) if mean and count[facet] else 0.0
        for facet, mean in zip(FACETS, usual, strict=True)
    ]


def _with_one_more(thing: dict[str, Any], use: SignUpUse, others: _Rows, run: Run) -> dict[str, Any]:
    """Returns degree, peak and bits of a thing with one account more, by the formula of docs/model.md.

    What the store says of bits and users gives back the population that they were counted among.
    """
    degree = int(thing["degree"]) + 1
    busiest = max((sum(day in row["days"] for row in others) + 1 for day in use.days), default=1)
    peak = max(int(thing["peak"]), busiest)
    before, after = (int(thing["peak"]), peak) if thing["windowed"] else (int(thing["degree"]), degree)
    population = 2 ** thing["bits"] * (before - 1) if thing["bits"] > 0 and before > 1 else _population(thing, run)
    bits = float(np.log2((population + 1) / (after - 1))) if after > 1 else 0.0
    return {"degree": degree, "peak": peak, "bits": round(bits, 3) if bits >= LEAST_BITS else 0.0}


def _population(thing: dict[str, Any], run: Run) -> float:
    """Returns one less than the accounts that a thing is rare among: all, or those who use that sort of place."""
    return float(run.counts.get(f"crowd_{thing['place']}", run.counts["accounts"])) - 1


def _as_account(sign_up: SignUp, breadth: list[float]) -> dict[str, Any]:
    """Returns the sign-up as a row of accounts."""
    minutes = [minute for use in sign_up.uses for minute in (use.first_minute, use.last_minute) if minute is not None]
    known = dict.fromkeys(accounts_schema().names) | dict(sign_up.attributes)
    created = known["created_at"]
    return known | {
        "id": NEWCOMER,
        "created_at": created.replace(tzinfo=UTC) if created else None,
        "first_seen": _time(min(minutes, default=None)),
        "last_seen": _time(max(minutes, default=None)),
        "requests": 0,
        "starts": list(sign_up.starts),
        "breadth": breadth,
    }


def _as_use(use: SignUpUse) -> dict[str, Any]:
    return {
        "account_id": NEWCOMER,
        "key": use.key,
        "days": list(use.days),
        "requests": use.requests,
        "first_seen": _time(use.first_minute),
        "last_seen": _time(use.last_minute),
    }


def _time(minute: int | None) -> datetime | None:
    return None if minute is None else _EPOCH + timedelta(minutes=minute)


def _table(tables: Any, schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in tables)])


def _rows(tables: Any, schema: pa.Schema) -> _Rows:
    rows: _Rows = _table(tables, schema).to_pylist()
    return rows

"""Rows of the API as DataFrames: columns in snake case, times with their zone, numbers as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

RINGS = (
    *("ringId", "status", "size", "score", "requests", "facets", "context"),
    *("operatorId", "campaignId", "firstSeen", "lastSeen"),
)
MEMBERS = ("ringId", "accountId", "role", "bits", "weakestFacet", "since", "status", "requests")
LINKS = ("ringId", "accountA", "accountB", "bits", "grade", "firstSeen", "lastSeen")
ACCOUNTS = (
    *("accountId", "status", "plan", "country", "emailDomain", "organization", "label", "role", "requests"),
    *("createdAt", "firstSeen", "lastSeen"),
)
EVENTS = ("at", "runId", "ringId", "event", "otherRingId")
THINGS = ("facet", "kind", "key", "place", "degree", "bits", "firstSeen", "lastSeen", "detail")

_TIMES = {"firstSeen", "lastSeen", "since", "createdAt", "at"}
_WHOLE = {"size", "requests", "degree"}
_UPPER = re.compile(r"(?<!^)(?=[A-Z])")


def frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Returns the rows with these columns, in this order, whatever else they have; typed also where there are none."""
    found = pd.DataFrame([[row.get(name) for name in columns] for row in rows], columns=list(columns))
    for name in columns:
        if name in _TIMES:
            found[name] = pd.to_datetime(found[name], utc=True, format="ISO8601")
        elif name in _WHOLE:
            found[name] = found[name].astype("Int64")
        elif name in ("score", "bits"):
            found[name] = found[name].astype("float64")
    return found.rename(columns={name: _UPPER.sub("_", name).lower() for name in columns})

"""Why two accounts are linked: the things that they share, each with its rarity, bits and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.link.grade import grade_of
from linkage.link.rows import evidence_rows
from linkage.link.rule import rule_of
from linkage.link.timing import coincidences, timing_millibits
from linkage.model.graph import accounts_schema, identifiers_schema, uses_schema
from linkage.model.kinds import BEHAVIOUR, FACETS, Facet, kind_of
from linkage.model.rings import Evidence, FacetBits, SharedThing
from linkage.model.weights import (
    CHARGED_KIND,
    GRADES,
    INFRASTRUCTURE_GRADE,
    NO_GRADE,
    TIMING_SCALES,
    chance_millibits,
)
from linkage.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from linkage.stores.base import GraphTables

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Row = dict[Any, Any]  # a row of uses with the columns of its identifier


class Explainer:
    """Explains any pair of the accounts whose graph it is given, among `accounts` accounts in all."""

    def __init__(
        self, graph: GraphTables, accounts: int, settings: Settings, *, traffic: bool, chance: Sequence[float]
    ) -> None:
        self._rule = rule_of(settings, accounts, traffic=traffic, chance=chance)
        self._prior = -float(np.log2(max(accounts, 2)))
        self._accounts = _table(graph.accounts, accounts_schema())
        self._identifiers = _table(graph.identifiers, identifiers_schema())
        self._uses = _table(graph.uses, uses_schema())
        self._by_id: dict[str, dict[str, Any]] = {}
        self._used_by: dict[str, dict[str, _Row]] = {}
        self._limits = self._rule.limits()

    def things(self, a: str, b: str) -> list[SharedThing]:
        """Returns what the two share, timing included, by falling bits, then kind and key."""
        shared = self._shared(a, b)
        timing = self._timing(a, b)
        if timing is not None:
            shared.append(timing)
        return sorted(shared, key=lambda thing: (-thing.bits, thing.kind, thing.key))

    def rows(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Returns what counts of many pairs (account_a, account_b), in the schema of `rows.evidence_schema`."""
        accounts, things, uses = (one.to_pandas() for one in (self._accounts, self._identifiers, self._uses))
        used = uses.merge(things, on="key", suffixes=("", "_thing")).sort_values(["account_id", "key"])
        return evidence_rows(pairs, accounts.set_index("id"), used, self._rule)

    def evidence(self, a: str, b: str) -> Evidence:
        """Returns the waterfall of the pair, whether it comes to a link or not."""
        return self.judged(a, b, self.things(a, b))

    def judged(self, a: str, b: str, things: Sequence[SharedThing]) -> Evidence:
        """Returns the waterfall of the pair if these things, some of its own, were all that the two share."""
        a, b = min(a, b), max(a, b)
        sums = _sums(things, self._charge(a, b))
        facets = tuple(_facet_bits(sums, facet, self._cap(facet)) for facet in FACETS)
        strong = {kind: bits for kind, bits in sums.items() if kind[0] is Facet.TIMING or kind_of(kind[1]).supports}
        total = round(sum(facet.counted for facet in facets), 3)
        millibits = np.array([round(1000 * facet.counted) for facet in facets], np.int64)
        support = np.array([round(1000 * _facet_bits(strong, f, self._cap(f)).counted) for f in FACETS], np.int64)
        telling = self._rule.telling
        based = sum(_base(thing, telling) for thing in things if thing.facet not in BEHAVIOUR) >= self._rule.based
        linked = based and 1000 * total >= self._rule.needed - 0.5
        declared = self._declared(a, b)
        grade = int(grade_of(millibits, support, self._limits))
        if declared and grade != NO_GRADE:
            grade = INFRASTRUCTURE_GRADE
        return Evidence(
            account_a=a,
            account_b=b,
            prior=round(self._prior, 3),
            facets=tuple(facet for facet in facets if facet.summed > 0),
            things=tuple(things),
            bits=total,
            needed=self._rule.needed / 1000,
            grade=GRADES[grade] if linked and grade != NO_GRADE else "",
            against=(*declared, *self._against(facets, support, based=based)),
        )

    def _charge(self, a: str, b: str) -> float:
        """Returns the bits that the two lose for prompts shared by chance."""
        place = FACETS.index(Facet.CONTENT)
        breadth = round(1000 * (self._breadth(a)[place] + self._breadth(b)[place]))
        return chance_millibits(self._rule.chance, breadth) / 1000

    def _cap(self, facet: Facet) -> float:
        return (self._rule.timing_cap if facet is Facet.TIMING else self._rule.cap) / 1000

    def _breadth(self, account_id: str) -> Sequence[float]:
        return [float(bits) for bits in np.asarray(self._known("breadth")[account_id], np.float64)]

    def _known(self, column: str) -> dict[str, Any]:
        """Returns what is known of accounts, by id: a table or a frame takes far longer for one value."""
        if column not in self._by_id:
            ids, values = (self._accounts.column(name).to_pylist() for name in ("id", column))
            self._by_id[column] = dict(zip(ids, values, strict=True))
        return self._by_id[column]

    def _starts(self, account_id: str) -> Any:
        return np.asarray(self._known("starts")[account_id], np.int32)

    def _shared(self, a: str, b: str) -> list[SharedThing]:
        mine, theirs = self._used(a), self._used(b)
        lost = [x + y for x, y in zip(self._breadth(a), self._breadth(b), strict=True)]
        found = (_thing(mine[key], theirs[key], lost) for key in sorted(mine.keys() & theirs.keys()))
        return [thing for thing in found if thing is not None]

    def _used(self, account_id: str) -> dict[str, _Row]:
        """Returns what the account used, by key, with what is known of each thing."""
        if not self._used_by:
            things = {row["key"]: row for row in self._identifiers.to_pylist()}
            for row in self._uses.to_pylist():
                thing = things.get(row["key"])
                if thing is not None:
                    self._used_by.setdefault(row["account_id"], {})[row["key"]] = thing | row
        return self._used_by.get(account_id, {})

    def _timing(self, a: str, b: str) -> SharedThing | None:
        starts_a, starts_b = self._starts(a), self._starts(b)
        bits = int(timing_millibits(starts_a, starts_b)) / 1000
        if bits <= 0:
            return None
        parts = []
        for scale in TIMING_SCALES:
            common, expected = coincidences(starts_a, starts_b, scale)
            parts.append(f"{common} common windows of {scale} min, {expected:.2f} expected")
        first = max(starts_a[0], starts_b[0])
        last = min(starts_a[-1], starts_b[-1])
        times = (_EPOCH + timedelta(minutes=int(first)), _EPOCH + timedelta(minutes=int(last)))
        return SharedThing(Facet.TIMING, "sessions", "", None, 2, bits, *times, detail="; ".join(parts))

    def _declared(self, a: str, b: str) -> tuple[str, ...]:
        """Returns what users have declared that explains the sharing, in sentences."""
        one, two = (self._known("organization")[account] for account in (a, b))
        found = []
        if isinstance(one, str) and one == two:
            found.append("both belong to the same declared organization")
        found += [f"{name} is labelled benign" for name in (a, b) if self._known("label")[name] == "benign"]
        return tuple(found)

    def _against(self, facets: Sequence[FacetBits], support: Iterable[int], *, based: bool) -> tuple[str, ...]:
        """Returns what speaks against the link, in sentences."""
        found = [] if based else ["they share too little infrastructure"]
        if sum(millibits >= self._rule.floor for millibits in support) < 2:
            found.append("fewer than two facets support it")
        behaviour = sum(facet.counted for facet in facets if facet.facet in BEHAVIOUR)
        if self._rule.traffic and 1000 * behaviour < self._rule.behaviour_floor:
            found.append("their traffic does not look alike: they may only share infrastructure")
        return tuple(found)


def _table(tables: Any, schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in tables)])


def _thing(mine: _Row, theirs: _Row, lost: Sequence[float]) -> SharedThing | None:
    """Returns what one common identifier is worth, or None if that is nothing or it was shared on no day."""
    facet = Facet(mine["facet"])
    bits = round(mine["bits"] - lost[FACETS.index(facet)], 3)
    if bits <= 0:
        return None
    first, last = (_latest(mine[name], theirs[name]) for name in ("first_seen", "last_seen"))
    if mine["windowed"]:
        common = sorted(set(mine["days"]) & set(theirs["days"]))
        if not common:
            return None
        first, last = (_EPOCH + timedelta(days=int(day)) for day in (common[0], common[-1]))
    return SharedThing(facet, mine["kind"], mine["key"], mine["place"], int(mine["degree"]), bits, first, last)


def _latest(one: datetime | None, two: datetime | None) -> datetime | None:
    return max(one, two) if one and two else None


def _base(thing: SharedThing, telling: int) -> int:
    """Returns the millibits of a thing of infrastructure if it is telling, else 0."""
    millibits = round(1000 * thing.bits)
    return millibits if millibits >= telling and kind_of(thing.kind).supports else 0


def _sums(things: Sequence[SharedThing], charge: float) -> dict[tuple[Facet, str], float]:
    """Returns the bits of each kind of thing, prompts less the charge."""
    sums: dict[tuple[Facet, str], float] = {}
    for thing in things:
        kind = thing.facet, thing.kind
        sums[kind] = sums.get(kind, 0.0) + thing.bits
    charged = Facet.CONTENT, CHARGED_KIND
    if charged in sums:
        sums[charged] = max(0.0, sums[charged] - charge)
    return sums


def _facet_bits(sums: Mapping[tuple[Facet, str], float], facet: Facet, cap: float) -> FacetBits:
    """Returns a facet's bits: the largest sum of one kind, at most the cap."""
    summed = round(max((bits for kind, bits in sums.items() if kind[0] is facet), default=0.0), 3)
    return FacetBits(facet, summed, min(summed, cap))

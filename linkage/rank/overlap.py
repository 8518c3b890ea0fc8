"""How much of what two groups use is the same: Morisita's index of overlap, over rare things.

With k(i, r) the accounts of group r that use thing i, and d(i) all that do, the chance that two uses of one
thing by different accounts fall on r and s is

    D(r, s) = Σ over i  k(i, r) k(i, s) / (d(i) − 1)        D(r, r) = Σ over i  k(i, r) (k(i, r) − 1) / (d(i) − 1)

and the overlap is D(r, s) / √(D(r, r) D(s, s)), after Morisita (1959): about 1 where both draw from one pool,
however little of it each of them drew, and near 0 where they do not. A cosine of profiles falls with the
size of the draw. The divisor d − 1 gives every use the same weight, so that a template which everybody has
does not drown a thousand questions.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import count_bits, lowest_bit
from linkage.kernels.forest import root
from linkage.rank.rare import RareUses, grouped
from linkage.rank.wide import Held, Users, held

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

LEAST_SHARED, IN_A_HOUSE = 3.0, 0.5
"""Least D(r, s): fewer uses in common are an accident, but among parts of what was one, which may be small."""

OWN, HARDLY = 5.0, 0.05
"""D(r, r) of what is bought and kept from which a group has its own of it, and the overlap of two groups of which
neither has the other's."""


@dataclass(slots=True)
class _Shares:
    """D of each two groups that share anything, and of each with itself; what is joined counts as its lower number."""

    between: dict[int, dict[int, float]]
    mass: list[float]

    @classmethod
    def of(cls, low: Ints, high: Ints, shared: Floats, within: Floats) -> _Shares:
        between: dict[int, dict[int, float]] = {}
        for one, two, value in zip(low.tolist(), high.tolist(), shared.tolist(), strict=True):
            between.setdefault(one, {})[two] = between.setdefault(two, {})[one] = value
        return cls(between, within.tolist())

    def overlap(self, one: int, two: int) -> float:
        shared = self.between.get(one, {}).get(two, 0.0)
        return shared / math.sqrt(max(self.mass[one] * self.mass[two], 1e-12))

    def near(self, one: int, least: float, fewest: float) -> list[tuple[float, int, int]]:
        """Returns those that overlap enough with a group, as (−overlap, lower, higher)."""
        own = self.mass[one]
        found = []
        for two, shared in self.between[one].items():
            if shared >= fewest:
                overlap = shared / math.sqrt(max(own * self.mass[two], 1e-12))
                if overlap >= least:
                    found.append((-overlap, min(one, two), max(one, two)))
        return found

    def join(self, one: int, two: int) -> None:
        near, rest = self.between.setdefault(one, {}), self.between.pop(two, {})
        self.mass[one] += self.mass[two] + 2 * near.pop(two, 0.0)
        rest.pop(one, None)
        for three, shared in rest.items():
            del self.between[three][two]
            near[three] = self.between[three][one] = near.get(three, 0.0) + shared

    def apart(self, one: int, two: int) -> bool:
        """Returns whether each has things of its own, and hardly any of them is the other's."""
        return min(self.mass[one], self.mass[two]) >= OWN and self.overlap(one, two) < HARDLY


def joined(
    uses: RareUses,
    group: Ints,
    groups: int,
    least: float,
    wide: Users | None = None,
    owned: RareUses | None = None,
    house: Ints | None = None,
) -> Ints:
    """Returns for each group the first one of those that are one by an overlap of `least` or more.

    `wide`: users of further things, of which those count that groups hold. `owned`: uses of things that are bought and
    kept; groups that each have their own of these are not one, whatever else they have in common. `house`: by group,
    its house; only groups of one house are joined.

    The two that overlap most are joined first, and the overlap of both together with the others counts from then
    on: a chain of groups that each overlap a little with the next does not hold.
    """
    low, high, shared, within = overlaps(uses, group, groups, wide)
    fewest = LEAST_SHARED if house is None else IN_A_HOUSE
    if house is not None:
        same = house[low] == house[high]
        low, high, shared = low[same], high[same], shared[same]
    keeping = None
    if owned is not None:
        lone = _lone(owned, group, groups)
        within = np.maximum(within - lone, LEAST_SHARED)  # less than that measures nothing
        one, two, same, bought = overlaps(owned, group, groups)
        keeping = _Shares.of(one, two, same, bought - lone)
    all_of_it = _Shares.of(low, high, shared, within)
    first = list(range(groups))
    overlap = shared / np.sqrt(np.maximum(within[low] * within[high], 1e-12))
    enough = (overlap >= least) & (shared >= fewest)
    queue = list(zip((-overlap[enough]).tolist(), low[enough].tolist(), high[enough].tolist(), strict=True))
    heapq.heapify(queue)
    while queue:
        falling, one, two = heapq.heappop(queue)
        if first[one] != one or first[two] != two or -falling != all_of_it.overlap(one, two):
            continue  # one of them was joined with a third
        if keeping is not None:
            if keeping.apart(one, two):
                continue
            keeping.join(one, two)
        all_of_it.join(one, two)
        first[two] = one
        for found in all_of_it.near(one, least, fewest):
            heapq.heappush(queue, found)
    for number in range(groups):
        first[number] = first[first[number]]  # the lower one stands for both, and comes first
    return np.array(first, np.int32)


def _lone(owned: RareUses, group: Ints, groups: int) -> Floats:
    """Returns how much of D(r, r) tells nothing of what other groups have: by group, that of the largest thing of each
    of the parts into which its accounts fall by the things that they have in common.

    One card for every four accounts makes many such parts, and any two groups of them have none of each other's.
    """
    near = grouped(owned, group)
    found: Floats = _lone_of(owned.of_thing, owned.user, near.bounds, near.rows, len(group), groups)
    return found


def overlaps(uses: RareUses, group: Ints, groups: int, wide: Users | None = None) -> tuple[Any, Any, Any, Any]:
    """Returns pairs of groups (lower first), D of each pair, and D of each group with itself."""
    near = grouped(uses, group)
    begin, end = np.ascontiguousarray(near.bounds.T)
    rows = begin, end, near.group, _counts(near.users), np.diff(uses.of_thing).astype(np.int32)
    if wide is not None:
        more, behind = held(wide, group, groups), np.int32(len(near.group))
        others = more.begin + behind, more.end + behind, more.group, more.count, more.degree
        rows = tuple(map(np.concatenate, zip(rows, others, strict=True)))  # type: ignore[assignment]
    return _pairs(*rows, groups)  # type: ignore[no-any-return] # compiled


def overlaps_held(users: Users, group: Ints, groups: int, least: int) -> tuple[Any, Any, Any, Any]:
    """Returns what `overlaps` does, over things of `least` users or more that groups hold."""
    rows = held(users, group, groups, least)
    return _pairs(rows.begin, rows.end, rows.group, rows.count, rows.degree, groups)  # type: ignore[no-any-return]


def meetings(rows: Held, groups: int) -> tuple[Any, Any, Any, Any]:
    """Returns pairs of groups (lower first), and for how many pairs of their accounts and a thing both use it."""
    once = np.full(len(rows.degree), 2, np.int32)  # of a thing that two use, all weigh one
    return _pairs(rows.begin, rows.end, rows.group, rows.count, once, groups)  # type: ignore[no-any-return]


@numba.njit(cache=True, nogil=True)
def _lone_of(of_thing: Any, user: Any, bounds: Any, rows: Any, accounts: int, groups: int) -> Any:
    parent, most = np.arange(accounts, dtype=np.int32), np.zeros(accounts, np.float64)
    out = np.zeros(groups, np.float64)
    for linking in (True, False):
        for thing in range(len(bounds)):
            for row in range(bounds[thing, 0], bounds[thing, 1]):
                first, rest = user[of_thing[thing] + lowest_bit(rows[row, 1])], rows[row, 1]
                while linking and rest:
                    one, two = root(parent, first), root(parent, user[of_thing[thing] + lowest_bit(rest)])
                    parent[max(one, two)] = min(one, two)
                    rest &= rest - np.uint64(1)
                if not linking:
                    mine, part = count_bits(rows[row, 1]), root(parent, first)
                    weight = mine * (mine - 1) / (of_thing[thing + 1] - of_thing[thing] - 1)
                    out[rows[row, 0]] += max(0.0, weight - most[part])
                    most[part] = max(most[part], weight)
    return out


@numba.njit(cache=True, nogil=True)
def _counts(users: Any) -> Any:
    out = np.empty(len(users), np.int32)
    for row in range(len(users)):
        out[row] = count_bits(users[row])
    return out


@numba.njit(cache=True, nogil=True)
def _pairs(begins: Any, ends: Any, group: Any, count: Any, degree: Any, groups: int) -> Any:  # noqa: C901 - group by group
    within = np.zeros(groups, np.float64)
    bounds = np.zeros(groups + 1, np.int64)
    for row in range(len(group)):
        bounds[group[row] + 1] += 1
    bounds = np.cumsum(bounds)
    free, thing_of, row_of = bounds[:-1].copy(), np.empty(len(group), np.int32), np.empty(len(group), np.int32)
    for thing in range(len(begins)):
        for row in range(begins[thing], ends[thing]):  # none, where no group uses it
            at = free[group[row]]
            thing_of[at], row_of[at] = thing, row
            free[group[row]] = at + 1
    size = 0
    o_low, o_high, o_shared = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.float64)
    sums, near = np.zeros(groups, np.float64), np.empty(groups, np.int32)
    for one in range(groups):
        found = 0
        for at in range(bounds[one], bounds[one + 1]):
            thing, mine = thing_of[at], count[row_of[at]]
            weight = 1.0 / (degree[thing] - 1)
            within[one] += weight * mine * (mine - 1)
            for row in range(begins[thing], ends[thing]):
                two = group[row]
                if two > one:
                    if sums[two] == 0.0:
                        near[found] = two
                        found += 1
                    sums[two] += weight * mine * count[row]
        while size + found > len(o_low):
            o_low, o_high = np.concatenate((o_low, o_low)), np.concatenate((o_high, o_high))
            o_shared = np.concatenate((o_shared, o_shared))
        for two in np.sort(near[:found]):
            o_low[size], o_high[size], o_shared[size] = one, two, sums[two]
            sums[two] = 0.0
            size += 1
    return o_low[:size].copy(), o_high[:size].copy(), o_shared[:size].copy(), within

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
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

LEAST_SHARED = 3.0
"""Least D(r, s): fewer uses in common are an accident."""


def joined(incidence: Incidence, things: npt.NDArray[np.bool_], group: Ints, groups: int, least: float) -> Ints:
    """Returns for each group the first one of those that are one by an overlap of `least` or more.

    The two that overlap most are joined first, and the overlap of both together with the others counts from then
    on: a chain of groups that each overlap a little with the next does not hold.
    """
    low, high, shared, within = overlaps(incidence, things, group, groups)
    between: dict[int, dict[int, float]] = {}
    for one, two, value in zip(low.tolist(), high.tolist(), shared.tolist(), strict=True):
        between.setdefault(one, {})[two] = between.setdefault(two, {})[one] = value
    mass = within.tolist()
    first = list(range(groups))
    queue = [found for one in between for found in _near(one, between, mass, least) if found[1] < found[2]]
    heapq.heapify(queue)
    while queue:
        falling, one, two = heapq.heappop(queue)
        if first[one] != one or first[two] != two or -falling != _overlap(one, two, between, mass):
            continue  # one of them was joined with a third
        _join(one, two, between, mass)
        first[two] = one
        for found in _near(one, between, mass, least):
            heapq.heappush(queue, found)
    for number in range(groups):
        first[number] = first[first[number]]  # the lower one stands for both, and comes first
    return np.array(first, np.int32)


def _overlap(one: int, two: int, between: dict[int, dict[int, float]], mass: list[float]) -> float:
    return between[one].get(two, 0.0) / math.sqrt(max(mass[one] * mass[two], 1e-12))


def _near(
    one: int, between: dict[int, dict[int, float]], mass: list[float], least: float
) -> list[tuple[float, int, int]]:
    """Returns those that overlap enough with a group, as (−overlap, lower, higher)."""
    found = []
    for two, shared in between[one].items():
        overlap = _overlap(min(one, two), max(one, two), between, mass)
        if overlap >= least and shared >= LEAST_SHARED:
            found.append((-overlap, min(one, two), max(one, two)))
    return found


def _join(one: int, two: int, between: dict[int, dict[int, float]], mass: list[float]) -> None:
    mass[one] += mass[two] + 2 * between[one].pop(two)
    del between[two][one]
    for three, shared in between.pop(two).items():
        del between[three][two]
        between[one][three] = between[three][one] = between[one].get(three, 0.0) + shared


def overlaps(
    incidence: Incidence, things: npt.NDArray[np.bool_], group: Ints, groups: int
) -> tuple[Any, Any, Any, Any]:
    """Returns pairs of groups (lower first), D of each pair, and D of each group with itself."""
    of_group, thing, users, degree = _uses(incidence.of_thing, incidence.user, things, group.astype(np.int32), groups)
    return _pairs(of_group, thing, users, degree, groups)  # type: ignore[no-any-return] # compiled


@numba.njit(cache=True, nogil=True)
def _uses(of_thing: Any, user: Any, things: Any, group: Any, groups: int) -> Any:  # noqa: C901 - one pass over rows
    """Returns the groups of each thing in use with their users, where each thing begins, and its degree."""
    size = 0
    for row in range(len(user)):
        if group[user[row]] >= 0:
            size += 1
    o_group, o_users = np.empty(size, np.int32), np.empty(size, np.int32)
    bounds, degree = [0], [0]
    count, near = np.zeros(groups, np.int32), np.empty(groups, np.int32)
    out = 0
    for one in range(len(things)):
        if not things[one]:
            continue
        users, found, last = 0, 0, -1
        for row in range(of_thing[one], of_thing[one + 1]):
            if user[row] == last:
                continue
            last = user[row]
            users += 1
            c = group[last]
            if c >= 0:
                if count[c] == 0:
                    near[found] = c
                    found += 1
                count[c] += 1
        for number in range(found):
            o_group[out], o_users[out] = near[number], count[near[number]]
            count[near[number]] = 0
            out += 1
        if found:
            bounds.append(out)
            degree.append(users)
    return o_group[:out].copy(), np.array(bounds), o_users[:out].copy(), np.array(degree)[1:]


@numba.njit(cache=True, nogil=True)
def _pairs(of_group: Any, bounds: Any, users: Any, degree: Any, groups: int) -> Any:
    within = np.zeros(groups, np.float64)
    sums = {}
    sums[np.int64(-1)] = 0.0
    for thing in range(len(bounds) - 1):
        weight = 1.0 / (degree[thing] - 1)
        for one in range(bounds[thing], bounds[thing + 1]):
            within[of_group[one]] += weight * users[one] * (users[one] - 1)
            for two in range(one + 1, bounds[thing + 1]):
                low, high = min(of_group[one], of_group[two]), max(of_group[one], of_group[two])
                pair = np.int64(low) * groups + high
                sums[pair] = sums.get(pair, 0.0) + weight * users[one] * users[two]
    size = len(sums) - 1
    low_, high_, shared = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.float64)
    at = 0
    for pair, value in sums.items():
        if pair >= 0:
            low_[at], high_[at], shared[at] = pair // groups, pair % groups, value
            at += 1
    return low_, high_, shared, within

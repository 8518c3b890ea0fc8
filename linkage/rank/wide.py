"""Things that too many accounts use to be rare, and of which groups hold a half at least.

A place that the public uses is not one of these, but the pool of a large operator is, if each of its addresses serves
a hundred accounts, and so is a template of a thousand: without them large groups would share nothing that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import KINDS, Facet
from linkage.rank.rare import RARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Users:
    """Users of things, without repeats: `of_thing` bounds rows of `user`, ascending; things are numbered anew."""

    of_thing: Offsets
    user: Ints

    @classmethod
    def of(cls, incidence: Incidence, facets: Sequence[Facet], least: int) -> Users:
        """Returns the users of things of supporting kinds that `least` accounts or more use."""
        wanted = np.array([kind.supports and kind.facet in facets for kind in KINDS])[incidence.kind]
        return cls(*_used(incidence.of_thing, incidence.user, wanted, least))


@dataclass(frozen=True, slots=True)
class Held:
    """What groups hold: of thing i rows `begin[i]` to `end[i]` of `group` and `count`; it has `degree[i]` users."""

    begin: Ints
    end: Ints
    group: Ints
    count: Ints
    degree: Ints

    def take(self, rows: npt.NDArray[np.bool_]) -> Held:
        """Returns what these rows hold."""
        at = np.concatenate((np.zeros(1, np.int32), np.cumsum(rows, dtype=np.int32)))
        return Held(at[self.begin], at[self.end], self.group[rows], self.count[rows], self.degree)


def held(users: Users, group: Ints, groups: int, least: int = RARE + 1) -> Held:
    """Returns how many accounts of each group use the things of `least` users or more that groups hold."""
    return Held(*_held(users.of_thing, users.user, group.astype(np.int32), groups, least))


@numba.njit(cache=True, nogil=True)
def _used(of_thing: Any, user: Any, wanted: Any, least: int) -> Any:
    bounds, size, things = np.zeros(len(wanted) + 1, np.int64), 0, 0
    rows = 0
    for thing in range(len(wanted)):
        rows += of_thing[thing + 1] - of_thing[thing] if wanted[thing] else 0
    o_user = np.empty(rows, np.int32)
    for thing in range(len(wanted)):
        if not wanted[thing]:
            continue
        first = size
        for row in range(of_thing[thing], of_thing[thing + 1]):
            if size == first or user[row] != o_user[size - 1]:
                o_user[size] = user[row]
                size += 1
        if size - first < least:
            size = first
        else:
            things += 1
            bounds[things] = size
    return bounds[: things + 1].copy(), o_user[:size].copy()


@numba.njit(cache=True, nogil=True)
def _held(of_thing: Any, user: Any, group: Any, groups: int, least: int) -> Any:
    begins, ends = np.empty(len(of_thing), np.int32), np.empty(len(of_thing), np.int32)
    degrees, things = np.empty(len(of_thing), np.int32), 0
    size, o_group, o_count = 0, np.empty(4096, np.int32), np.empty(4096, np.int32)
    count, near = np.zeros(groups, np.int32), np.empty(groups, np.int32)
    for thing in range(len(of_thing) - 1):
        degree = of_thing[thing + 1] - of_thing[thing]
        if degree < least:
            continue
        found, inside = 0, 0
        for row in range(of_thing[thing], of_thing[thing + 1]):
            c = group[user[row]]
            if c >= 0:
                inside += 1
                if count[c] == 0:
                    near[found] = c
                    found += 1
                count[c] += 1
        while size + found > len(o_group):
            o_group, o_count = np.concatenate((o_group, o_group)), np.concatenate((o_count, o_count))
        if 2 * inside >= degree:
            begins[things], ends[things], degrees[things] = size, size + found, degree
            things += 1
            for c in near[:found]:
                o_group[size], o_count[size] = c, count[c]
                size += 1
        for c in near[:found]:
            count[c] = 0
    kept = begins[:things].copy(), ends[:things].copy(), o_group[:size].copy(), o_count[:size].copy()
    return kept[0], kept[1], kept[2], kept[3], degrees[:things].copy()

"""Rare things with their users, laid out for what is asked of them again and again: who met whom, group by group.

A rare thing has at most 64 users, so those whom one of them met are the bits of one word, and how many of these
belong to a group is the number of bits that two words have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import is_set, packed
from linkage.model.kinds import KINDS, Facet, Kind

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

RARE = 64
"""Things that more accounts use say nothing of groups: popular prompts, exits of the great."""

THINGS = 256
"""So many of its rare things each account is looked at for, the rarest first: enough to know it by."""

_WINDOWED = np.array([kind.windowed for kind in KINDS])


@dataclass(frozen=True, slots=True)
class RareUses:
    """Uses of rare things, both ways, without repeats.

    `of_thing` bounds rows of `user` (ascending); `of_account` bounds rows of `thing` (ascending, the first `THINGS` of
    each account) and `met`, in which bit k is set if the account met the thing's k-th user (on the same day, for a
    windowed kind). Things are numbered anew, in the order of the incidence; `kind` is the kind's code by thing.
    """

    of_thing: Offsets
    user: Ints
    of_account: Offsets
    thing: Ints
    met: Words
    kind: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, incidence: Incidence, facets: tuple[Facet, ...]) -> RareUses:
        """Returns the uses of those things of supporting kinds of these facets that 2 to `RARE` accounts use."""
        wanted = np.array([kind.supports and kind.facet in facets for kind in KINDS])[incidence.kind]
        rows = incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days
        chosen, of_thing, user, met = _rare(rows, wanted, _WINDOWED[incidence.kind], RARE)
        of_account, thing, own_met = _by_account(of_thing, user, met, incidence.accounts, THINGS)
        return cls(of_thing, user, of_account, thing, own_met, incidence.kind[chosen])

    def only(self, *facets: Facet) -> RareUses:
        """Returns the uses of things of these facets."""
        return self.of_kinds(*(kind for kind in KINDS if kind.facet in facets))

    def of_kinds(self, *kinds: Kind) -> RareUses:
        """Returns the uses of things of these kinds."""
        kept = np.isin(self.kind, [kind.code for kind in kinds])
        of_thing, user = _kept_things(self.of_thing, self.user, kept)
        number = np.cumsum(kept, dtype=np.int32) - 1
        of_account, thing, met = _kept_uses(self.of_account, self.thing, self.met, kept, number)
        return RareUses(of_thing, user, of_account, thing, met, self.kind[kept])

    @property
    def accounts(self) -> int:
        """Returns the number of accounts."""
        return len(self.of_account) - 1

    @property
    def things(self) -> Ints:
        """Returns the number of rare things by account, at most `THINGS`."""
        return np.diff(self.of_account).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups that use each thing.

    `bounds` (things x 2): its first row and the one behind its last, the same for a thing that none does. `rows`
    (rows x 2): group, and a word in which bit k is set for the thing's k-th user. What is looked at together lies
    together: things are looked up in no order, and a look is a wait for memory.
    """

    bounds: Ints
    rows: Words

    @property
    def group(self) -> Ints:
        """Returns the group by row."""
        return self.rows[:, 0].astype(np.int32)

    @property
    def users(self) -> Words:
        """Returns the word of users by row."""
        return np.ascontiguousarray(self.rows[:, 1])


def grouped(uses: RareUses, group: Ints) -> Grouped:
    """Returns the groups of each thing; `group` is by account number, -1 for none."""
    groups = int(group.max(initial=-1)) + 1
    return Grouped(*_grouped(uses.of_thing, uses.user, group.astype(np.int32), packed(group >= 0), groups))


@numba.njit(cache=True, nogil=True)
def _meets(block: Any, days: Any, one: int, last_one: int, two: int, last_two: int) -> bool:
    """Whether rows [one, last_one) and [two, last_two) of two users of a thing have a day in common."""
    for i in range(one, last_one):
        for j in range(two, last_two):
            if block[i] == block[j] and days[i] & days[j]:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _rare(rows: Any, wanted: Any, windowed: Any, rare: int) -> Any:  # noqa: C901 - one pass over rows
    """Returns the numbers of rare things, bounds and users of each, and whom each of these met."""
    of_thing, user, block, days = rows
    one = np.uint64(1)
    chosen, bounds = np.empty(len(wanted), np.int32), np.zeros(len(wanted) + 1, np.int64)
    size, things = 4096, 0
    o_user, o_met = np.empty(size, np.int32), np.empty(size, np.uint64)
    firsts = np.empty(rare + 1, np.int64)
    for thing in range(len(wanted)):
        if not wanted[thing]:
            continue
        users, begin, end = 0, of_thing[thing], of_thing[thing + 1]
        for row in range(begin, end):
            if row == begin or user[row] != user[row - 1]:
                if users == rare:
                    users += 1
                    break
                firsts[users] = row
                users += 1
        if users < 2 or users > rare:
            continue
        firsts[users] = end
        at = bounds[things]
        while at + users > len(o_user):
            o_user, o_met = np.concatenate((o_user, o_user)), np.concatenate((o_met, o_met))
        everybody = (one << np.uint64(users - 1) << one) - one
        for k in range(users):
            o_user[at + k] = user[firsts[k]]
            o_met[at + k] = np.uint64(0) if windowed[thing] else everybody & ~(one << np.uint64(k))
        if windowed[thing]:
            for k in range(users):
                for other in range(k + 1, users):
                    if _meets(block, days, firsts[k], firsts[k + 1], firsts[other], firsts[other + 1]):
                        o_met[at + k] |= one << np.uint64(other)
                        o_met[at + other] |= one << np.uint64(k)
        chosen[things] = thing
        things += 1
        bounds[things] = at + users
    last = bounds[things]
    return chosen[:things].copy(), bounds[: things + 1].copy(), o_user[:last].copy(), o_met[:last].copy()


@numba.njit(cache=True, nogil=True)
def _by_account(of_thing: Any, user: Any, met: Any, accounts: int, most: int) -> Any:
    bounds = np.zeros(accounts + 1, np.int64)
    for row in range(len(user)):
        bounds[user[row] + 1] = min(most, bounds[user[row] + 1] + 1)
    bounds = np.cumsum(bounds)
    free = bounds[:-1].copy()
    o_thing, o_met = np.empty(bounds[-1], np.int32), np.empty(bounds[-1], np.uint64)
    for thing in range(len(of_thing) - 1):
        for row in range(of_thing[thing], of_thing[thing + 1]):
            at = free[user[row]]
            if at < bounds[user[row] + 1]:
                free[user[row]] = at + 1
                o_thing[at], o_met[at] = thing, met[row]
    return bounds, o_thing, o_met


@numba.njit(cache=True, nogil=True)
def _kept_things(of_thing: Any, user: Any, kept: Any) -> Any:
    bounds, o_user = np.zeros(np.count_nonzero(kept) + 1, np.int64), np.empty(len(user), np.int32)
    size, things = 0, 0
    for thing in range(len(kept)):
        if kept[thing]:
            for row in range(of_thing[thing], of_thing[thing + 1]):
                o_user[size] = user[row]
                size += 1
            things += 1
            bounds[things] = size
    return bounds, o_user[:size].copy()


@numba.njit(cache=True, nogil=True)
def _kept_uses(of_account: Any, thing: Any, met: Any, kept: Any, number: Any) -> Any:
    bounds = np.zeros(len(of_account), np.int64)
    o_thing, o_met = np.empty(len(thing), np.int32), np.empty(len(thing), np.uint64)
    size = 0
    for account in range(len(of_account) - 1):
        for row in range(of_account[account], of_account[account + 1]):
            if kept[thing[row]]:
                o_thing[size], o_met[size] = number[thing[row]], met[row]
                size += 1
        bounds[account + 1] = size
    return bounds, o_thing[:size].copy(), o_met[:size].copy()


@numba.njit(cache=True, nogil=True)
def _grouped(of_thing: Any, user: Any, group: Any, known: Any, groups: int) -> Any:
    things = len(of_thing) - 1
    bounds = np.zeros((things, 2), np.int32)
    inside = 0
    for row in range(len(user)):
        inside += is_set(known, user[row])
    out = np.empty((inside, 2), np.uint64)
    slot, size = np.full(groups, -1, np.int64), 0
    for thing in range(things):
        first, begin = size, of_thing[thing]
        for row in range(begin, of_thing[thing + 1]):
            if not is_set(known, user[row]):
                continue
            c = group[user[row]]
            if slot[c] < first:
                slot[c] = size
                out[size, 0], out[size, 1] = c, np.uint64(0)
                size += 1
            out[slot[c], 1] |= np.uint64(1) << np.uint64(row - begin)
        bounds[thing, 0], bounds[thing, 1] = first, size
    return bounds, out[:size].copy()

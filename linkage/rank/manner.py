"""How an account asks, apart from what: templates and wordings that many accounts of a group share.

A question is asked a time or two, and an outsider who works through a public data set shares hundreds of them with a
campaign that borrows from it. The frames around the questions are the campaign's own, and many of its accounts use
them. So content that is used widely tells the manner, as rare content tells the matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import Facet
from linkage.rank.affinity import Affinity, judged
from linkage.rank.wide import Users

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

WIDE = 16
"""Content that at least so many accounts use is a manner of asking rather than a question."""

SPREAD = 1 / 64
"""So large a part of a campaign at least uses its manner: a public question is asked by few of a large campaign."""

OWN_USERS, OWN_PART = 4, 1 / 4
"""So many accounts of a ring, and so large a part of it, use a manner of its own."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Uses of content that `OWN_USERS` accounts or more use, both ways, without repeats.

    `of_thing` bounds rows of `user`, `of_account` rows of `thing`, all ascending; things are numbered anew.
    """

    of_thing: Offsets
    user: Ints
    of_account: Offsets
    thing: Ints

    @classmethod
    def of(cls, incidence: Incidence) -> Forms:
        """Returns the forms of the incidence."""
        users = Users.of(incidence, (Facet.CONTENT,), OWN_USERS)
        return cls(users.of_thing, users.user, *_by_account(users.of_thing, users.user, incidence.accounts))

    @property
    def users(self) -> Users:
        """Returns the users of forms alone."""
        return Users(self.of_thing, self.user)


def manner(forms: Forms, group: Ints, rate: float) -> Affinity:
    """Returns how accounts stand to groups by what is widely used; `group` is by account, -1 for none.

    The likelihood ratio of `affinity` at the rate q, `rate`, over content of `WIDE` users or more; of a group, what
    the part `SPREAD` of it uses.
    """
    groups = int(group.max(initial=-1)) + 1
    near = _groups(forms.of_thing, forms.user, group.astype(np.int32), SPREAD * _sizes(group))
    wide = np.diff(forms.of_thing) >= WIDE
    count, *rows = _summed(forms.of_account, forms.thing, np.diff(forms.of_thing), wide, near, group, groups)
    return judged(tuple(rows), count, group, rate)


def own_manner(forms: Forms, group: Ints) -> Ints:
    """Returns by account how much it uses of what is its group's own; `group` is by account, -1 for none.

    That is what `OWN_USERS` accounts and the part `OWN_PART` of the group use, who are half of all its users or more.
    """
    near = _groups(forms.of_thing, forms.user, group.astype(np.int32), np.maximum(OWN_PART * _sizes(group), OWN_USERS))
    found: Ints = _own(forms.of_account, forms.thing, np.diff(forms.of_thing), near, group)
    return found


def _sizes(group: Ints) -> npt.NDArray[np.float64]:
    return np.bincount(group[group >= 0], minlength=int(group.max(initial=-1)) + 1).astype(np.float64)


@numba.njit(cache=True, nogil=True)
def _by_account(of_thing: Any, user: Any, accounts: int) -> Any:
    bounds = np.zeros(accounts + 1, np.int64)
    for row in range(len(user)):
        bounds[user[row] + 1] += 1
    bounds = np.cumsum(bounds)
    free, o_thing = bounds[:-1].copy(), np.empty(len(user), np.int32)
    for thing in range(len(of_thing) - 1):
        for row in range(of_thing[thing], of_thing[thing + 1]):
            o_thing[free[user[row]]] = thing
            free[user[row]] += 1
    return bounds, o_thing


@numba.njit(cache=True, nogil=True)
def _groups(of_thing: Any, user: Any, group: Any, least: Any) -> Any:
    """Returns, for each thing, the groups of which enough accounts use it: bounds, group and number of users."""
    inside = 0
    for row in range(len(user)):
        inside += group[user[row]] >= 0
    bounds, size = np.zeros(len(of_thing), np.int64), 0
    o_group, o_users = np.empty(inside, np.int32), np.empty(inside, np.int32)
    met, near = np.zeros(len(least), np.int32), np.empty(len(least), np.int32)
    for thing in range(len(of_thing) - 1):
        found = 0
        for row in range(of_thing[thing], of_thing[thing + 1]):
            c = group[user[row]]
            if c >= 0:
                if met[c] == 0:
                    near[found] = c
                    found += 1
                met[c] += 1
        for c in near[:found]:
            if met[c] >= least[c]:
                o_group[size], o_users[size] = c, met[c]
                size += 1
            met[c] = 0
        bounds[thing + 1] = size
    return bounds, o_group[:size].copy(), o_users[:size].copy()


@numba.njit(cache=True, nogil=True)
def _summed(of_account: Any, thing: Any, degree: Any, wide: Any, near: Any, group: Any, groups: int) -> Any:
    """Returns the number of wide things by account, and rows of account, group, hits and sum of shares."""
    bounds, near_group, near_users = near
    accounts, size = len(of_account) - 1, 1 << 16
    count, slot = np.zeros(accounts, np.int32), np.full(groups, -1, np.int64)
    o_account, o_group = np.empty(size, np.int32), np.empty(size, np.int32)
    o_hits, o_total = np.empty(size, np.int32), np.empty(size, np.float64)
    size = 0
    for a in range(accounts):
        first = size
        if first + groups > len(o_group):
            more = groups + len(o_group)
            o_account, o_group = _grown(o_account, more), _grown(o_group, more)
            o_hits, o_total = _grown(o_hits, more), _grown(o_total, more)
        for one in thing[of_account[a] : of_account[a + 1]]:
            if not wide[one]:
                continue
            count[a] += 1
            for at in range(bounds[one], bounds[one + 1]):
                c = near_group[at]
                others = near_users[at] - (group[a] == c)
                if others == 0:
                    continue
                if slot[c] < first:
                    slot[c] = size
                    o_account[size], o_group[size], o_hits[size], o_total[size] = a, c, 0, 0.0
                    size += 1
                o_hits[slot[c]] += 1
                o_total[slot[c]] += others / (degree[one] - 1)
    return count, o_account[:size].copy(), o_group[:size].copy(), o_hits[:size].copy(), o_total[:size].copy()


@numba.njit(cache=True, nogil=True)
def _grown(column: Any, more: int) -> Any:
    return np.concatenate((column, np.empty(more, column.dtype)))


@numba.njit(cache=True, nogil=True)
def _own(of_account: Any, thing: Any, degree: Any, near: Any, group: Any) -> Any:
    bounds, near_group, near_users = near
    out = np.zeros(len(group), np.int32)
    for a in range(len(group)):
        if group[a] < 0:
            continue
        for one in thing[of_account[a] : of_account[a + 1]]:
            for at in range(bounds[one], bounds[one + 1]):
                out[a] += near_group[at] == group[a] and 2 * near_users[at] >= degree[one]
    return out

"""How an account stands to a whole group: of those whom it shares rare things with, how many belong to the group.

A ring that draws from thousands of exits, or asks a question twice at most, shares little from pair to pair; its
accounts are seen by the pool they draw from together. For an account x and a group c (of operators or of
campaigns) let n be the rare things of x that anybody else uses, and s the sum over them of the share of their
other users (on the same days, for a windowed kind) who belong to c. An outsider meets c at the rate p, the mean
of s/n over outsiders; a member at the rate q or more. Taking each thing as one trial,

    bits = s log2(q / p) + (n − s) log2((1 − q) / (1 − p))

is the log likelihood ratio of two Bernoulli rates: what x shares with strangers speaks against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import KINDS, Facet

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

RARE = 64
"""Things that more accounts use say nothing of groups: popular prompts, exits of the great."""

LEAST_RATE = 1 / 512
"""Outsiders are never taken to meet a group more seldom: what nobody did yet is not impossible."""

_WINDOWED = np.array([kind.windowed for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Affinity:
    """Rows of an account and a group that it shares rare things with.

    `hits`: how many of its things the group uses; `share` (0 to 1): s/n; `bits`: the evidence of belonging.
    `things`: n, by account number.
    """

    account: Ints
    group: Ints
    hits: Ints
    share: Floats
    bits: Floats
    things: Ints

    def take(self, rows: npt.NDArray[Any]) -> Affinity:
        """Returns these rows (numbers or a mask)."""
        account, group, hits, share, bits = (
            column[rows] for column in (self.account, self.group, self.hits, self.share, self.bits)
        )
        return Affinity(account, group, hits, share, bits, self.things)

    def best(self, accounts: int) -> Ints:
        """Returns for each account number its row with the most bits, -1 for none."""
        row = np.full(accounts, -1, np.int32)
        order = np.argsort(self.bits, kind="stable")
        row[self.account[order]] = order
        return row

    def own(self, group: Ints) -> Floats:
        """Returns for each account number the bits to the group that it has in `group` (0 for no row)."""
        bits = np.zeros(len(group))
        mine = group[self.account] == self.group
        bits[self.account[mine]] = self.bits[mine]
        return bits


def rare_things(incidence: Incidence, facets: tuple[Facet, ...]) -> npt.NDArray[np.bool_]:
    """Returns which things are of supporting kinds of these facets and used by 2 to `RARE` accounts."""
    kinds = np.array([kind.supports and kind.facet in facets for kind in KINDS])
    degree = _degrees(incidence.of_thing, incidence.user)
    rare: npt.NDArray[np.bool_] = kinds[incidence.kind] & (degree > 1) & (degree <= RARE)
    return rare


def affinity(incidence: Incidence, things: npt.NDArray[np.bool_], group: Ints, rate: float) -> Affinity:
    """Returns how accounts stand to groups; `group` is by account, -1 for none; `rate` is q."""
    groups = int(group.max(initial=-1)) + 1
    uses = (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days)
    count, user, met, part = _meetings(uses, things, _WINDOWED[incidence.kind], group.astype(np.int32), groups)
    account, near, hits, total = _summed(user, met, part, len(group), groups)
    share = total / count[account]
    outside = group[account] != near
    rates = np.bincount(near[outside], weights=share[outside], minlength=groups)
    outsiders = np.count_nonzero(count) - np.bincount(group[(group >= 0) & (count > 0)], minlength=groups)
    outsider_rate = np.clip(rates / np.maximum(outsiders, 1), LEAST_RATE, 0.9 * rate)[near]
    hit, miss = np.log2(rate / outsider_rate), np.log2((1 - rate) / (1 - outsider_rate))
    return Affinity(account, near, hits, share, total * hit + (count[account] - total) * miss, count)


@numba.njit(cache=True, nogil=True)
def _degrees(of_thing: Any, user: Any) -> Any:
    out = np.zeros(len(of_thing) - 1, np.int32)
    for thing in range(len(out)):
        for row in range(of_thing[thing], of_thing[thing + 1]):
            if row == of_thing[thing] or user[row] != user[row - 1]:
                out[thing] += 1
    return out


@numba.njit(cache=True, nogil=True)
def _met(block: Any, days: Any, one: int, last_one: int, two: int, last_two: int) -> bool:
    """Whether rows [one, last_one) and [two, last_two) of two users of a thing have a day in common."""
    for i in range(one, last_one):
        for j in range(two, last_two):
            if block[i] == block[j] and days[i] & days[j]:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _by_group(firsts: Any, users: int, at: int, uses: Any, windowed: bool, group: Any, met: Any, near: Any) -> Any:
    """Counts the users that user `at` of a thing met, by group in `met`; returns how many, and groups in `near`."""
    _, user, block, days = uses
    others, groups = 0, 0
    for two in range(users):
        if two == at or (windowed and not _met(block, days, firsts[at], firsts[at + 1], firsts[two], firsts[two + 1])):
            continue
        others += 1
        c = group[user[firsts[two]]]
        if c >= 0:
            if met[c] == 0:
                near[groups] = c
                groups += 1
            met[c] += 1
    return others, groups


@numba.njit(cache=True, nogil=True)
def _meetings(uses: Any, things: Any, windowed: Any, group: Any, groups: int) -> Any:
    """Returns n by account, and a row for each use of a thing and each group met there: the share of those met."""
    of_thing, user = uses[0], uses[1]
    count = np.zeros(len(group), np.int32)
    o_account, o_group, o_share = np.empty(4096, np.int32), np.empty(4096, np.int32), np.empty(4096, np.float64)
    size = 0
    met, near, firsts = np.zeros(groups, np.int32), np.empty(groups, np.int32), np.empty(RARE + 1, np.int64)
    for thing in range(len(things)):
        if not things[thing]:
            continue
        users, grouped = 0, False
        for row in range(of_thing[thing], of_thing[thing + 1]):
            if row == of_thing[thing] or user[row] != user[row - 1]:
                firsts[users] = row
                users += 1
                count[user[row]] += 1
                grouped = grouped or group[user[row]] >= 0
        if not grouped:
            continue
        firsts[users] = of_thing[thing + 1]
        while size + users * min(users, groups) > len(o_group):
            o_account, o_group = np.concatenate((o_account, o_account)), np.concatenate((o_group, o_group))
            o_share = np.concatenate((o_share, o_share))
        for at in range(users):
            others, found = _by_group(firsts, users, at, uses, windowed[thing], group, met, near)
            for number in range(found):
                o_account[size], o_group[size] = user[firsts[at]], near[number]
                o_share[size] = met[near[number]] / others
                met[near[number]] = 0
                size += 1
    return count, o_account[:size], o_group[:size], o_share[:size]


@numba.njit(cache=True, nogil=True)
def _summed(account: Any, group: Any, share: Any, accounts: int, groups: int) -> Any:
    """Returns rows of account, group, hits and sum of shares, by account; of equal rows in the order of things."""
    begins = np.zeros(accounts + 1, np.int64)
    for row in range(len(account)):
        begins[account[row] + 1] += 1
    begins = np.cumsum(begins)
    order, free = np.empty(len(account), np.int64), begins[:-1].copy()
    for row in range(len(account)):
        order[free[account[row]]] = row
        free[account[row]] += 1
    o_account, o_group = np.empty(len(account), np.int32), np.empty(len(account), np.int32)
    o_hits, o_total = np.empty(len(account), np.int32), np.empty(len(account), np.float64)
    slot = np.full(groups, -1, np.int64)
    size = 0
    for one in range(accounts):
        first = size
        for at in range(begins[one], begins[one + 1]):
            c = group[order[at]]
            if slot[c] < first:
                slot[c] = size
                o_account[size], o_group[size], o_hits[size], o_total[size] = one, c, 0, 0.0
                size += 1
            o_hits[slot[c]] += 1
            o_total[slot[c]] += share[order[at]]
    return o_account[:size].copy(), o_group[:size].copy(), o_hits[:size].copy(), o_total[:size].copy()

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
    count, account, near, hits, total = _shares(
        (incidence.of_account, incidence.thing, incidence.block, incidence.days),
        (incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days),
        things,
        _WINDOWED[incidence.kind],
        group.astype(np.int32),
        groups,
    )
    share = total / count[account]
    outside = group[account] != near
    met = np.bincount(near[outside], weights=share[outside], minlength=groups)
    outsiders = np.count_nonzero(count) - np.bincount(group[(group >= 0) & (count > 0)], minlength=groups)
    outsider_rate = np.clip(met / np.maximum(outsiders, 1), LEAST_RATE, 0.9 * rate)[near]
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
def _met(block: Any, days: Any, begin: int, end: int, user_block: Any, user_days: Any, row: int, last: int) -> bool:
    """Whether an account's rows of a thing [begin, end) and a user's [row, last) have a day in common."""
    for one in range(begin, end):
        for two in range(row, last):
            if block[one] == user_block[two] and days[one] & user_days[two]:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _grouped(of_thing: Any, user: Any, things: Any, group: Any) -> Any:
    """Returns which of the things are used by any account of a group."""
    out = np.zeros(len(things), np.bool_)
    for thing in range(len(things)):
        if things[thing]:
            for row in range(of_thing[thing], of_thing[thing + 1]):
                if group[user[row]] >= 0:
                    out[thing] = True
                    break
    return out


@numba.njit(cache=True, nogil=True)
def _count(one: int, mine: Any, theirs: Any, rows: Any, windowed: bool, group: Any, met: Any, near: Any) -> Any:
    """Counts the other users of thing `one` by group in `met`; returns how many, and how many groups in `near`."""
    block, days = mine[2], mine[3]
    of_thing, user, user_block, user_days = theirs
    account, begin, end = rows
    others, groups = 0, 0
    row = of_thing[one]
    while row < of_thing[one + 1]:
        other, last = user[row], row
        while last < of_thing[one + 1] and user[last] == other:
            last += 1
        if other != account and (not windowed or _met(block, days, begin, end, user_block, user_days, row, last)):
            others += 1
            if group[other] >= 0:
                if met[group[other]] == 0:
                    near[groups] = group[other]
                    groups += 1
                met[group[other]] += 1
        row = last
    return others, groups


@numba.njit(cache=True, nogil=True)
def _shares(mine: Any, theirs: Any, things: Any, windowed: Any, group: Any, groups: int) -> Any:
    of_account, thing = mine[0], mine[1]
    grouped = _grouped(theirs[0], theirs[1], things, group)
    accounts = len(of_account) - 1
    count = np.zeros(accounts, np.int32)
    o_account, o_group, o_hits = np.empty(4096, np.int32), np.empty(4096, np.int32), np.empty(4096, np.int32)
    o_total = np.empty(4096, np.float64)
    size = 0
    total, hits, met = np.zeros(groups, np.float64), np.zeros(groups, np.int32), np.zeros(groups, np.int32)
    near, touched = np.empty(groups, np.int32), np.empty(groups, np.int32)
    for account in range(accounts):
        seen = 0
        at, high = of_account[account], of_account[account + 1]
        while at < high:
            begin, one = at, thing[at]
            while at < high and thing[at] == one:
                at += 1
            if not things[one]:
                continue
            count[account] += 1
            if not grouped[one]:
                continue
            others, found = _count(one, mine, theirs, (account, begin, at), windowed[one], group, met, near)
            for number in range(found):
                c = near[number]
                if hits[c] == 0:
                    touched[seen] = c
                    seen += 1
                hits[c] += 1
                total[c] += met[c] / others
                met[c] = 0
        while size + seen > len(o_group):
            o_account, o_group = np.concatenate((o_account, o_account)), np.concatenate((o_group, o_group))
            o_hits, o_total = np.concatenate((o_hits, o_hits)), np.concatenate((o_total, o_total))
        for number in range(seen):
            c = touched[number]
            o_account[size], o_group[size], o_hits[size], o_total[size] = account, c, hits[c], total[c]
            hits[c], total[c] = 0, 0.0
            size += 1
    return count, o_account[:size].copy(), o_group[:size].copy(), o_hits[:size].copy(), o_total[:size].copy()

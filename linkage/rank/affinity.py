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
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import count_bits, is_set, packed
from linkage.rank.rare import RareUses, grouped

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEAST_RATE = 1 / 512
"""Outsiders are never taken to meet a group more seldom: what nobody did yet is not impossible."""


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

    def of(self, other: Affinity) -> Floats:
        """Returns the bits of the same account to the same group for each row of another (0 for no row)."""
        bits = np.zeros(len(other.account))
        if len(self.account):
            width = np.int64(max(self.group.max(), other.group.max(initial=0)) + 1)
            mine, wanted = (one.account * width + one.group for one in (self, other))
            order = np.argsort(mine, kind="stable")
            at = order[np.minimum(np.searchsorted(mine[order], wanted), len(mine) - 1)]
            bits = np.where(mine[at] == wanted, self.bits[at], bits)
        return bits

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


Rows = tuple[Ints, Ints, Ints, Floats]
"""Account, group, hits and s, by account, then in the order of things."""


def affinity(uses: RareUses, group: Ints, rate: float, among: Mask | None = None) -> Affinity:
    """Returns how accounts stand to groups; `group` is by account, -1 for none; `rate` is q.

    `among`: which accounts are wanted, where the share is all that is; bits need everybody's.
    """
    return judged(met(uses, group, among), uses.things, group, rate)


def met(uses: RareUses, group: Ints, among: Mask | None = None) -> Rows:
    """Returns which groups accounts meet at their rare things, of all accounts or those wanted."""
    near = grouped(uses, group)
    rows: Rows = _met(
        (uses.of_account, uses.thing, uses.met),
        (packed(near.bounds[:, 0] < near.bounds[:, 1]), near.bounds, near.rows),
        int(group.max(initial=-1)) + 1,
        np.ones(len(group), bool) if among is None else among,
    )
    return rows


def met_again(uses: RareUses, group: Ints, before: Rows, moved: Mask) -> Rows:
    """Returns what `met` does from its rows for the groups of `before`, of which only the accounts `moved` left theirs.

    Who uses nothing that one of these uses keeps the same rows.
    """
    anew = _beside(uses.of_thing, uses.user, moved)
    kept = ~anew[before[0]]
    again = met(uses, group, anew)
    order = np.argsort(np.concatenate((before[0][kept], again[0])), kind="stable")
    rows = [np.concatenate((before[part][kept], again[part]))[order] for part in range(len(before))]
    return rows[0], rows[1], rows[2], rows[3]


def judged(rows: Rows, count: Ints, group: Ints, rate: float) -> Affinity:
    """Returns the affinity of rows of account, group, hits and s; `count` is n, by account."""
    account, found, hits, total = rows
    groups = int(group.max(initial=-1)) + 1
    share = total / count[account]
    outside = group[account] != found
    rates = np.bincount(found[outside], weights=share[outside], minlength=groups)
    outsiders = np.count_nonzero(count) - np.bincount(group[(group >= 0) & (count > 0)], minlength=groups)
    outsider_rate = np.clip(rates / np.maximum(outsiders, 1), LEAST_RATE, 0.9 * rate)[found]
    hit, miss = np.log2(rate / outsider_rate), np.log2((1 - rate) / (1 - outsider_rate))
    return Affinity(account, found, hits, share, total * hit + (count[account] - total) * miss, count)


@numba.njit(cache=True, nogil=True)
def _beside(of_thing: Any, user: Any, some: Any) -> Any:
    """Returns which accounts use a thing that some of them use."""
    out = np.zeros(len(some), np.bool_)
    for thing in range(len(of_thing) - 1):
        for row in range(of_thing[thing], of_thing[thing + 1]):
            if some[user[row]]:
                for other in range(of_thing[thing], of_thing[thing + 1]):
                    out[user[other]] = True
                break
    return out


@numba.njit(cache=True, nogil=True)
def _met(mine: Any, near: Any, groups: int, among: Any) -> Any:
    """Returns rows of account, group, hits and sum of shares, by account, then in the order of things."""
    of_account, thing, met = mine
    known, bounds, near_rows = near
    size = 1 << 16
    o_account, o_group = np.empty(size, np.int32), np.empty(size, np.int32)
    o_hits, o_total = np.empty(size, np.int32), np.empty(size, np.float64)
    hits, total, found = np.zeros(groups, np.int32), np.zeros(groups, np.float64), np.empty(groups, np.int32)
    size = 0
    for a in range(len(of_account) - 1):
        if not among[a]:
            continue
        count = 0
        for row in range(of_account[a], of_account[a + 1]):
            word = met[row]
            if word == 0 or not is_set(known, thing[row]):
                continue
            others = count_bits(word)
            for at in range(bounds[thing[row], 0], bounds[thing[row], 1]):
                here = count_bits(near_rows[at, 1] & word)
                if here == 0:
                    continue
                c = near_rows[at, 0]
                if hits[c] == 0:
                    found[count] = c
                    count += 1
                hits[c] += 1
                total[c] += here / others
        while size + count > len(o_group):
            o_account, o_group = np.concatenate((o_account, o_account)), np.concatenate((o_group, o_group))
            o_hits, o_total = np.concatenate((o_hits, o_hits)), np.concatenate((o_total, o_total))
        for c in found[:count]:
            o_account[size], o_group[size], o_hits[size], o_total[size] = a, c, hits[c], total[c]
            hits[c], total[c] = 0, 0.0
            size += 1
    return o_account[:size].copy(), o_group[:size].copy(), o_hits[:size].copy(), o_total[:size].copy()

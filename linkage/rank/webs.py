"""Rings told by what passes from home to home: devices, telephones, cards and mail boxes that accounts share which
have no address in common.

A careful operator gives each account a home of its own and words each question anew; but telephones, cards and
devices cost money, and serve several accounts each. One such thing ties a few accounts, and the next ties each of them
to others. People hand on such things as well, within a family, and then mostly one; a web of many busy accounts, tied
by two kinds of them, is a ring. Those who are together at one place, as a staff with its desks is, are explained by it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS
from linkage.rank.conduct import Conduct
from linkage.rank.judge import LASTING, judge
from linkage.rank.layers import Rare, numbered
from linkage.rank.profiles import active_days, grouped_by

if TYPE_CHECKING:
    from linkage.settings import Settings
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]

FEW = 8
"""A thing that more accounts use is rented, as telephones for one message are, or a company's."""

WEB = 8
"""Accounts that a web has at least: more than a family over its homes."""

TIED = 0.4
"""Share of a web's accounts that are tied to others of it by two kinds of things."""

BUSIER, AS_MUCH = 1.0, 1.0
"""Bits of volume of a web, twice the usual, and how many times the usual each of its accounts asks at least."""


def webs(
    incidence: Incidence,
    rare: Rare,
    ring: Ints,
    conduct: Conduct,
    communities: Callable[[LinkColumns], Ints],
    settings: Settings,
) -> Ints:
    """Returns the rings (by account, -1 for none) with webs of accounts that are in none behind them."""
    free = (ring < 0) & ~conduct.excused & (conduct.volume(np.arange(len(ring), dtype=np.int32)) >= AS_MUCH)
    a, b, kind = _ties(rare, free)
    if len(a) == 0:
        return ring
    group = _rejoined(communities(_weighed(a, b)), a, b)
    inside = (group[a] == group[b]) & (group[a] >= 0)
    seen = np.zeros((len(ring), int(kind.max()) + 1), bool)
    for ends in (a[inside], b[inside]):
        seen[ends, kind[inside]] = True
    tied = np.count_nonzero(seen, axis=1)
    group = numbered(np.where(free & (tied > 0), group, -1).astype(np.int32), max(WEB, settings.min_ring))
    size = np.bincount(group[group >= 0], minlength=1)
    firmly = np.bincount(group[(group >= 0) & (tied > 1)], minlength=len(size)) >= TIED * size
    verdicts = judge(incidence, group, _weighed(a[:0], b[:0]), conduct)
    bounds, members = grouped_by(group)
    days = active_days(incidence, members)
    lasting = [np.median(days[begin:end]) >= LASTING for begin, end in pairwise(bounds.tolist())]
    stands = [
        bool(one.volume >= BUSIER and not one.placed and firm and lasts)
        for one, firm, lasts in zip(verdicts, firmly.tolist(), lasting, strict=False)
    ]
    good = np.append(np.array(stands, bool), False)[group]
    return numbered(np.where(good, int(ring.max(initial=-1)) + 1 + group, ring).astype(np.int32), settings.min_ring)


def _rejoined(group: Ints, a: Ints, b: Ints) -> Ints:
    """Returns the groups, those put together of which the smaller has half of its accounts tied to the larger."""
    size = np.bincount(group[group >= 0], minlength=1).astype(np.int64)
    across = (group[a] != group[b]) & (group[a] >= 0) & (group[b] >= 0)
    one, two = np.concatenate((a[across], b[across])), np.concatenate((b[across], a[across]))
    smaller = size[group[one]] <= size[group[two]]
    pairs = np.unique(one[smaller].astype(np.int64) * len(size) + group[two[smaller]])
    own, other = group[pairs // len(size)], pairs % len(size)
    ties, count = np.unique(own * np.int64(len(size)) + other, return_counts=True)
    low, high = ties // len(size), ties % len(size)
    held = 2 * count >= size[low]
    into = components(low[held].astype(np.int32), high[held].astype(np.int32), len(size))
    return np.where(group >= 0, into[group], -1).astype(np.int32)


def _weighed(a: Ints, b: Ints) -> LinkColumns:
    """Returns pairs as links, each by how many things tie it, in thousandths."""
    width = np.int64(1) << 32
    pairs, count = np.unique(a.astype(np.int64) * width + b, return_counts=True)
    one, two = (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
    facets = np.zeros((len(one), len(FACETS)), np.int32)
    return LinkColumns(one, two, (1000 * count).astype(np.int32), facets, np.zeros(len(one), np.uint8))


def _ties(rare: Rare, free: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Returns pairs of free accounts (a < b) with the kind of each thing that both use, if they share no address."""
    owned, places = rare.owned, rare.infrastructure.of_kinds(BY_NAME["ip"])
    a, b, thing = _pairs(owned.of_thing, owned.user, free, places.of_account, places.thing, FEW)
    return a, b, owned.kind[thing].astype(np.int32)


@numba.njit(cache=True, nogil=True)
def _pairs(of_thing: Any, user: Any, free: Any, of_account: Any, place: Any, few: int) -> Any:
    o_a, o_b, o_thing, size = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int32), 0
    for thing in range(len(of_thing) - 1):
        begin, end = of_thing[thing], of_thing[thing + 1]
        if end - begin > few:
            continue
        if size + few * few > len(o_a):
            o_a, o_b = np.concatenate((o_a, o_a)), np.concatenate((o_b, o_b))
            o_thing = np.concatenate((o_thing, o_thing))
        for i in range(begin, end):
            for j in range(i + 1, end):
                one, two = user[i], user[j]
                if not (free[one] and free[two]):
                    continue
                x, y, met = of_account[one], of_account[two], False
                while x < of_account[one + 1] and y < of_account[two + 1] and not met:
                    met = place[x] == place[y]
                    if place[x] < place[y]:
                        x += 1
                    else:
                        y += 1
                if not met:
                    o_a[size], o_b[size], o_thing[size] = one, two, thing
                    size += 1
    return o_a[:size].copy(), o_b[:size].copy(), o_thing[:size].copy()

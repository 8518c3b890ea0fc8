"""What rings have in common with themselves and with each other, counted over the sparse rows of their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import BY_NAME, PLACE_CODES
from linkage.model.weights import CHARGED_KIND

if TYPE_CHECKING:
    from linkage.rank.rings import FoundRing
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

_PROMPT = BY_NAME[CHARGED_KIND].code
_IP = BY_NAME["ip"].code


def rows_of(rings: Sequence[FoundRing]) -> tuple[Offsets, Ints]:
    """Returns the members of all rings, ring after ring, and where each ring begins."""
    sizes = [len(ring.members) for ring in rings]
    bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return bounds, np.array([account for ring in rings for account in ring.members], np.int32)


def repertoires(incidence: Incidence, bounds: Offsets, members: Ints) -> Ints:
    """Returns for each member the number of its prompts that another member of its ring also sent."""
    found: Ints = _repertoires(bounds, members, incidence.of_account, incidence.thing, incidence.kind, _PROMPT)
    return found


def common_places(incidence: Incidence, bounds: Offsets, members: Ints) -> list[int | None]:
    """Returns for each ring the place code that most of its members came from (the lowest of several), or None."""
    codes = len(PLACE_CODES)
    seen = _places(bounds, members, incidence.of_account, incidence.thing, incidence.kind, incidence.place, _IP, codes)
    return [int(np.argmax(row)) if row.any() else None for row in seen]


def alike(incidence: Incidence, bounds: Offsets, members: Ints, cosine: float) -> tuple[Ints, Ints]:
    """Returns the pairs of rings whose prompt profiles have at least this cosine.

    The profile of a ring holds, for each prompt, its bits times the number of members that sent it.
    """
    ring, thing, weight = _profiles(
        bounds, members, incidence.of_account, incidence.thing, incidence.kind, incidence.millibits, _PROMPT
    )
    rings = len(bounds) - 1
    length = np.sqrt(np.bincount(ring, weights=weight**2, minlength=rings))
    order = np.argsort(thing, kind="stable")
    firsts = np.flatnonzero(np.diff(thing[order], prepend=-1))
    ends = np.append(firsts, len(order))
    of_ring = np.concatenate(([0], np.cumsum(np.bincount(ring, minlength=rings)))).astype(np.int64)
    group = np.empty(len(order), np.int64)
    group[order] = np.repeat(np.arange(len(firsts)), np.diff(ends))
    low, high, product = _products(of_ring, group, weight, ends, ring[order], weight[order], rings)
    near = product >= cosine * length[low] * length[high]
    return low[near], high[near]


@numba.njit(cache=True, nogil=True)
def _repertoires(bounds: Any, members: Any, of_account: Any, thing: Any, kind: Any, prompt: int) -> Any:
    stamp = np.full(len(kind), -1, np.int32)
    count = np.zeros(len(kind), np.int32)
    out = np.zeros(len(members), np.int32)
    for ring in range(len(bounds) - 1):
        for first in (True, False):
            for at in range(bounds[ring], bounds[ring + 1]):
                begin, end = of_account[members[at]], of_account[members[at] + 1]
                for row in range(begin, end):
                    one = thing[row]
                    if kind[one] != prompt or (row > begin and thing[row - 1] == one):
                        continue
                    if first:
                        if stamp[one] != ring:
                            stamp[one], count[one] = ring, 0
                        count[one] += 1
                    elif count[one] > 1:
                        out[at] += 1
    return out


@numba.njit(cache=True, nogil=True)
def _places(
    bounds: Any, members: Any, of_account: Any, thing: Any, kind: Any, place: Any, address: int, codes: int
) -> Any:
    out = np.zeros((len(bounds) - 1, codes), np.int64)
    seen = np.full(codes, -1, np.int64)
    for ring in range(len(bounds) - 1):
        for at in range(bounds[ring], bounds[ring + 1]):
            for row in range(of_account[members[at]], of_account[members[at] + 1]):
                code = place[thing[row]]
                if kind[thing[row]] == address and seen[code] != at:
                    seen[code] = at
                    out[ring, code] += 1
    return out


@numba.njit(cache=True, nogil=True)
def _profiles(bounds: Any, members: Any, of_account: Any, thing: Any, kind: Any, millibits: Any, prompt: int) -> Any:
    size = 0
    for at in range(len(members)):
        size += of_account[members[at] + 1] - of_account[members[at]]
    o_ring, o_thing = np.empty(size, np.int32), np.empty(size, np.int32)
    o_weight = np.empty(size, np.float64)
    slot = np.full(len(kind), -1, np.int64)
    out = 0
    for ring in range(len(bounds) - 1):
        start = out
        for at in range(bounds[ring], bounds[ring + 1]):
            begin, end = of_account[members[at]], of_account[members[at] + 1]
            for row in range(begin, end):
                one = thing[row]
                if kind[one] != prompt or (row > begin and thing[row - 1] == one):
                    continue
                if slot[one] < start:
                    slot[one] = out
                    o_ring[out], o_thing[out], o_weight[out] = ring, one, 0.0
                    out += 1
                o_weight[slot[one]] += millibits[one] / 1000.0
    return o_ring[:out].copy(), o_thing[:out].copy(), o_weight[:out].copy()


@numba.njit(cache=True, nogil=True)
def _products(of_ring: Any, group: Any, weight: Any, ends: Any, ring: Any, other: Any, rings: int) -> Any:
    """Returns pairs of rings with the inner product of their profiles, the lower ring first."""
    low, high = np.empty(1024, np.int32), np.empty(1024, np.int32)
    product = np.empty(1024, np.float64)
    size = 0
    sums = np.zeros(rings, np.float64)
    for one in range(rings):
        sums[:] = 0.0
        for at in range(of_ring[one], of_ring[one + 1]):
            for row in range(ends[group[at]], ends[group[at] + 1]):
                sums[ring[row]] += weight[at] * other[row]
        for two in range(one + 1, rings):
            if sums[two] > 0.0:
                if size == len(low):
                    low, high = np.concatenate((low, low)), np.concatenate((high, high))
                    product = np.concatenate((product, product))
                low[size], high[size], product[size] = one, two, sums[two]
                size += 1
    return low[:size].copy(), high[:size].copy(), product[:size].copy()

"""Rings that gather at one place: most of their accounts pass through an address that hardly anybody else uses.

Morisita's index (`overlap`) tells how much of what two groups use is the same, so that one machine from which an
operator now and then looks after all his accounts weighs no more than any home of one of them. But strangers do not
have such a place in common, of all places. Exits of a pool do not count: a ring that rotates gathers at many of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components

if TYPE_CHECKING:
    from linkage.rank.wide import Users

Ints = npt.NDArray[np.int32]

PART, FEWEST = 3, 3
"""One in so many of a ring's accounts, and so many at least, have been at a place where it gathers."""

PLACES = 3
"""Places where a ring gathers at most; one with more of them rotates."""

OWN = 4
"""All but one in so many of the users of such a place are of one campaign."""


def gathered(places: Users, ring: Ints, campaign: Ints) -> Ints:
    """Returns the rings (by account, -1 for none), those of one campaign that gather at one place put together.

    `places`: users of addresses; `campaign` is by account, too.
    """
    size = np.bincount(ring[ring >= 0], minlength=1)
    least = np.maximum(FEWEST, -(-size // PART))
    place, where, own = _places(places.of_thing, places.user, ring, campaign, least, OWN)
    told = own & (np.bincount(where, minlength=len(size))[where] <= PLACES)
    theirs = np.full(len(size), -1, np.int64)
    theirs[ring[ring >= 0]] = campaign[ring >= 0]
    place, where = place[told], where[told]
    order = np.lexsort((where, theirs[where], place))  # those of one campaign at one place lie side by side
    place, where = place[order], where[order]
    same = (place[1:] == place[:-1]) & (theirs[where[1:]] == theirs[where[:-1]])
    into = components(where[:-1][same].astype(np.int32), where[1:][same].astype(np.int32), len(size))
    return np.where(ring >= 0, into[ring], -1).astype(np.int32)


@numba.njit(cache=True, nogil=True)
def _places(of_thing: Any, user: Any, ring: Any, campaign: Any, least: Any, own: int) -> tuple[Any, Any, Any]:
    """Returns where rings gather, as (place, ring, whether nearly all of its users are of the ring's campaign)."""
    o_place, o_ring, o_own = [np.int64(0)][:0], [np.int64(0)][:0], [True][:0]
    count, near = np.zeros(len(least), np.int64), np.empty(len(least), np.int64)
    for place in range(len(of_thing) - 1):
        users = user[of_thing[place] : of_thing[place + 1]]
        found = 0
        for who in users:
            one = ring[who]
            if one >= 0:
                if count[one] == 0:
                    near[found] = one
                    found += 1
                count[one] += 1
        for one in near[:found]:
            if count[one] >= least[one]:
                theirs, same = np.int64(-1), 0
                for who in users:
                    if ring[who] == one:
                        theirs = campaign[who]
                for who in users:
                    same += campaign[who] == theirs
                o_place.append(np.int64(place))
                o_ring.append(one)
                o_own.append(own * same >= (own - 1) * len(users))
        count[near[:found]] = 0
    return np.array(o_place, np.int64), np.array(o_ring, np.int64), np.array(o_own, np.bool_)

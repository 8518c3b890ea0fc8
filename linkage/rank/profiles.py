"""What the accounts of a ring have in common, counted over the sparse rows of the incidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.kernels.bits import count_bits
from linkage.model.kinds import BY_NAME, PLACE_CODES, Kind, Place
from linkage.model.weights import CHARGED_KIND

if TYPE_CHECKING:
    from linkage.rank.rings import FoundRing
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PROMPT = BY_NAME[CHARGED_KIND].code
_IP = BY_NAME["ip"].code
HANDS = (BY_NAME["device"], BY_NAME["phone"])
PURSES = (BY_NAME["payment"],)

_DAY = 1440

FEW = 3
"""So many accounts of a small ring may send a prompt that still counts for its repertoire."""

PRESENT = 3
"""So many accounts of a group make an address a place where it is together."""

MUCH = 10
"""An exit or a rented machine of which a group makes one in so many users is its place, too."""

_HOSTED = (Place.DATACENTER, Place.VPN, Place.RELAY, Place.TOR)
_ROOM = np.ones(len(PLACE_CODES), np.bool_)
_ROOM[[PLACE_CODES[place] for place in _HOSTED]] = False


def rows_of(rings: Sequence[FoundRing]) -> tuple[Offsets, Ints]:
    """Returns the members of all rings, ring after ring, and where each ring begins."""
    sizes = [len(ring.members) for ring in rings]
    bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return bounds, np.array([account for ring in rings for account in ring.members], np.int32)


def grouped_by(ring: Ints) -> tuple[Offsets, Ints]:
    """Returns the same for rings by account number (-1 for none), the accounts of each ascending."""
    nodes = np.flatnonzero(ring >= 0)
    order = nodes[np.argsort(ring[nodes], kind="stable")].astype(np.int32)
    return np.concatenate(([0], np.cumsum(np.bincount(ring[nodes])))).astype(np.int64), order


def repertoires(incidence: Incidence, bounds: Offsets, members: Ints) -> npt.NDArray[np.float64]:
    """Returns for each member how many prompts it has in common with others of its ring: each counts for one,
    divided by the number of others that also sent it.

    So it is the prompts for each account that the ring deals out. A class or a test farm has one exercise, whether
    each asks all of it or a part; a campaign hands out thousands of questions and has each asked a time or two. What
    more than a quarter of the ring (or `FEW`) send is no question at all.
    """
    found: npt.NDArray[np.float64] = _repertoires(
        bounds, members, incidence.of_account, incidence.thing, incidence.kind, _PROMPT, FEW
    )
    return found


def prompts_in_common(incidence: Incidence) -> Ints:
    """Returns for each account how many prompts it sent that others sent, too, and that are worth anything."""
    rows = incidence.of_content, incidence.of_account, incidence.thing
    found: Ints = _prompts(*rows, incidence.kind == _PROMPT)
    return found


def in_common(incidence: Incidence, bounds: Offsets, members: Ints, kinds: Sequence[Kind]) -> Flags:
    """Returns for each member whether it uses a thing of these kinds that another of its ring uses."""
    wanted = np.isin(incidence.kind, [kind.code for kind in kinds])
    found: Flags = _in_common(bounds, members, incidence.of_account, incidence.thing, wanted)
    return found


def active_days(incidence: Incidence, members: Ints) -> Ints:
    """Returns for each member the number of days on which it started a session."""
    found: Ints = _days(members, incidence.of_starts, incidence.starts)
    return found


def days_together(incidence: Incidence, bounds: Offsets, members: Ints) -> Ints:
    """Returns for each member the days that it spent at that one address, shared with others of its group, where it
    spent most: in a classroom, an office or a hall, or at an agency's server. Where machines stand and exits lead to,
    an address is a group's place only if a tenth of all who use it are of the group.
    """
    rows = incidence.of_address, incidence.of_content, incidence.thing, incidence.days
    theirs = incidence.of_thing, incidence.user
    found: Ints = _days_together(bounds, members, rows, theirs, _ROOM[incidence.place], PRESENT)
    return found


def hand_rate(incidence: Incidence) -> float:
    """Returns the share of all accounts that use a device or a telephone which another uses."""
    shared = np.repeat(np.isin(incidence.kind, [kind.code for kind in HANDS]), np.diff(incidence.of_thing))
    return float((len(np.unique(incidence.user[shared])) + 0.5) / (incidence.accounts + 1))


def common_places(incidence: Incidence, bounds: Offsets, members: Ints) -> list[int | None]:
    """Returns for each ring the place code that most of its members came from (the lowest of several), or None."""
    codes = len(PLACE_CODES)
    seen = _places(bounds, members, incidence.of_account, incidence.thing, incidence.kind, incidence.place, _IP, codes)
    return [int(np.argmax(row)) if row.any() else None for row in seen]


@numba.njit(cache=True, nogil=True)
def _repertoires(bounds: Any, members: Any, of_account: Any, thing: Any, kind: Any, prompt: int, few: int) -> Any:
    stamp = np.full(len(kind), -1, np.int32)
    count = np.zeros(len(kind), np.int32)
    out = np.zeros(len(members), np.float64)
    for ring in range(len(bounds) - 1):
        most = max(few, (bounds[ring + 1] - bounds[ring]) // 4)
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
                    elif 1 < count[one] <= most:
                        out[at] += 1 / (count[one] - 1)
    return out


@numba.njit(cache=True, nogil=True)
def _prompts(of_content: Any, of_account: Any, thing: Any, prompt: Any) -> Any:
    out = np.zeros(len(of_content), np.int32)
    for account in range(len(out)):
        for row in range(of_content[account], of_account[account + 1]):
            fresh = row == of_content[account] or thing[row - 1] != thing[row]
            out[account] += fresh and prompt[thing[row]]
    return out


@numba.njit(cache=True, nogil=True)
def _days(members: Any, of_starts: Any, starts: Any) -> Any:
    out = np.zeros(len(members), np.int32)
    for at in range(len(members)):
        last = -1
        for row in range(of_starts[members[at]], of_starts[members[at] + 1]):
            if starts[row] // _DAY != last:
                last = starts[row] // _DAY
                out[at] += 1
    return out


@numba.njit(inline="always")
def _users(one: Any, of_thing: Any, user: Any) -> Any:
    count = 0
    for row in range(of_thing[one], of_thing[one + 1]):
        count += row == of_thing[one] or user[row] != user[row - 1]
    return count


@numba.njit(cache=True, nogil=True)
def _days_together(bounds: Any, members: Any, rows: Any, theirs: Any, room: Any, present: int) -> Any:
    of_address, of_content, thing, days = rows
    all_users = np.zeros(len(room), np.int32)
    group_of, count = np.full(len(room), -1, np.int32), np.zeros(len(room), np.int32)
    out = np.zeros(len(members), np.int32)
    for group in range(len(bounds) - 1):
        for first in (True, False):
            for at in range(bounds[group], bounds[group + 1]):
                a, spent = members[at], 0
                for row in range(of_address[a], of_content[a]):
                    one = thing[row]
                    fresh = row == of_address[a] or thing[row - 1] != one
                    if first:
                        if group_of[one] != group:
                            group_of[one], count[one] = group, 0
                        count[one] += fresh
                        if all_users[one] == 0:
                            all_users[one] = _users(one, theirs[0], theirs[1])
                    elif count[one] >= present and (room[one] or MUCH * count[one] >= all_users[one]):
                        spent = (0 if fresh else spent) + count_bits(days[row])
                        out[at] = max(out[at], spent)
    return out


@numba.njit(cache=True, nogil=True)
def _in_common(bounds: Any, members: Any, of_account: Any, thing: Any, wanted: Any) -> Any:
    ring_of, first, out = (
        np.full(len(wanted), -1, np.int32),
        np.empty(len(wanted), np.int64),
        np.zeros(len(members), np.bool_),
    )
    for ring in range(len(bounds) - 1):
        for at in range(bounds[ring], bounds[ring + 1]):
            for row in range(of_account[members[at]], of_account[members[at] + 1]):
                one = thing[row]
                if not wanted[one]:
                    continue
                if ring_of[one] != ring:
                    ring_of[one], first[one] = ring, at
                elif first[one] != at:
                    out[at] = out[first[one]] = True
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

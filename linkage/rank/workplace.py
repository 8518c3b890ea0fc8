"""Workplaces: who is at one place in the hours of work, and at rest on two days of the week, is a staff.

Call centres, labelling vendors and teams that make data sign up together, ask much, in step, from one pool of
questions, and pay with one card; only a script has no reason to rest. Per group two shares are told from the starts of
its sessions: of those on the two days running of the week that have the fewest, and, per account, of those in the ten
hours of the day that have the most.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

HOURS = 10
"""Hours of the day that the work of one account takes at most."""

WORK = ((0.1, 0.8, 64), (0.18, 0.9, 256))
"""What is work: the share of starts at most that lies on the two days of rest (two in seven is that of who knows none),
that of an account's starts at least that lies within `HOURS`, by the median of accounts, and how many starts of the
group tell so. Staffs that are on duty on some weekends keep their hours the more."""

WEEKS = 2
"""So many weeks tell of days of rest."""

_DAY, _WEEK = 1440, 10_080


def at_work(incidence: Incidence, bounds: Offsets, members: Ints) -> npt.NDArray[np.bool_]:
    """Returns for each group, whose members lie between bounds, whether it keeps the hours of work."""
    rested, within = _hours(members, incidence.of_starts, incidence.starts, HOURS)
    out = np.zeros(len(bounds) - 1, bool)
    for group, (begin, end) in enumerate(pairwise(bounds.tolist())):
        week, share = rested[begin:end].sum(axis=0), within[begin:end]
        told = share[~np.isnan(share)]
        quiet = int((week + np.roll(week, 1)).min())
        if len(told) and _span(incidence, members[begin:end]) >= WEEKS * _WEEK:
            total, hours = int(week.sum()), float(np.median(told))
            out[group] = any(quiet <= rest * total and hours >= work and total >= n for rest, work, n in WORK)
    return out


def _span(incidence: Incidence, members: Ints) -> int:
    """Returns the minutes between the first and the last start of these accounts."""
    some = members[incidence.of_starts[members] < incidence.of_starts[members + 1]]
    if len(some) == 0:
        return 0
    first, last = incidence.starts[incidence.of_starts[some]], incidence.starts[incidence.of_starts[some + 1] - 1]
    return int(last.max() - first.min())


@numba.njit(cache=True, nogil=True)
def _hours(members: Any, of_starts: Any, starts: Any, hours: int) -> Any:
    """Returns starts by member and day of the week, and the share within the busiest hours of who has some."""
    week, share = np.zeros((len(members), 7), np.int32), np.full(len(members), np.nan)
    for at in range(len(members)):
        begin, end = of_starts[members[at]], of_starts[members[at] + 1]
        day = np.zeros(24, np.int32)
        for row in range(begin, end):
            week[at, starts[row] // _DAY % 7] += 1
            day[starts[row] // 60 % 24] += 1
        if end - begin >= hours // 2:
            most = 0
            for first in range(24):
                most = max(most, sum([day[(first + hour) % 24] for hour in range(hours)]))
            share[at] = most / (end - begin)
    return week, share

"""When people and machines work: hours of the week by local time, and schedules that accounts share.

The world begins on a Monday at 00:00 UTC; times are seconds from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from linkage.simulate.randomness import Floats, Ints

DAY = 86_400.0
HOUR = 3_600.0
STEPS = 1024


class Rhythm(IntEnum):
    """A habit of hours."""

    OFFICE = 0
    EVENING = 1
    STUDENT = 2
    NIGHT = 3
    ALWAYS = 4
    MORNING = 5


WEEKEND: Floats = np.array([0.12, 1.0, 0.6, 0.9, 0.95, 0.7])
"""How busy a weekend day is beside a working day, by rhythm."""

# activity by local hour, midnight first; each line is a rhythm, on working days and at weekends alike
_HOURS = (
    (1, 0, 0, 0, 0, 1, 3, 8, 25, 40, 42, 38, 22, 34, 42, 40, 35, 24, 12, 8, 7, 6, 4, 2),
    (8, 4, 2, 1, 1, 1, 3, 6, 8, 8, 8, 9, 11, 10, 9, 10, 13, 18, 26, 34, 40, 40, 30, 18),
    (14, 8, 4, 2, 1, 1, 2, 6, 14, 22, 26, 24, 18, 22, 28, 28, 24, 20, 20, 26, 32, 34, 30, 22),
    (38, 40, 34, 26, 16, 8, 4, 2, 2, 3, 4, 5, 7, 8, 8, 9, 10, 11, 13, 16, 20, 24, 28, 34),
    (20, 20, 20, 20, 20, 20, 20, 20, 21, 22, 22, 22, 21, 22, 22, 22, 22, 22, 21, 21, 20, 20, 20, 20),
    (2, 1, 1, 2, 6, 18, 34, 40, 36, 28, 22, 18, 14, 12, 11, 10, 10, 12, 14, 14, 12, 8, 5, 3),
)


def _inverse() -> Ints:
    """Returns for each rhythm the hour at each of `STEPS` equal steps of its cumulative activity."""
    rows = [np.repeat(np.arange(24), np.array(hours) * 64) for hours in _HOURS]
    marks = (np.arange(STEPS) + 0.5) / STEPS
    return np.stack([row[(marks * len(row)).astype(np.int64)] for row in rows])


def own_times(rng: np.random.Generator, rhythm: Ints, offset: Ints, first: Floats, last: Floats) -> Floats:
    """Returns one time in seconds for each element, by its rhythm and its zone's hours from UTC.

    `first` and `last` are days; a time may fall a few hours outside, as the local day does.
    """
    size = len(rhythm)
    day = np.floor(first + rng.random(size) * np.maximum(last - first, 0.01))
    rest = (day % 7 >= 5) & (rng.random(size) > WEEKEND[rhythm])
    day = np.where(rest, np.maximum(day - rng.integers(2, 5, size), np.floor(first)), day)
    hour = _inverse()[rhythm, (rng.random(size) * STEPS).astype(np.int64)]
    return day * DAY + ((hour - offset) % 24) * HOUR + rng.random(size) * HOUR


@dataclass(frozen=True, slots=True)
class Schedules:
    """Shared schedules: the events (seconds) of schedule s are `times[start[s]:start[s + 1]]`, ascending."""

    start: Ints
    times: Floats

    def pick(self, rng: np.random.Generator, schedule: Ints, first: Floats, last: Floats) -> tuple[Floats, Ints]:
        """Returns one event of each schedule between its days, and the positions for which there is none."""
        owner = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        span = 1e9  # longer than any world: one sorted axis for all schedules
        axis = owner * span + self.times + span / 2
        low = np.searchsorted(axis, schedule * span + first * DAY + span / 2)
        high = np.searchsorted(axis, schedule * span + last * DAY + span / 2)
        chosen = low + (rng.random(len(schedule)) * (high - low)).astype(np.int64)
        times = self.times[np.minimum(chosen, len(self.times) - 1)]
        return times, np.flatnonzero(low >= high)


class SchedulesDraft:
    """Schedules while the world is built."""

    def __init__(self) -> None:
        self._events: list[Floats] = [np.zeros(1)]

    def add(self, times: Floats) -> int:
        """Returns the number of a new schedule with these events (seconds)."""
        self._events.append(np.sort(times))
        return len(self._events) - 1

    def finish(self) -> Schedules:
        """Returns all schedules; number 0 is a lone event that no account follows."""
        sizes = np.array([len(events) for events in self._events])
        return Schedules(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(self._events))

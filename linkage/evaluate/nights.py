"""How well rings keep their identity over nights, and whether what is told of them is what happened.

IDF1 and identity switches are those of tracking (Ristani et al., "Performance measures and a data set for
multi-target, multi-camera tracking", 2016), with account-nights in the place of detections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from linkage.evaluate.assignment import best_assignment
from linkage.evaluate.partitions import Match, match
from linkage.model.rings import Event


@dataclass(frozen=True, slots=True)
class Night:
    """One night: to whom fakes that exist by then belong, and the rings in which accounts were found, by account."""

    truth: Mapping[str, str]
    found: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """How well ids lasted.

    `ring_nights`: true rings by night of which any account was found; `switches`: how often a true ring was found
    mostly under another id than in the night before that it was found. `idf1`: over accounts that were found;
    `idf1_of_all`: missed fakes count against it.
    """

    ring_nights: int
    switches: int
    idf1: float | None
    idf1_of_all: float | None

    @property
    def switch_rate(self) -> float | None:
        """The share of ring-nights that are switches."""
        return self.switches / self.ring_nights if self.ring_nights else None


def identity(nights: Sequence[Night]) -> Identity:
    """Returns how well rings kept their ids over nights in order."""
    last: dict[str, str] = {}
    ring_nights = switches = 0
    both: Counter[tuple[str, str]] = Counter()
    flagged = fakes = found_fakes = 0
    for night in nights:
        flagged += len(night.found)
        fakes += len(night.truth)
        tonight = Counter((night.truth[one], ring) for one, ring in night.found.items() if one in night.truth)
        found_fakes += tonight.total()
        both += tonight
        for true in sorted({true for true, _ in tonight}):
            ring = _main(tonight, true, last.get(true, ""))
            ring_nights += 1
            switches += last.get(true, ring) != ring
            last[true] = ring
    kept = _kept(both)
    return Identity(
        ring_nights,
        switches,
        2 * kept / (found_fakes + flagged) if flagged else None,
        2 * kept / (fakes + flagged) if fakes + flagged else None,
    )


def _main(tonight: Counter[tuple[str, str]], true: str, before: str) -> str:
    """Returns the ring that most of a true ring is in; of several, the one that it was in before."""
    counts = {ring: count for (one, ring), count in tonight.items() if one == true}
    return min(counts, key=lambda ring: (-counts[ring], ring != before, ring))


def _kept(both: Counter[tuple[str, str]]) -> int:
    """Returns the account-nights that agree under the best one-to-one assignment of ids to true rings."""
    if not both:
        return 0
    rows, columns = (sorted({pair[side] for pair in both}) for side in (0, 1))
    gains = np.zeros((len(rows), len(columns)))
    for (true, ring), count in both.items():
        gains[rows.index(true), columns.index(ring)] = count
    return int(sum(gains[row, column] for row, column in best_assignment(gains)))


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, or was told, in a night: to whom, and of merges and splits to whom on either side."""

    event: Event
    night: int
    sides: tuple[frozenset[str], ...]


def told_right(planted: Sequence[Happening], told: Sequence[Happening], event: Event, patience: int) -> Match:
    """Returns how well what was told agrees with what was planted, of one sort of event.

    One told is right if it comes in the night or up to `patience` nights later, and half of each side's accounts,
    or more, are those of a side of what was planted, every side of one another. Each is matched once, the earliest
    first.
    """
    left = sorted((one for one in planted if one.event is event), key=lambda one: one.night)
    wanted = len(left)
    given = sorted((one for one in told if one.event is event), key=lambda one: one.night)
    right = 0
    for one in given:
        fitting = next((other for other in left if _fits(one, other, patience)), None)
        if fitting is not None:
            left.remove(fitting)
            right += 1
    return match(float(right), float(len(given)), float(wanted))


def _fits(told: Happening, planted: Happening, patience: int) -> bool:
    if not planted.night <= told.night <= planted.night + patience or len(told.sides) != len(planted.sides):
        return False
    orders = [planted.sides, planted.sides[::-1]]
    return any(
        all(2 * len(mine & theirs) >= len(mine) > 0 for mine, theirs in zip(told.sides, order, strict=True))
        for order in orders
    )

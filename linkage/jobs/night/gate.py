"""The sanity gate: a night whose figures leave their usual range is not published.

A count is usual if it lies within `width` spreads of the median of its last values or of the last one, whichever is
further: most counts grow as a service does, and one odd night that was let through must not make the next ones odd. The
spread is the largest of

- 1.4826 times the median absolute deviation, which is the standard deviation of a normal distribution and is not
  moved by single bad nights (Hampel 1974);
- the square root of the middle, what counts of independent things vary by;
- a tenth of the middle: a service that hardly varies still may;
- what is too few to matter, shared out over the width.

Before there are five values, a count may be at most four times as large or as small as the middle, give or take those
few. Nights without any tell nothing. Shares have only an upper end; before there are five values it is one that holds
anywhere; and few of whatever it is a share of are never too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

NORMAL = 1.4826
ENOUGH = 5
"""Values that make a range."""
EARLY_FACTOR = 4.0
RELATIVE = 0.1
FEWEST = 0.1
"""Less than this part of what is usual is never usual, however much it varied, where that is not few."""


@dataclass(frozen=True, slots=True)
class Count:
    """A figure that counts things: its name, and how many of them are too few to matter."""

    name: str
    few: float


@dataclass(frozen=True, slots=True)
class Share:
    """A figure between 0 and 1: its least spread, its least upper end, the end while there are few values, and few."""

    name: str
    spread: float
    least: float
    early: float
    few: float


ROWS = Count("rows of facts", 1000)
RINGS = Count("rings", 20)
MEMBERS = Count("accounts in rings", 100)
REJECTS = Share("rejected rows, as a share of all", 0.005, 0.02, 0.2, 100)
CHURN = Share("accounts that left their ring or changed it, as a share of those in rings", 0.02, 0.1, 0.5, 100)


@dataclass(frozen=True, slots=True)
class Gate:
    """How wide the usual range is, in spreads; 0 lets everything pass."""

    width: float

    def count(self, count: Count, value: float, before: Sequence[float]) -> str | None:
        """Returns why a count is not usual, or None; `before` are its values of the runs before, the last one first."""
        before = [one for one in before if one > 0]
        if not before or not self.width:
            return None
        low, high = self._ends(count, before)
        if low <= value <= high:
            return None
        usual = f"usual are {low:,.0f} to {high:,.0f} (median {median(before):,.0f} of {_of(before)})"
        return f"{count.name}: {value:,.0f}, {usual}"

    def share(self, share: Share, value: float, of: float, before: Sequence[float]) -> str | None:
        """Returns why a share of so many is too large, or None."""
        if not self.width or value * of <= share.few:
            return None
        high = share.early
        if len(before) >= ENOUGH:
            high = max(share.least, median(before) + self.width * max(NORMAL * _deviation(before), share.spread))
        if value <= high:
            return None
        return f"{share.name}: {value:.1%}, usual is up to {high:.1%}" + (f" ({_of(before)})" if before else "")

    def _ends(self, count: Count, before: Sequence[float]) -> tuple[float, float]:
        middle, last = median(before), before[0]
        least, most = min(middle, last), max(middle, last)
        if len(before) < ENOUGH:
            return max(0.0, least / EARLY_FACTOR - count.few), most * EARLY_FACTOR + count.few
        odd = NORMAL * _deviation(before)
        low = least - self.width * max(odd, sqrt(least), RELATIVE * least, count.few / self.width)
        high = most + self.width * max(odd, sqrt(most), RELATIVE * most, count.few / self.width)
        return max(0.0 if least <= count.few else FEWEST * least, low), high


def _deviation(values: Sequence[float]) -> float:
    middle = median(values)
    return float(median(abs(value - middle) for value in values))


def _of(before: Sequence[float]) -> str:
    return f"the last {len(before)} runs" if len(before) > 1 else "one run"

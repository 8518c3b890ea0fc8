"""The sanity gate: a night whose figures leave their usual range is not published.

The usual range of a figure is `width` spreads around the median of its last values. The spread is the largest of

- 1.4826 times the median absolute deviation, which is the standard deviation of a normal distribution and is not
  moved by single bad nights (Hampel 1974);
- the square root of the median, what counts of independent things vary by;
- a tenth of the median: a service that hardly varies still may.

Less than a tenth of a median of 100 or more is never usual, however much the count has varied.

Before there are five values, a count may be at most four times as large or as small as their median, give or take 20.
Shares have only an upper end; before there are five values it is one that holds anywhere.
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
EARLY_SLACK = 20.0
RELATIVE = 0.1
FEWEST = 0.1
MANY = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A figure between 0 and 1: its least spread, its least upper end, and the end while there are few values."""

    name: str
    spread: float
    least: float
    early: float


REJECTS = Share("rejected rows, as a share of all", 0.005, 0.02, 0.2)
CHURN = Share("accounts that left their ring or changed it, as a share of those in rings", 0.02, 0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Gate:
    """How wide the usual range is, in spreads; 0 lets everything pass."""

    width: float

    def count(self, name: str, value: float, before: Sequence[float]) -> str | None:
        """Returns why a count is not usual, or None; `before` are its values of the runs before."""
        if not before or not self.width:
            return None
        low, high = self._ends(before)
        if low <= value <= high:
            return None
        return (
            f"{name}: {value:,.0f}, usual are {low:,.0f} to {high:,.0f} (median {median(before):,.0f} of {_of(before)})"
        )

    def share(self, share: Share, value: float, before: Sequence[float]) -> str | None:
        """Returns why a share is too large, or None."""
        if not self.width:
            return None
        high = share.early
        if len(before) >= ENOUGH:
            high = max(share.least, median(before) + self.width * max(NORMAL * _deviation(before), share.spread))
        if value <= high:
            return None
        return f"{share.name}: {value:.1%}, usual is up to {high:.1%}" + (f" ({_of(before)})" if before else "")

    def _ends(self, before: Sequence[float]) -> tuple[float, float]:
        middle = median(before)
        if len(before) < ENOUGH:
            return middle / EARLY_FACTOR - EARLY_SLACK, middle * EARLY_FACTOR + EARLY_SLACK
        spread = max(NORMAL * _deviation(before), sqrt(middle), RELATIVE * middle, 1.0)
        least = FEWEST * middle if middle >= MANY else 0.0
        return max(least, middle - self.width * spread), middle + self.width * spread


def _deviation(values: Sequence[float]) -> float:
    middle = median(values)
    return float(median(abs(value - middle) for value in values))


def _of(before: Sequence[float]) -> str:
    return f"the last {len(before)} runs" if len(before) > 1 else "one run"

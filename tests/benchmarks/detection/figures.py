"""The figures of the benchmark: where each is in the scores, its bar, and what is better."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Scores = dict[str, Any]
"""What `linkage.evaluate.Scores.as_dict` returns."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its column, the bar (None: none), whether less is better, decimals."""

    name: str
    of: Callable[[Scores], float | None]
    bar: float | None = None
    less: bool = False
    digits: int = 3

    def met(self, value: float | None) -> bool:
        """Returns whether a value meets the bar; nothing to judge meets none but that of fewest."""
        if self.bar is None:
            return True
        if value is None:
            return self.less
        rounded = round(value, self.digits)
        return rounded <= self.bar if self.less else rounded >= self.bar

    def text(self, value: float | None) -> str:
        """Returns the value for people."""
        return "-" if value is None else f"{value:.{self.digits}f}"

    def bound(self) -> str:
        """Returns the bar for people."""
        return "" if self.bar is None else f"{'≤' if self.less else '≥'} {self.bar:g}"


@dataclass(frozen=True, slots=True)
class Summary:
    """A figure over several seeds; None where no seed had anything to judge."""

    mean: float | None
    worst: float | None
    spread: float | None


def summary(figure: Figure, runs: Sequence[Scores]) -> Summary:
    """Returns mean, worst and standard deviation of a figure over runs."""
    values = [value for value in map(figure.of, runs) if value is not None]
    if not values:
        return Summary(None, None, None)
    worst = max(values) if figure.less else min(values)
    return Summary(statistics.fmean(values), worst, statistics.stdev(values) if len(values) > 1 else 0.0)


def _recall(evader: str) -> Callable[[Scores], float | None]:
    return lambda scores: scores["evaders"].get(evader, {}).get("share")


def _worst_context(scores: Scores) -> float | None:
    return (scores["worst_context"] or {}).get("per_10000")


FIGURES = (
    Figure("precision", lambda s: s["accounts"]["precision"], 0.98),
    Figure("recall", lambda s: s["accounts"]["recall"], 0.92),
    Figure("lazy", _recall("lazy"), 0.95),
    Figure("mid", _recall("mid"), 0.95),
    Figure("proxy", _recall("proxy"), 0.95),
    Figure("small", _recall("small"), 0.90),
    Figure("careful", _recall("careful"), 0.85),
    Figure("innocents", lambda s: s["innocents"]["per_10000"], 2.0, less=True, digits=1),
    Figure("worst context", _worst_context, 20.0, less=True, digits=1),
    Figure("bystanders", lambda s: s["bystanders_flagged"]["share"], 0.01, less=True),
    Figure("ARI", lambda s: s["operators"]["ari"], 0.90),
    Figure("recovered", lambda s: s["operator_recovery"]["share"], 0.80),
    Figure("campaigns", lambda s: s["campaigns"]["share"], 0.85),
)
ONE_POOL = Figure("campaigns, one pool", lambda s: s["campaigns"]["share"], 0.65)
FURTHER = (
    Figure("pairwise F1", lambda s: s["rings"]["pairwise"]["f1"]),
    Figure("B-cubed F1", lambda s: s["rings"]["b_cubed"]["f1"]),
    Figure("B-cubed F1, missed fakes too", lambda s: s["everyone"]["b_cubed"]["f1"]),
    Figure("operators by campaign recovered", lambda s: s["cell_recovery"]["share"]),
    Figure("bystander precision", lambda s: s["bystanders"]["share"]),
    Figure("bystanders named", lambda s: s["bystanders_named"]["share"]),
)

"""Charts as numbers: where lines and bars lie, in per cent of the room that the page gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.model.rings import Evidence


@dataclass(frozen=True, slots=True)
class Line:
    """A figure over runs: its points as `x,y` from 0 to 100, y downwards; what it was first, least, most and last."""

    name: str
    points: str
    values: tuple[float, ...]
    share: bool = False

    @property
    def last(self) -> float:
        """Returns the newest value."""
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `x`, `width` long, both in per cent; `kind` is its look, `value` what is said beside it."""

    label: str
    x: float
    width: float
    kind: str
    value: float
    note: str = ""


def line(name: str, values: Sequence[float], *, share: bool = False) -> Line:
    """Returns the line of the values, from 0 upwards, oldest first."""
    top = max([*values, 0.0]) or 1.0
    step = 100 / max(1, len(values) - 1)
    points = " ".join(f"{number * step:.2f},{100 - 96 * value / top:.2f}" for number, value in enumerate(values))
    return Line(name, points, tuple(values), share)


def bars(rows: Sequence[tuple[str, float, str]], kind: str = "bar", top: float | None = None) -> list[Bar]:
    """Returns one bar a row of label, value and note, from 0 to the largest value or `top`."""
    most = top or max((value for _, value, _ in rows), default=0.0) or 1.0
    return [Bar(label, 0.0, round(100 * value / most, 2), kind, value, note) for label, value, note in rows]


def waterfall(evidence: Evidence) -> list[Bar]:
    """Returns the bars from the prior over the facets to the total, and what a link needs."""
    steps: list[tuple[str, float, float, str, float, str]] = []
    at = evidence.prior
    steps.append(("prior: two accounts at random", 0.0, at, "prior", evidence.prior, ""))
    for facet in evidence.facets:
        note = f"capped, {facet.summed:.1f} summed" if facet.counted < facet.summed else ""
        steps.append((facet.facet.value, at, at + facet.counted, facet.facet.value, facet.counted, note))
        at += facet.counted
    steps.append(("in all, without the prior", 0.0, evidence.bits, "total", evidence.bits, ""))
    steps.append(("needed for a link", 0.0, evidence.needed, "needed", evidence.needed, ""))
    low = min(0.0, *(min(start, end) for _, start, end, *_ in steps))
    high = max(0.0, *(max(start, end) for _, start, end, *_ in steps))
    scale = 100 / ((high - low) or 1.0)
    return [
        Bar(label, round((min(start, end) - low) * scale, 2), round(abs(end - start) * scale, 2), kind, value, note)
        for label, start, end, kind, value, note in steps
    ]

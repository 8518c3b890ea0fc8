"""What a step says of itself: how much went in, came out and was rejected, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step's figures: rows in, rows out, rows rejected, wall seconds, and named counts."""

    step: str
    rows_in: int = 0
    rows_out: int = 0
    rejected: int = 0
    seconds: float = 0.0
    counts: dict[str, int | float | str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, int | float | str]:
        """Returns the figures as one flat JSON object."""
        head: dict[str, int | float | str] = {
            "step": self.step,
            "in": self.rows_in,
            "out": self.rows_out,
            "rejected": self.rejected,
            "seconds": round(self.seconds, 3),
        }
        return head | self.counts

"""Scores an export of rings against the truth of a benchmark."""

from linkage.evaluate.scores import Scores
from linkage.evaluate.scoring import evaluate
from linkage.evaluate.table import table

__all__ = ["Scores", "evaluate", "table"]

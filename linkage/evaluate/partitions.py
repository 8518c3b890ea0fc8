"""How well two partitions of the same items agree, from their contingency table: never a pair at a time.

Pairwise and adjusted Rand: Hubert and Arabie, "Comparing partitions", 1985. B-cubed: Bagga and Baldwin,
"Entity-based cross-document coreferencing using the vector space model", 1998.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Match:
    """Precision, recall and their harmonic mean; None where there was nothing to judge."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a partition that was found agrees with the true one, over `items` items."""

    items: int
    pairwise: Match
    b_cubed: Match
    ari: float | None


@dataclass(frozen=True, slots=True)
class Contingency:
    """The cells (true class, found cluster, items in both) that are not empty, and the sizes of both sides."""

    truth: Labels
    found: Labels
    both: Counts
    truth_sizes: Counts
    found_sizes: Counts

    @classmethod
    def of(cls, truth: Labels, found: Labels) -> Contingency:
        """Returns the contingency of two arrays of labels 0, 1, … of the same items."""
        width = int(found.max(initial=-1)) + 1
        cells, both = np.unique(truth * max(width, 1) + found, return_counts=True)
        return cls(
            truth=cells // max(width, 1),
            found=cells % max(width, 1),
            both=both.astype(np.float64),
            truth_sizes=np.bincount(truth).astype(np.float64),
            found_sizes=np.bincount(found).astype(np.float64),
        )

    def jaccard(self) -> Counts:
        """Returns for each cell the Jaccard similarity of its class and its cluster."""
        union = self.truth_sizes[self.truth] + self.found_sizes[self.found] - self.both
        return np.asarray(self.both / union)


def agreement(truth: Labels, found: Labels) -> Agreement:
    """Returns how the clusters `found` agree with the classes `truth`, both labels 0, 1, … of the same items."""
    cells = Contingency.of(truth, found)
    return Agreement(
        items=len(truth),
        pairwise=_pairwise(cells),
        b_cubed=_b_cubed(cells, len(truth)),
        ari=_adjusted_rand(cells, len(truth)),
    )


def match(right: float, found: float, wanted: float) -> Match:
    """Returns the match of `right` hits among `found` and among `wanted`."""
    precision = right / found if found else None
    recall = right / wanted if wanted else None
    if precision is None or recall is None:
        return Match(precision, recall, None)
    return Match(precision, recall, 2 * right / (found + wanted))


def _pairwise(cells: Contingency) -> Match:
    return match(_pairs(cells.both), _pairs(cells.found_sizes), _pairs(cells.truth_sizes))


def _b_cubed(cells: Contingency, items: int) -> Match:
    """The mean over items of the share of its cluster (precision) and of its class (recall) that is both."""
    if not items:
        return Match(None, None, None)
    square = cells.both**2
    precision = float((square / cells.found_sizes[cells.found]).sum()) / items
    recall = float((square / cells.truth_sizes[cells.truth]).sum()) / items
    return Match(precision, recall, 2 * precision * recall / (precision + recall))


def _adjusted_rand(cells: Contingency, items: int) -> float | None:
    if items < 2:
        return None
    both, truth, found = _pairs(cells.both), _pairs(cells.truth_sizes), _pairs(cells.found_sizes)
    expected = truth * found / (items * (items - 1) / 2)
    most = (truth + found) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _pairs(sizes: Counts) -> float:
    return float((sizes * (sizes - 1)).sum()) / 2

"""Pairwise scores of fingerprints against known groups, and the real prompts that they are scored on."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Tokens = Sequence[Iterable[Hashable]]

DATA = Path(os.environ.get("LINKAGE_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
TEMPLATED = DATA / "prompts" / "prompts_templated_open_dev.parquet"
NATURAL = DATA / "prompts" / "prompts_natural_open.parquet"


@dataclass(frozen=True, slots=True)
class PairScore:
    """Pairs that share a token: how many are of one group (`right`), how many not, and how many could be."""

    right: int
    wrong: int
    possible: int
    confused: dict[tuple[str, str], int]
    recall_by_group: dict[str, float]

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.possible if self.possible else 1.0


def pairwise(tokens: Tokens, groups: Sequence[str]) -> PairScore:
    """Returns the score of all pairs of rows; two rows are a pair where they share at least one token."""
    names, codes = np.unique(np.asarray(groups), return_inverse=True)
    matrix = np.zeros((len(names), len(names)), np.int64)
    for left, right in _pairs(tokens):
        np.add.at(matrix, (codes[left], codes[right]), 1)
    matrix = matrix + np.triu(matrix.T, 1) + np.tril(matrix.T, -1)  # (a, b) and (b, a) are one
    sizes = np.bincount(codes)
    possible = sizes * (sizes - 1) // 2
    right = np.diag(matrix)
    above = np.argwhere(np.triu(matrix, 1))
    return PairScore(
        right=int(right.sum()),
        wrong=int(np.triu(matrix, 1).sum()),
        possible=int(possible.sum()),
        confused={(str(names[a]), str(names[b])): int(matrix[a, b]) for a, b in above},
        recall_by_group={str(n): float(r / p) for n, r, p in zip(names, right, possible, strict=True) if p},
    )


def strangers(tokens: Tokens, users: Sequence[str], least: int = 5) -> list[int]:
    """Returns, largest first, how many distinct users share a token, where `least` or more do."""
    by_token: dict[Hashable, set[str]] = defaultdict(set)
    for row, user in zip(tokens, users, strict=True):
        for token in row:
            by_token[token].add(user)
    return sorted((len(found) for found in by_token.values() if len(found) >= least), reverse=True)


def held_out(groups: Iterable[str]) -> list[bool]:
    """Returns whether each group is of the half whose misses were not read while words and rules were written.

    The few thresholds were set on both halves. Split by the data set a template belongs to (the first word of its
    name), so that near twins stay together.
    """
    from hashlib import md5

    return [bool(md5(group.split("_")[0].encode(), usedforsecurity=False).digest()[0] % 2) for group in groups]


def twins(group: str) -> str:
    """Returns the name under which templates of one wording that T0 files under two data sets are one."""
    for several, one in (
        (("adversarial_qa_dbert", "adversarial_qa_dbidaf", "adversarial_qa_droberta"), "adversarial_qa"),
        (("duorc_ParaphraseRC", "duorc_SelfRC"), "duorc"),
        (("imdb", "rotten_tomatoes"), "film"),
    ):
        for name in several:
            if group.startswith(name):
                return one + group.removeprefix(name)
    return group


def biggest(tokens: Tokens) -> int:
    """Returns how many rows share the commonest token."""
    counts = Counter(token for row in tokens for token in set(row))
    return max(counts.values(), default=0)


def _pairs(tokens: Tokens) -> Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yields pairs of rows (left < right) that share a token, each once: under the first token they share."""
    rows_of: dict[Hashable, list[int]] = defaultdict(list)
    for row, found in enumerate(tokens):
        for token in set(found):
            rows_of[token].append(row)
    shared = [np.asarray(rows) for rows in rows_of.values() if len(rows) > 1]
    partners: dict[int, list[npt.NDArray[np.int64]]] = defaultdict(list)
    for rows in shared:
        for place, row in enumerate(rows[:-1].tolist()):
            partners[row].append(rows[place + 1 :])
    for row, found_rows in partners.items():
        right = np.unique(np.concatenate(found_rows))
        yield np.full(len(right), row), right

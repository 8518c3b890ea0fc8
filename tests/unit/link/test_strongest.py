"""Which links are kept, against a plain version."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.link.strongest import strongest
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS

ACCOUNTS = 12
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, ACCOUNTS - 1), st.integers(0, ACCOUNTS - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.integers(1, 4), st.integers(0, 1)),
    max_size=66,
)


def _columns(pairs: dict[tuple[int, int], tuple[int, int]]) -> LinkColumns:
    ends = np.array(list(pairs), np.int32).reshape(-1, 2)
    values = np.array(list(pairs.values()), np.int32).reshape(-1, 2)
    facets = np.zeros((len(pairs), len(FACETS)), np.int32)
    return LinkColumns(ends[:, 0], ends[:, 1], values[:, 0], facets, values[:, 1].astype(np.uint8))


@settings(deadline=None)
@given(pairs=PAIRS, keep=st.integers(1, 5))
def test_keeps_the_strongest_of_either_end(pairs: dict[tuple[int, int], tuple[int, int]], keep: int) -> None:
    kept: set[tuple[int, int]] = set()
    for account in range(ACCOUNTS):
        for grade in (0, 1):
            mine = [pair for pair, (_, one) in pairs.items() if account in pair and one == grade]
            mine.sort(key=lambda pair: (-pairs[pair][0], pair[1] if pair[0] == account else pair[0]))
            kept |= set(mine[:keep])
    found = strongest(_columns(pairs), ACCOUNTS, keep)
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == sorted(kept)
    assert all(
        (bits, grade) == pairs[pair] for pair, bits, grade in zip(sorted(kept), found.bits, found.grade, strict=True)
    )

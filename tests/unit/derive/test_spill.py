"""Records in memory and in the file are those that were set aside, by partition."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive import spill as spills
from linkage.derive.aggregate import Uses
from linkage.derive.records import sort_records
from linkage.working.layout import LAST_BITS, PARTITION_BITS, REQUESTS_BITS

DAY = 1440
LATEST, MOST = (1 << 27) - 1, (1 << REQUESTS_BITS) - 1
ACCOUNTS = 1 << 12
ORDINALS = np.random.default_rng(1).permutation(ACCOUNTS).astype(np.int32)
NUMBERS = np.argsort(ORDINALS)
Row = tuple[int, int, int, int, int, int, int]


@st.composite
def _rows(draw: st.DrawFn) -> Row:
    """Draws account, key, kind, days, requests, first and last minute; the days mostly are that of the first minute."""
    first = draw(st.one_of(st.just(-1), st.integers(0, LATEST)))
    last = draw(st.one_of(st.just(first), st.integers(first, LATEST)))
    days = draw(st.one_of(st.just(1 << first // DAY % 64 if first >= 0 else 0), st.integers(0, 2**64 - 1)))
    key = draw(st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 3)))
    requests = draw(st.one_of(st.just(1), st.integers(1, 2**33)))
    return draw(st.integers(0, ACCOUNTS - 1)), key, draw(st.integers(0, 10)), days, requests, first, last


def _uses(rows: list[Row]) -> Uses:
    account, key, kind, days, requests, first, last = zip(*rows, strict=True) if rows else [()] * 7
    return Uses(
        np.array(account, np.int32),
        np.array(key, np.uint64),
        np.array(kind, np.uint8),
        np.zeros(len(rows), np.int16),
        np.array(days, np.uint64),
        np.array(requests, np.int64),
        np.array(first, np.int32),
        np.array(last, np.int32),
    )


def _row(record: list[int]) -> Row:
    key, days, when, rest = record
    first, last = (when & 0xFFFFFFFF) - 1, (rest & (1 << LAST_BITS) - 1) - 1
    return int(NUMBERS[when >> 32]), key, rest >> LAST_BITS + 32, days, rest >> LAST_BITS & MOST, first, last


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(_rows(), max_size=40), max_size=3), st.sampled_from([0, 60, 1 << 20]))
def test_records_are_those_set_aside(chunks: list[list[Row]], held: int) -> None:
    found: list[list[int]] = []
    with pytest.MonkeyPatch.context() as patch, spills.Spill() as spill:
        patch.setattr(spills, "HELD_WORDS", held)
        for rows in chunks:
            spill.add(_uses(rows))
        for number, words in enumerate(spill.partitions()):
            records = sort_records(words, np.empty((len(words) // 2, 4), np.uint64), ORDINALS).tolist()
            assert {record[0] >> (64 - PARTITION_BITS) for record in records} <= {number}
            found += records
    given = [(*row[:4], min(row[4], MOST), *row[5:]) for rows in chunks for row in rows]
    assert Counter(map(_row, found)) == Counter(given)
    order = [(record[0], record[2]) for record in found]
    assert order == sorted(order)

"""The key book against a dict."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.book import KeyBook

# few distinct keys meet often; equal low bits collide in the table; the extremes are keys like any other
KEYS = st.one_of(
    st.integers(0, 20), st.integers(0, 5).map(lambda high: high << 60), st.just(2**64 - 1), st.integers(0, 2**64 - 1)
)
BATCHES = st.lists(st.lists(KEYS, max_size=40), max_size=6)


def _hashes(values: list[int]) -> np.ndarray:
    return np.array(values, np.uint64)


@settings(deadline=None)
@given(known=st.lists(KEYS, unique=True, max_size=40), batches=BATCHES)
def test_numbers_are_those_of_a_dict(known: list[int], batches: list[list[int]]) -> None:
    book = KeyBook(_hashes(known))
    numbers = {key: number for number, key in enumerate(known)}
    for batch in batches:
        found, rows = book.numbers(_hashes(batch))
        fresh = [row for row, key in enumerate(batch) if key not in numbers and key not in batch[:row]]
        for row in fresh:
            numbers[batch[row]] = len(numbers)
        assert found.tolist() == [numbers[key] for key in batch]
        assert rows.tolist() == fresh
        assert book.count == len(numbers)


def test_grows_past_its_first_tables() -> None:
    chance = np.random.default_rng(1)
    keys = np.unique(chance.integers(0, 2**64, 50_000, np.uint64))
    chance.shuffle(keys)
    book = KeyBook(keys[:3000])
    for begin in range(3000, len(keys), 7001):
        book.numbers(keys[begin : begin + 7001])
    found, rows = book.numbers(keys)
    assert found.tolist() == list(range(len(keys)))
    assert len(rows) == 0

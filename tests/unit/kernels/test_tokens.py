"""Words and their hashes against Arrow's split and the hash of each word on its own."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.kernels.siphash import siphash_strings
from linkage.kernels.tokens import siphash_tokens

KEY = (7, 11)
SPACES = " \t\n\u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000\x1c"
TEXT = st.text(
    st.one_of(st.sampled_from(SPACES + "a\u00e9\u2014\u1681\u3001"), st.characters(codec="utf-8")), max_size=30
)


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), TEXT), max_size=12),
    st.integers(0, 3),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_words_are_those_of_arrow(rows: list[str | None], skip: int, kind: pa.DataType) -> None:
    skipped = min(skip, len(rows))
    array = pa.array([*rows, "a row"], kind).slice(skipped, len(rows) - skipped)  # Arrow looks beyond the last byte
    bounds, hashes = siphash_tokens(array, KEY)
    expected = [
        siphash_strings(pa.array([word for word in dict.fromkeys(words) if word], pa.string()), KEY).tolist()
        if words
        else []
        for words in pc.utf8_split_whitespace(array).to_pylist()
    ]
    assert [hashes[a:b].tolist() for a, b in itertools.pairwise(bounds)] == expected
    assert len(hashes) == bounds[-1]


def test_a_word_that_a_row_has_twice_comes_once() -> None:
    bounds, hashes = siphash_tokens(pa.array(["ab cd  ef ab", None, "ab ab", "cd"]), KEY)
    assert bounds.tolist() == [0, 3, 3, 4, 5]
    assert hashes.tolist() == siphash_strings(pa.array(["ab", "cd", "ef", "ab", "cd"]), KEY).tolist()


def test_characters_are_spaces_where_arrow_says_so() -> None:
    array = pa.array([f"a{chr(code)}b" for code in range(0x3100)])
    bounds, _ = siphash_tokens(array, KEY)
    words = pc.list_value_length(pc.utf8_split_whitespace(array)).to_numpy()
    assert (bounds[1:] - bounds[:-1]).tolist() == words.tolist()

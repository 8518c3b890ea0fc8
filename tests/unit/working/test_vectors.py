"""The incidence is read as it was written, whatever pieces it is cut into."""

from __future__ import annotations

import numpy as np
import pytest
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.working import vectors

MASKS = st.one_of(st.integers(0, 63).map(lambda day: 1 << day), st.integers(0, 2**64 - 1))
# block 1023 ends with the day that stands for several, and those behind have no 16 bits
BLOCKS = st.one_of(st.integers(-1, 400), st.sampled_from([1022, 1023, 1024, 2**15 - 1]))
ROW = st.tuples(st.integers(0, 2**31 - 1), BLOCKS, MASKS)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(ROW, min_size=1, max_size=6), max_size=12), st.sampled_from([1, 4, 1 << 20]))
def test_an_incidence_comes_back_as_it_was_written(things: list[list[tuple[int, int, int]]], piece: int) -> None:
    rows = [row for thing in things for row in thing]
    count = np.arange(len(things))
    written: vectors.Vectors = {
        "kind": (count % 11).astype(np.uint8),
        "place": (count % 3).astype(np.uint8),
        "millibits": (9000 - count).astype(np.int32),
        "size": np.array([len(thing) for thing in things], np.int32),
        "account": np.array([row[0] for row in rows], np.int32),
        "block": np.array([row[1] for row in rows], np.int16),
        "days": np.array([row[2] for row in rows], np.uint64),
    }
    con = tables.connect()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "PIECE_ROWS", piece)
        vectors.write_vectors(con, written)
    found = vectors.read_vectors(con)
    con.close()
    assert set(found) == set(written)
    for name, values in written.items():
        assert found[name].tolist() == values.tolist(), name
        assert found[name].dtype == values.dtype

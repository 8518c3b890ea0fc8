"""The parser of counts against Python's own whole numbers."""

from __future__ import annotations

import re

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkage.kernels.numbers import NO_COUNT, parse_counts

FORM = re.compile(r"[+-]?[0-9]+(\.0*)?")
MOST = 10**18
texts = st.one_of(st.none(), st.integers().map(str), st.floats().map(str), st.text("0123456789+-. e", max_size=21))


@settings(deadline=None)  # the first call compiles
@given(st.lists(texts, max_size=10))
@example(
    [
        "3.",
        "3.0",
        ".0",
        "+",
        "-",
        "",
        "1" * 18,
        "1" * 19,
        "9" * 18,
        "-" + "9" * 60,
        "-7.00",
        "3.01",
        "1e3",
        "NaN",
        "0x10",
        "1_000",
        " 1",
    ]
)
def test_same_as_python(rows: list[str | None]) -> None:
    whole = [int(row.partition(".")[0]) if row and FORM.fullmatch(row) else None for row in rows]
    expected = [NO_COUNT if number is None else max(-MOST, min(number, MOST)) for number in whole]
    assert parse_counts(pa.array(rows, pa.string())).tolist() == expected

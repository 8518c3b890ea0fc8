"""Text checks against a plain Python reading of the same rules."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkage.kernels.strings import (
    CONTROL,
    FINE,
    MISSING,
    NOT_UTF8,
    PADDED,
    TOO_LONG,
    check_prose,
    check_strings,
)

LIMIT = 20
SPACES = b" \t\n\v\f\r"


def expected_line(row: bytes | None) -> int:
    text = (row or b"").strip(SPACES)
    if not text:
        return MISSING
    if len(text) > LIMIT:
        return TOO_LONG
    try:
        text.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    if any(byte < 0x20 or byte == 0x7F for byte in text):
        return CONTROL
    return FINE + (PADDED if text != row else 0)


def expected_prose(row: bytes | None) -> int:
    if not row:
        return MISSING
    if len(row) > LIMIT:
        return TOO_LONG
    try:
        row.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return FINE


EDGES = "c080 c280 e09fbf e0a080 eda080 ed9fbf f08fbfbf f0908080 f48fbfbf f4908080 f5808080 e282 80 ff"
UTF8_EDGES = st.sampled_from([bytes.fromhex(edge) for edge in EDGES.split()])
PIECES = st.one_of(st.binary(max_size=9), st.text(max_size=9).map(str.encode), UTF8_EDGES, st.just(b"abcdefgh"))
ROWS = st.one_of(
    st.none(), st.lists(PIECES, max_size=3).map(b"".join), st.text(" \t\x1fab", max_size=9).map(str.encode)
)


@settings(max_examples=400, deadline=None)  # the first call compiles
@given(st.lists(ROWS, max_size=12), st.integers(0, 12))
@example([b"abcdefg\x1f", b"\x7fabcdefgh", b"abc\x7f", b"abcdefgh" * 2 + b"\x00", "é".encode() * 10], 0)
def test_same_as_plain_python(rows: list[bytes | None], skip: int) -> None:
    array = pa.array(rows, pa.binary()).slice(skip)
    assert check_strings(array, LIMIT).tolist() == [expected_line(row) for row in rows[skip:]]
    assert check_prose(array, LIMIT).tolist() == [expected_prose(row) for row in rows[skip:]]

"""The address parser against Python's `ipaddress`, on addresses, near-addresses and noise."""

from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkage.kernels.ip import parse_ips

MAPPED = 0xFFFF << 32


def expected(text: str | None) -> tuple[int, int]:
    """Address as a 128-bit number and family, by the standard library."""
    try:
        if text is None or "%" in text:
            return 0, 0
        address = ipaddress.ip_address(text)
    except ValueError:
        return 0, 0
    number = int(address)
    if address.version == 4:
        return MAPPED | number, 4
    return number, 4 if address.ipv4_mapped else 6


def parsed(texts: list[str | None]) -> list[tuple[int, int]]:
    high, low, family = parse_ips(pa.array(texts, pa.string()))
    return [(int(h) << 64 | int(w), int(f)) for h, w, f in zip(high, low, family, strict=True)]


near = st.text("0123456789abcdefABCDEF:.% ", max_size=46)
groups = st.lists(st.sampled_from(["", "0", "00", "1", "ffff", "FFFF", "12345", "g", "1.2.3.4"]), max_size=10)
quads = st.lists(st.sampled_from(["0", "1", "01", "255", "256", "", "300", "-1"]), min_size=3, max_size=5)
texts = st.one_of(
    st.none(),
    near,
    groups.map(":".join),
    quads.map(".".join),
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded.upper()),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.text(max_size=20),
)


@settings(max_examples=400, deadline=None)  # the first call compiles
@given(st.lists(texts, max_size=10))
@example(["::", ":::", "1::", "::1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1::2::3", ":", ""])
@example(["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "1.2.3.4::", "::ffff:1.2.3.04"])
def test_same_as_the_standard_library(rows: list[str | None]) -> None:
    assert parsed(rows) == [expected(row) for row in rows]


NO_ADDRESSES = """1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.256 0x1.2.3.4 1.2.3.4/32 16909060 1.2.3.4:80 [::1]
    fe80::1%eth0 ::1/64 12345:: 1:2:3:4:5:6:7:8:9 1:::2 n/a localhost 1.2.3.4, 1.2.3.4\x00 ::ffff:1.2.3"""


@pytest.mark.parametrize("text", NO_ADDRESSES.split())
def test_not_an_address(text: str) -> None:
    assert parsed([text]) == [(0, 0)]


def test_slices_and_nulls() -> None:
    array = pa.array(["9.9.9.9", None, "1.2.3.4", "::1", None]).slice(1, 3)
    high, low, family = parse_ips(array)
    assert family.tolist() == [0, 4, 6]
    assert low.tolist() == [0, MAPPED | 0x01020304, 1]
    assert high.tolist() == [0, 0, 0]


def test_an_empty_array() -> None:
    assert [len(part) for part in parse_ips(pa.array([], pa.string()))] == [0, 0, 0]
    assert [len(part) for part in parse_ips(pa.array([], pa.null()))] == [0, 0, 0]

"""SipHash-2-4 against the vectors of its authors and against a second implementation in plain Python."""

from __future__ import annotations

import ipaddress

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.kernels.ip import parse_ips
from linkage.kernels.siphash import siphash_integers, siphash_ips, siphash_pairs, siphash_strings

KEY_BYTES = bytes(range(16))
KEY = (int.from_bytes(KEY_BYTES[:8], "little"), int.from_bytes(KEY_BYTES[8:], "little"))
MASK = (1 << 64) - 1

# the authors' `vectors_sip64` as numbers: the inputs are the first n of the bytes 00 01 02 .. 3f, n from 0
VECTORS = """
    726fdb47dd0e0e31 74f839c593dc67fd 0d6c8009d9a94f5a 85676696d7fb7e2d cf2794e0277187b7 18765564cd99a68d
    cbc9466e58fee3ce ab0200f58b01d137 93f5f5799a932462 9e0082df0ba9e4b0 7a5dbbc594ddb9f3 f4b32f46226bada7
    751e8fbc860ee5fb 14ea5627c0843d90 f723ca908e7af2ee a129ca6149be45e5 3f2acc7f57c29bdb 699ae9f52cbe4794
    4bc1b3f0968dd39c bb6dc91da77961bd bed65cf21aa2ee98 d0f2cbb02e3b67c7 93536795e3a33e88 a80c038ccd5ccec8
    b8ad50c6f649af94 bce192de8a85b8ea 17d835b85bbb15f3 2f2e6163076bcfad de4daaaca71dc9a5 a6a2506687956571
    ad87a3535c49ef28 32d892fad841c342 7127512f72f27cce a7f32346f95978e3 12e0b01abb051238 15e034d40fa197ae
    314dffbe0815a3b4 027990f029623981 cadcd4e59ef40c4d 9abfd8766a33735c 0e3ea96b5304a7d0 ad0c42d6fc585992
    187306c89bc215a9 d4a60abcf3792b95 f935451de4f21df2 a9538f0419755787 db9acddff56ca510 d06c98cd5c0975eb
    e612a3cb9ecba951 c766e62cfcadaf96 ee64435a9752fe72 a192d576b245165a 0a8787bf8ecb74b2 81b3e73d20b49b6f
    7fa8220ba3b2ecea 245731c13ca42499 b78dbfaf3a8d83bd ea1ad565322a1a0b 60e61c23a3795013 6606d7e446282b93
    6ca4ecb15c5f91e1 9f626da15c9625f3 e51b38608ef25f57 958a324ceb064572
"""

keys = st.tuples(st.integers(0, MASK), st.integers(0, MASK))
words = st.integers(0, MASK)


def plain_siphash(data: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 written from the paper, with Python's whole numbers."""

    def left(value: int, by: int) -> int:
        return ((value << by) | (value >> (64 - by))) & MASK

    def rounds(v: list[int], times: int) -> None:
        for _ in range(times):
            for a, b, by in ((0, 1, 13), (2, 3, 16), (2, 1, 17), (0, 3, 21)):
                v[a] = (v[a] + v[b]) & MASK
                v[b] = left(v[b], by) ^ v[a]
                if by in (13, 17):
                    v[a] = left(v[a], 32)

    text = b"somepseudorandomlygeneratedbytes"
    v = [key[i % 2] ^ int.from_bytes(text[8 * i : 8 * i + 8], "big") for i in range(4)]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


@pytest.mark.parametrize(("length", "vector"), list(enumerate(VECTORS.split())))
def test_authors_vectors(length: int, vector: str) -> None:
    expected = int(vector, 16)
    assert plain_siphash(bytes(range(length)), KEY) == expected
    assert siphash_strings(pa.array([bytes(range(length))]), KEY).tolist() == [expected]


def test_the_example_of_the_paper() -> None:
    # appendix A of the paper: the 15 bytes 00 .. 0e give a129ca6149be45e5
    assert siphash_strings(pa.array([bytes(range(15))]), KEY).tolist() == [0xA129CA6149BE45E5]


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.one_of(st.none(), st.binary(max_size=40)), max_size=12), keys, st.integers(0, 12))
def test_strings_equal_plain_python(rows: list[bytes | None], key: tuple[int, int], skip: int) -> None:
    expected = [0 if row is None else plain_siphash(row, key) for row in rows]
    small, large = pa.array(rows, pa.binary()), pa.array(rows, pa.large_binary())
    assert siphash_strings(small, key).tolist() == expected
    assert siphash_strings(small.slice(skip), key).tolist() == expected[skip:]
    assert siphash_strings(large.slice(skip), key).tolist() == expected[skip:]


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=8))
def test_every_layout_of_text_has_one_hash(rows: list[str | None]) -> None:
    array = pa.array(rows, pa.string())
    expected = siphash_strings(array, KEY).tolist()
    for other in (array.cast(pa.large_string()), array.dictionary_encode(), array.cast(pa.string_view())):
        assert siphash_strings(other, KEY).tolist() == expected
    assert siphash_strings(pa.chunked_array([array, array]), KEY).tolist() == expected * 2


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(words, words), max_size=8), keys)
def test_numbers_equal_their_bytes(rows: list[tuple[int, int]], key: tuple[int, int]) -> None:
    first, second = (np.array([row[i] for row in rows], np.uint64) for i in (0, 1))
    singles = [plain_siphash(a.to_bytes(8, "little"), key) for a, _ in rows]
    both = [plain_siphash(a.to_bytes(8, "little") + b.to_bytes(8, "little"), key) for a, b in rows]
    assert siphash_integers(first, key).tolist() == singles
    assert siphash_pairs(first, second, key).tolist() == both


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.ip_addresses(), max_size=8), keys)
def test_addresses_are_hashed_by_their_bytes(
    rows: list[ipaddress.IPv4Address | ipaddress.IPv6Address], key: tuple[int, int]
) -> None:
    def of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bytes:
        mapped = getattr(address, "ipv4_mapped", None)
        return mapped.packed if mapped else address.packed[: 4 if address.version == 4 else 8]

    expected = [plain_siphash(of(address), key) for address in rows]
    parsed = parse_ips(pa.array([str(address) for address in rows], pa.string()))
    assert siphash_ips(*parsed, key).tolist() == expected


def test_an_ipv6_home_is_its_64_and_a_mapped_ipv4_is_the_ipv4() -> None:
    texts = [
        "2001:db8:1:2::1",
        "2001:db8:1:2:ffff::9",
        "2001:db8:1:3::1",
        "10.1.2.3",
        "::ffff:10.1.2.3",
        None,
    ]
    hashes = siphash_ips(*parse_ips(pa.array(texts)), KEY).tolist()
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] == hashes[4] == plain_siphash(bytes([10, 1, 2, 3]), KEY)
    assert hashes[5] == 0
    unfolded = siphash_ips([0], [0xFFFF_0A01_0203], [6], KEY)
    assert unfolded.tolist() == [hashes[3]]


def test_an_array_of_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="text is needed"):
        siphash_strings(pa.array([1]), KEY)

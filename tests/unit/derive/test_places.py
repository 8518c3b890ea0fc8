"""Places of addresses against `ipaddress`, one address at a time."""

from __future__ import annotations

import gzip
import ipaddress
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.places import _NAMES, PlaceLists
from linkage.errors import InputError, SettingsError
from linkage.kernels.ip import parse_ips
from linkage.model.kinds import PLACE_CODES, Place

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(version: int, address: int, prefix: int) -> Network:
    if version == 4:
        return ipaddress.ip_network((address % 2**32, prefix % 33), strict=False)
    return ipaddress.ip_network((address, prefix), strict=False)


# addresses close to each other, so that networks nest, touch and overlap; and the ends of both families
ADDRESSES = st.one_of(
    st.integers(0, 300),
    st.integers(2**32 - 300, 2**32 - 1),
    st.integers(2**128 - 300, 2**128 - 1),
    st.integers(0, 2**128 - 1),
)
PREFIXES = st.one_of(st.sampled_from([0, 1, 24, 31, 32, 96, 120, 127, 128]), st.integers(0, 128))
NETWORKS = st.builds(_network, st.sampled_from([4, 6]), ADDRESSES, PREFIXES)
LISTS = st.lists(st.tuples(st.integers(0, len(_NAMES) - 1), NETWORKS), min_size=1, max_size=12)


def _span(network: Network) -> tuple[int, int]:
    family = network.version << 128
    return family | int(network.network_address), family | int(network.broadcast_address)


def _find(lists: PlaceLists, addresses: list[str]) -> list[int]:
    return lists.find(*parse_ips(pa.array(addresses, pa.string()))).tolist()


@settings(deadline=None)
@given(lists=LISTS, more=st.lists(st.tuples(st.sampled_from([4, 6]), ADDRESSES), max_size=12))
def test_places_are_those_of_the_first_list_that_has_the_address(
    lists: list[tuple[int, Network]], more: list[tuple[int, int]]
) -> None:
    found = PlaceLists([(*_span(network), rank, PLACE_CODES[_NAMES[rank][1]]) for rank, network in lists])
    asked = [_network(version, address, 32 if version == 4 else 128)[0] for version, address in more]
    for _, network in lists:  # both ends, and their neighbours outside
        ends = int(network[0]), int(network[-1])
        kind = type(network[0])
        most = 2**network.max_prefixlen - 1
        asked += [kind(at) for at in (ends[0] - 1, *ends, ends[1] + 1) if 0 <= at <= most]
    # ::ffff:a.b.c.d is the same host as a.b.c.d
    asked = [getattr(address, "ipv4_mapped", None) or address for address in asked]
    expected = []
    for address in asked:
        ranks = [rank for rank, network in lists if network.version == address.version and address in network]
        expected.append(PLACE_CODES[_NAMES[min(ranks)][1]] if ranks else 0)
    assert _find(found, [str(address) for address in asked]) == expected


def test_no_lists_know_nothing() -> None:
    lists = PlaceLists.read("")
    assert lists.empty
    assert _find(lists, ["1.2.3.4", "::1"]) == [0, 0]


def test_lists_are_read_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "vpn_ipv4.txt").write_text("# exits\n198.51.100.0/24  # one\n\n203.0.113.7\n")
    (tmp_path / "my_Datacenter.txt").write_text("198.51.100.0/25\n2001:db8::/32\n")
    (tmp_path / "notes.md").write_text("not a list")
    (tmp_path / "friends.txt").write_text("not a place either")
    with gzip.open(tmp_path / "office.txt.gz", "wt") as file:
        file.write("192.0.2.0/24\n")
    lists = PlaceLists.read(str(tmp_path))
    asked = ["198.51.100.1", "198.51.100.200", "203.0.113.7", "203.0.113.8", "2001:db8::5", "192.0.2.255", "1.1.1.1"]
    names = [Place.VPN, Place.VPN, Place.VPN, Place.UNKNOWN, Place.DATACENTER, Place.OFFICE, Place.UNKNOWN]
    assert _find(lists, asked) == [PLACE_CODES[name] for name in names]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vpn.txt", b"1.2.3.0/24\n10.0.0.0/40\n", "vpn.txt, line 2: not a network"),
        ("vpn.txt", b"example.org\n", "vpn.txt, line 1: not a network"),
        ("vpn.txt", b"\xff\xfe1\n", "vpn.txt cannot be read"),
        ("vpn.txt.gz", b"no gzip", "vpn.txt.gz cannot be read"),
        ("friends.txt", b"1.2.3.0/24\n", "no list of networks"),
        ("vpn.txt", b"# nothing\n", "no list of networks"),
    ],
)
def test_a_bad_list_is_an_error_that_names_it(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        PlaceLists.read(str(tmp_path))


def test_a_truncated_list_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "vpn.txt.gz").write_bytes(gzip.compress(b"1.2.3.0/24\n" * 1000)[:-12])
    with pytest.raises(InputError, match=r"vpn\.txt\.gz cannot be read"):
        PlaceLists.read(str(tmp_path))


def test_a_folder_that_is_none_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LINKAGE_LISTS"):
        PlaceLists.read(str(tmp_path / "nowhere"))

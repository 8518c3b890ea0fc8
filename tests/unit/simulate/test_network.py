"""Addresses: real ones, and never one for two lines at a time."""

import ipaddress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.simulate.addresses import texts
from linkage.simulate.network import FOREVER, V6_BIT, NetworkDraft, Stick
from linkage.simulate.randomness import mix


def network(seed, lines, *, dual=0.0):
    draft = NetworkDraft(np.random.default_rng(seed))
    providers = [draft.provider(1), draft.provider(7, dual=dual), draft.provider(FOREVER, contiguous=True)]
    pools = draft.pools(draft.lines(np.array(providers)[np.arange(lines) % 3]))
    return draft.finish(), pools


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 999), st.integers(3, 3000), st.integers(0, 60))
def test_no_two_lines_hold_one_address_on_a_day(seed, lines, day):
    net, pools = network(seed, lines)
    codes = net.codes(pools, mix(pools), np.full(lines, day), pools, seed)
    assert len(np.unique(codes)) == lines


def test_leases_end_when_they_should():
    net, pools = network(1, 300)
    days = [net.codes(pools, mix(pools), np.full(300, day), pools, 1) for day in range(15)]
    changes = np.array([(days[d] != days[d + 1]) for d in range(14)]).sum(axis=0).reshape(-1, 3)
    assert (changes[:, 0] == 14).all()
    assert (changes[:, 1] == 2).all()
    assert (changes[:, 2] == 0).all()
    assert (net.fixed(net.pool_lines[pools[2::3]]) == days[3][2::3]).all()


def test_an_ipv6_interface_changes_daily_within_its_prefix():
    net, pools = network(2, 30, dual=1.0)
    seven = pools[1::3]
    names = [texts(net.codes(seven, mix(seven), np.full(10, day), seven, 2)).to_pylist() for day in (7, 8)]
    for today, tomorrow in zip(*names, strict=True):
        prefix = ipaddress.IPv6Network(f"{today}/64", strict=False)
        assert today != tomorrow
        assert ipaddress.IPv6Address(tomorrow) in prefix


def test_addresses_are_written_as_the_standard_library_writes_them():
    net, pools = network(3, 3000, dual=0.5)
    codes = net.codes(pools, mix(pools), np.full(3000, 3), pools, 3)
    names = texts(codes).to_pylist()
    assert (codes >= V6_BIT).any()
    for code, name in zip(codes.tolist(), names, strict=True):
        address = ipaddress.ip_address(name)
        if address.version == 4:
            assert int(address) == code
        assert address.is_global
        assert str(address) == name or ":0:" in name


@pytest.mark.parametrize(("stick", "fewest"), [(Stick.REQUEST, 200), (Stick.ALWAYS, 1)])
def test_a_world_comes_from_where_its_accounts_stick(made, stick, fewest):
    from linkage.simulate.traffic import requests, slices

    low, high = slices(made.world)[0]
    part = requests(made.world, low, high)
    a = made.world.accounts
    alone = (a.stick[:, 0] == stick) & (a.share[:, 1:].sum(axis=1) == 0) & (made.world.requests > 300)
    rows = np.flatnonzero(alone)[:1]
    days = np.floor(part.at[part.account == rows[0]] / 86400)
    assert len(np.unique(part.address[part.account == rows[0]])) >= min(fewest, len(np.unique(days)) // 31 + fewest)

"""How accounts stand to groups, and how groups overlap: against plain definitions."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_uses import IP, PROMPT, Use, incidence_of

from linkage.model.kinds import FACETS, Facet
from linkage.rank.affinity import LEAST_RATE, affinity, met, met_again
from linkage.rank.layers import Rare
from linkage.rank.overlap import overlaps
from linkage.rank.rare import THINGS, RareUses, grouped


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[int, list[int], list[Use], list[int]]:
    accounts = draw(st.integers(4, 12))
    kinds = draw(st.lists(st.sampled_from([PROMPT, IP]), min_size=2, max_size=8))
    pairs = draw(st.sets(st.tuples(st.integers(0, accounts - 1), st.integers(0, len(kinds) - 1)), min_size=1))
    uses = [(account, thing, draw(st.integers(1, 7))) for account, thing in sorted(pairs)]
    group = draw(st.lists(st.integers(-1, 2), min_size=accounts, max_size=accounts))
    return accounts, kinds, uses, group


def _shares(kinds: list[int], uses: list[Use], group: list[int]) -> tuple[dict[int, int], dict[tuple[int, int], float]]:
    """Returns n by account and s by account and group, from the definition."""
    users: dict[int, dict[int, int]] = defaultdict(dict)
    for account, thing, days in uses:
        users[thing][account] = days
    count: dict[int, int] = defaultdict(int)
    total: dict[tuple[int, int], float] = defaultdict(float)
    for account, thing, days in uses:
        if len(users[thing]) < 2:
            continue
        count[account] += 1
        others = [one for one, when in users[thing].items() if one != account and (kinds[thing] != IP or when & days)]
        for one in others:
            if group[one] >= 0:
                total[account, group[one]] += 1 / len(others)
    return count, total


@settings(deadline=None, max_examples=60)
@given(_worlds())
def test_affinity_is_what_its_definition_says(world: tuple[int, list[int], list[Use], list[int]]) -> None:
    accounts, kinds, uses, group = world
    incidence = incidence_of(accounts, kinds, uses)
    rare = RareUses.of(incidence, tuple(FACETS))
    found = affinity(rare, np.array(group, np.int32), 0.5)
    count, total = _shares(kinds, uses, group)
    assert {one: n for one, n in enumerate(found.things.tolist()) if n} == dict(count)
    rows = dict(zip(zip(found.account.tolist(), found.group.tolist(), strict=True), found.bits.tolist(), strict=True))
    assert rows.keys() == {pair for pair, share in total.items() if share}
    for (account, near), bits in rows.items():
        outside = [one for one in count if group[one] != near]
        met = sum(total[one, near] / count[one] for one in outside)
        rate = min(max(met / max(len(outside), 1), LEAST_RATE), 0.45)
        hits = total[account, near]
        expected = hits * np.log2(0.5 / rate) + (count[account] - hits) * np.log2(0.5 / (1 - rate))
        assert bits == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(_worlds(), st.sets(st.integers(0, 11)))
def test_who_met_nobody_that_left_stands_as_before(
    world: tuple[int, list[int], list[Use], list[int]], leaving: set[int]
) -> None:
    accounts, kinds, uses, group = world
    rare = RareUses.of(incidence_of(accounts, kinds, uses), tuple(FACETS))
    before = np.array(group, np.int32)
    after = np.where(np.isin(np.arange(accounts), list(leaving)), -1, before).astype(np.int32)
    for again, anew in zip(met_again(rare, after, met(rare, before), before != after), met(rare, after), strict=True):
        assert again.tolist() == anew.tolist()


@settings(deadline=None, max_examples=60)
@given(_worlds())
def test_overlap_is_morisitas(world: tuple[int, list[int], list[Use], list[int]]) -> None:
    accounts, kinds, uses, group = world
    incidence = incidence_of(accounts, kinds, uses)
    rare = Rare.of(incidence)
    low, high, shared, within = overlaps(rare.content, np.array(group, np.int32), 3)
    users: dict[int, list[int]] = defaultdict(list)
    for account, thing, _ in uses:
        if kinds[thing] == PROMPT:
            users[thing].append(account)
    pairs, alone = np.zeros((3, 3)), np.zeros(3)
    for used in users.values():
        if len(used) > 1:
            k = np.bincount([group[one] for one in used if group[one] >= 0], minlength=3)
            pairs += np.outer(k, k) / (len(used) - 1)
            alone += k * (k - 1) / (len(used) - 1)
    assert within == pytest.approx(alone)
    assert list(zip(low, high, strict=True)) == sorted(zip(low, high, strict=True))
    for one, two, value in zip(low, high, shared, strict=True):
        assert value == pytest.approx(pairs[one, two])
    assert len(low) == sum(pairs[one, two] > 0 for one in range(3) for two in range(one + 1, 3))


@settings(deadline=None, max_examples=60)
@given(_worlds())
def test_rare_uses_tell_who_met_whom(world: tuple[int, list[int], list[Use], list[int]]) -> None:
    accounts, kinds, uses, group = world
    rare = RareUses.of(incidence_of(accounts, kinds, uses), tuple(FACETS))
    users = [rare.user[one:two].tolist() for one, two in pairwise(rare.of_thing)]
    days = {(account, thing): mask for account, thing, mask in uses}
    number = {thing: {one for one, other in days if other == thing} for _, thing in days}
    assert sorted(users) == sorted(sorted(one) for one in number.values() if len(one) > 1)
    for facet in (Facet.CONTENT, Facet.NETWORK):
        kind = PROMPT if facet is Facet.CONTENT else IP
        some, whole = rare.only(facet), RareUses.of(incidence_of(accounts, kinds, uses), (facet,))
        for name in ("of_thing", "user", "of_account", "thing", "met", "kind"):
            assert np.array_equal(getattr(some, name), getattr(whole, name))
        found = {
            (account, frozenset(other for k, other in enumerate(own) if int(some.met[row]) >> k & 1))
            for account in range(accounts)
            for row in range(some.of_account[account], some.of_account[account + 1])
            for own in [some.user[some.of_thing[some.thing[row]] : some.of_thing[some.thing[row] + 1]].tolist()]
        }
        expected = {
            (account, frozenset(o for o in everyone - {account} if kind != IP or days[o, thing] & days[account, thing]))
            for thing, everyone in number.items()
            if kinds[thing] == kind and len(everyone) > 1
            for account in everyone
        }
        assert found == expected
    near = grouped(rare, np.array(group, np.int32))
    for thing, own in enumerate(users):
        rows = range(*near.bounds[thing])
        by_group = {near.group[row]: {u for k, u in enumerate(own) if int(near.users[row]) >> k & 1} for row in rows}
        assert by_group == {c: {u for u in own if group[u] == c} for c in {group[u] for u in own} - {-1}}


def test_an_account_is_looked_at_for_its_rarest_things() -> None:
    uses = [(account, thing, 1) for thing in range(THINGS + 9) for account in (0, 1, 2 + thing % 9)]
    rare = RareUses.of(incidence_of(11, [PROMPT] * (THINGS + 9), uses), (Facet.CONTENT,))
    assert rare.things[:2].tolist() == [THINGS, THINGS]
    assert rare.thing[: rare.of_account[1]].tolist() == list(range(THINGS))
    assert len(rare.user) == 3 * (THINGS + 9)

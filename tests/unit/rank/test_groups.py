"""How accounts stand to groups, and how groups overlap: against plain definitions, and by planted rings."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.detect import communities
from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.rank.affinity import LEAST_RATE, affinity
from linkage.rank.cut import cut, parted
from linkage.rank.judge import Conduct
from linkage.rank.layers import Layers, Rare
from linkage.rank.membership import settle, standing
from linkage.rank.overlap import overlaps
from linkage.rank.rare import THINGS, RareUses, grouped
from linkage.settings import Settings
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.vectors import write_vectors

PROMPT, CARD, IP = (BY_NAME[name].code for name in ("prompt", "payment", "ip"))
Use = tuple[int, int, int]  # account, thing, days as a mask


def _incidence(accounts: int, kinds: list[int], uses: list[Use]) -> Incidence:
    """Returns the incidence of uses in one block of days; things are numbered as in `kinds`."""
    con = tables.connect()
    none: list[int] = []
    tables.insert(con, "account (account, id)", [(one, f"a{one:04}") for one in range(accounts)])
    habits = [(one, none, [0] * len(FACETS), 1) for one in range(accounts)]
    tables.insert(con, "habit (account, starts, breadth, requests)", habits)
    pairs = np.array([use[:2] for use in sorted(uses)], np.int32).reshape(-1, 2)
    rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
    rows["days"] = np.array([days for _, _, days in sorted(uses)], np.uint64)
    kind, worth = np.array(kinds, np.uint8), np.full(len(kinds), 5000, np.int32)
    write_vectors(con, tables.by_thing(rows, kind, np.zeros(len(kinds), np.uint8), worth))
    return read_incidence(con)


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
    incidence = _incidence(accounts, kinds, uses)
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
@given(_worlds())
def test_overlap_is_morisitas(world: tuple[int, list[int], list[Use], list[int]]) -> None:
    accounts, kinds, uses, group = world
    incidence = _incidence(accounts, kinds, uses)
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
    rare = RareUses.of(_incidence(accounts, kinds, uses), tuple(FACETS))
    users = [rare.user[one:two].tolist() for one, two in pairwise(rare.of_thing)]
    days = {(account, thing): mask for account, thing, mask in uses}
    number = {thing: {one for one, other in days if other == thing} for _, thing in days}
    assert sorted(users) == sorted(sorted(one) for one in number.values() if len(one) > 1)
    for facet in (Facet.CONTENT, Facet.NETWORK):
        kind = PROMPT if facet is Facet.CONTENT else IP
        some, whole = rare.only(facet), RareUses.of(_incidence(accounts, kinds, uses), (facet,))
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
        rows = range(near.begin[thing], near.end[thing])
        by_group = {near.group[row]: {u for k, u in enumerate(own) if int(near.users[row]) >> k & 1} for row in rows}
        assert by_group == {c: {u for u in own if group[u] == c} for c in {group[u] for u in own} - {-1}}


def test_an_account_is_looked_at_for_its_rarest_things() -> None:
    uses = [(account, thing, 1) for thing in range(THINGS + 9) for account in (0, 1, 2 + thing % 9)]
    rare = RareUses.of(_incidence(11, [PROMPT] * (THINGS + 9), uses), (Facet.CONTENT,))
    assert rare.things[:2].tolist() == [THINGS, THINGS]
    assert rare.thing[: rare.of_account[1]].tolist() == list(range(THINGS))
    assert len(rare.user) == 3 * (THINGS + 9)


CREW, SIZE, EVERYONE = 10, 30, 400


def _rings(chance: Any) -> tuple[Incidence, np.ndarray]:
    """Returns a world of two campaigns behind one operator (accounts 0 to 9, 10 to 19), and another operator.

    The third ring (20 to 29) asks the first one's questions through exits of its own. All else is innocent.
    """
    kinds: list[int] = []
    uses: list[Use] = []

    def deal(kind: int, accounts: range, things: int, users: int) -> None:
        for _ in range(things):
            found = chance.choice(accounts, users, replace=False).tolist()
            uses.extend((account, len(kinds), int(1 << chance.integers(0, 2)) | 4) for account in found)
            kinds.append(kind)

    first = [*range(10), *range(20, 30)]
    for _ in range(120):
        uses.extend((account, len(kinds), 1) for account in chance.choice(first, 3, replace=False).tolist())
        kinds.append(PROMPT)
    deal(PROMPT, range(10, 20), 60, 3)
    deal(IP, range(20), 80, 4)
    deal(IP, range(20, 30), 40, 4)
    deal(PROMPT, range(30, EVERYONE), 300, 2)
    deal(IP, range(30, EVERYONE), 300, 2)
    return _incidence(EVERYONE, kinds, uses), np.repeat([0, 1, 2], CREW)


def _conduct(excused: list[int] | None = None) -> Conduct:
    flags = np.zeros(EVERYONE, bool)
    flags[excused or []] = True
    created = np.arange(EVERYONE, dtype=float) * 86_400
    return Conduct(np.ones(EVERYONE), created, np.zeros(EVERYONE, bool), flags, 1.0, 1.0, 0.01, np.zeros(EVERYONE))


def _settle(incidence: Incidence, ring: np.ndarray, conduct: Conduct) -> np.ndarray:
    return settle(
        Rare.of(incidence),
        ring.astype(np.int32),
        conduct,
        lambda some: communities(some, EVERYONE),
        Settings(),
    )


def _start(truth: np.ndarray) -> np.ndarray:
    ring = np.full(EVERYONE, -1, np.int32)
    ring[: len(truth)] = truth
    return ring


def test_layers_tell_operators_and_campaigns_apart() -> None:
    incidence, truth = _rings(np.random.default_rng(1))
    layers = Layers.of(Rare.of(incidence), _start(truth))
    assert layers.campaign.tolist() == [0, 1, 0]
    assert layers.operator.tolist() == [0, 0, 2]


def _dealt(chance: Any, deals: list[tuple[int, range, int, int]]) -> Rare:
    """Returns a world in which for each deal (kind, accounts, things, users) things are dealt to so many users each."""
    kinds: list[int] = []
    uses: list[Use] = []
    for kind, accounts, things, users in deals:
        for _ in range(things):
            uses.extend((one, len(kinds), 1) for one in chance.choice(accounts, users, replace=False).tolist())
            kinds.append(kind)
    return Rare.of(_incidence(EVERYONE, kinds, uses))


def test_two_that_rent_from_one_pool_and_have_cards_of_their_own_are_two_operators() -> None:
    pool = (IP, range(20), 60, 4)
    truth = _start(np.repeat([0, 1], CREW))
    apart = _dealt(np.random.default_rng(4), [pool, (CARD, range(10), 8, 2), (CARD, range(10, 20), 8, 2)])
    assert Layers.of(apart, truth).operator.tolist() == [0, 1]
    rented = _dealt(np.random.default_rng(4), [pool])
    assert Layers.of(rented, truth).operator.tolist() == [0, 0]
    same = _dealt(np.random.default_rng(4), [pool, (CARD, range(20), 16, 2)])
    assert Layers.of(same, truth).operator.tolist() == [0, 0]


def test_a_card_for_every_five_accounts_does_not_make_as_many_operators() -> None:
    truth = _start(np.repeat([0, 1], CREW))
    cards = [(CARD, range(first, first + 5), 1, 5) for first in (0, 5, 10, 15)]
    pool = (IP, range(20), 60, 4)
    assert Layers.of(_dealt(np.random.default_rng(4), [pool, *cards]), truth).operator.tolist() == [0, 0]
    chains = [(CARD, range(first, first + 10), 12, 3) for first in (0, 10)]  # many for all of a crew are its own
    assert Layers.of(_dealt(np.random.default_rng(4), [pool, *chains]), truth).operator.tolist() == [0, 1]


def test_a_piece_of_two_operators_is_parted_and_that_of_one_is_not() -> None:
    two = [(IP, range(10), 30, 3), (IP, range(10, 20), 30, 3), (IP, range(20), 3, 2)]
    whole = _start(np.zeros(2 * CREW, int))
    for deals, parts in ((two, 2), ([(IP, range(20), 60, 3)], 1)):
        found = parted(
            _dealt(np.random.default_rng(5), deals), whole, lambda some: communities(some, EVERYONE), Settings()
        )
        assert len(set(found[:CREW].tolist())) == len(set(found[CREW : 2 * CREW].tolist())) == 1
        assert len(set(found[: 2 * CREW].tolist())) == parts
        assert (found[2 * CREW :] == -1).all()
    assert (
        parted(_dealt(np.random.default_rng(5), two), _start(np.zeros(0, int)), communities, Settings()) == -1
    ).all()


def test_one_ring_of_all_is_cut_into_operators_and_campaigns() -> None:
    incidence, truth = _rings(np.random.default_rng(2))
    ring = cut(
        Rare.of(incidence),
        _start(np.zeros(len(truth), int)),
        lambda some: communities(some, EVERYONE),
        Settings(),
    )
    assert len({(mine, right) for mine, right in zip(ring[:SIZE].tolist(), truth.tolist(), strict=True)}) == 3
    assert set(ring[:SIZE].tolist()) == {0, 1, 2}


def test_a_stranger_leaves_and_a_missed_account_joins() -> None:
    incidence, truth = _rings(np.random.default_rng(3))
    ring = _start(truth)
    ring[[0, 1]] = -1
    ring[40] = 0
    settled = _settle(incidence, ring, _conduct())
    assert settled[40] == -1
    assert settled[0] == settled[1] == settled[2]
    assert np.count_nonzero(settled >= 0) == SIZE


def test_who_is_excused_never_joins() -> None:
    incidence, truth = _rings(np.random.default_rng(3))
    ring = _start(truth)
    ring[[0, 1]] = -1
    settled = _settle(incidence, ring, _conduct(excused=[0]))
    assert settled[0] == -1
    assert settled[1] == settled[2]


def test_evidence_of_standing_is_told_by_facet_and_capped() -> None:
    incidence, truth = _rings(np.random.default_rng(4))
    found = standing(Rare.of(incidence), _start(truth), Settings())
    content, network = (FACETS.index(facet) for facet in (Facet.CONTENT, Facet.NETWORK))
    assert (found.facets[:SIZE, content] == 20_000).all()
    assert (found.facets[:SIZE, network] > 3000).all()
    assert not found.facets[SIZE:].any()

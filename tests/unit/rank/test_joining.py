"""Manner against its definition, and each way in which outsiders join a ring, by planted worlds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_uses import conduct_of

from linkage.detect import communities
from linkage.model.kinds import BY_NAME, FACETS
from linkage.rank.affinity import LEAST_RATE
from linkage.rank.conduct import Conduct, spread_of
from linkage.rank.layers import Rare
from linkage.rank.manner import OWN_USERS, SPREAD, WIDE, Forms, manner, own_manner
from linkage.rank.membership import settle
from linkage.settings import Settings
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.vectors import write_vectors

PROMPT, IP = (BY_NAME[name].code for name in ("prompt", "ip"))
EVERYONE = 400
CREW = range(20)


class World:
    """Uses of things by accounts, all on one day."""

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.pairs: list[tuple[int, int]] = []
        self.chance = np.random.default_rng(7)

    def used(self, kind: int, accounts: object) -> None:
        """Adds a thing that these accounts use."""
        self.pairs.extend((int(account), len(self.kinds)) for account in np.unique(np.array(accounts)))
        self.kinds.append(kind)

    def pool(self, kind: int, accounts: object, things: int, users: int) -> None:
        """Adds things of which each is used by a few of these accounts."""
        for _ in range(things):
            self.used(kind, self.chance.choice(np.array(accounts), users, replace=False))

    def incidence(self) -> Incidence:
        con = tables.connect()
        none: list[int] = []
        tables.insert(con, "account (account, id)", [(one, f"a{one:04}") for one in range(EVERYONE)])
        habits = [(one, one, none, [0] * len(FACETS), 1) for one in range(EVERYONE)]
        tables.insert(con, "habit (account, ordinal, starts, breadth, requests)", habits)
        pairs = np.array(sorted(self.pairs), np.int32).reshape(-1, 2)
        rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
        rows["days"] = np.ones(len(pairs), np.uint64)
        kinds = np.array(self.kinds, np.uint8)
        worth = np.full(len(kinds), 5000, np.int32)
        write_vectors(con, tables.by_thing(rows, kinds, np.zeros(len(kinds), np.uint8), worth))
        return read_incidence(con)


def _settled(world: World, excused: tuple[int, ...] = (), conduct: Conduct | None = None) -> np.ndarray:
    """Returns the rings by account, where the crew was known from the start."""
    ring = np.full(EVERYONE, -1, np.int32)
    ring[list(CREW)] = 0
    return settle(
        Rare.of(world.incidence()),
        ring,
        conduct or conduct_of(EVERYONE, np.zeros(EVERYONE), excused),
        lambda some: communities(some, EVERYONE),
        Settings(),
    )


def _campaign(*others: int) -> World:
    """Returns a world where the crew and others draw from one pool of questions, and innocents from another."""
    world = World()
    world.pool(PROMPT, [*CREW, *others], 80 * (len(CREW) + len(others)) // 3, 3)
    world.pool(PROMPT, range(100, EVERYONE), 900, 3)
    world.pool(IP, CREW, 80, 4)
    world.pool(IP, range(100, EVERYONE), 300, 2)
    return world


def test_who_asks_the_same_in_the_same_manner_joins_and_who_asks_the_same_alone_does_not() -> None:
    world = _campaign(30, 31, 40)
    for _ in range(12):
        world.used(PROMPT, [*CREW, 30, 31])
    for _ in range(3):
        world.used(PROMPT, [40, *range(100, 130)])
    ring = _settled(world)
    assert ring[30] == ring[31] == ring[0]
    assert ring[40] == -1
    assert np.count_nonzero(ring >= 0) == len(CREW) + 2
    assert _settled(world, excused=(30,))[30] == -1


def test_who_asks_the_same_in_a_manner_of_their_own_are_a_ring() -> None:
    crew, alone = range(30, 37), range(40, 47)
    world = _campaign(*crew, *alone)
    for _ in range(24):
        world.used(PROMPT, crew)
    for one in alone:
        world.used(PROMPT, [one, *range(100, 130)])
    ring = _settled(world)
    assert len({ring[one] for one in crew}) == 1
    assert ring[30] not in (-1, ring[0])
    assert all(ring[one] == -1 for one in alone)


def test_behind_a_known_network_those_who_ask_alike_are_a_ring_and_other_customers_are_not() -> None:
    world = World()
    crew, others = range(30, 38), range(40, 44)
    world.pool(PROMPT, CREW, 250, 3)
    world.pool(PROMPT, crew, 100, 3)
    world.pool(PROMPT, range(100, EVERYONE), 900, 3)
    for one in others:
        world.pool(PROMPT, [one, *range(100, EVERYONE)], 400, 3)
    world.pool(IP, [*CREW, *crew, *others], 300, 4)
    ring = _settled(world)
    assert len({ring[one] for one in crew}) == 1
    assert ring[30] not in (-1, ring[0])
    assert all(ring[one] == -1 for one in others)


def _who_came(accounts: range, days: float, volume: float) -> Conduct:
    """Returns what accounts do: these came within so many days and ask so much, the others all through a year."""
    created = 86_400.0 * (37.0 * np.arange(EVERYONE) % 365)
    created[accounts] = 86_400.0 * (100 + days * np.arange(len(accounts)) / len(accounts))
    requests = np.ones(EVERYONE)
    requests[accounts] = volume
    plain = conduct_of(EVERYONE, created, ())
    return replace(plain, requests=requests, usual_spread=spread_of(created))


def test_who_asks_the_same_and_much_and_came_together_is_a_ring() -> None:
    careful = range(30, 36)
    world = _campaign(*careful)
    ring = _settled(world, conduct=_who_came(careful, 40, 4.0))
    assert {int(ring[one]) for one in careful} == {int(ring.max())}
    assert ring[30] not in (-1, ring[0])
    for conduct in (_who_came(careful, 365, 4.0), _who_came(careful, 40, 1.9), _who_came(range(30, 34), 40, 4.0)):
        assert all(_settled(world, conduct=conduct)[one] == -1 for one in careful)
    for one in careful:
        for other in range(100, 180):
            world.used(PROMPT, [one, other])  # half of what they ask, others ask, too
    assert all(_settled(world, conduct=_who_came(careful, 40, 4.0))[one] == -1 for one in careful)


def test_who_asks_little_of_the_pool_stays_if_it_asks_much_and_came_with_the_others() -> None:
    world = World()
    world.pool(PROMPT, CREW[:-1], 300, 3)
    world.pool(PROMPT, [CREW[-1], *range(100, EVERYONE)], 900, 3)
    for _ in range(4):
        world.used(PROMPT, [CREW[-1], 200])
    assert _settled(world, conduct=_who_came(CREW, 10, 8.0))[CREW[-1]] == 0
    assert _settled(world, conduct=_who_came(CREW, 10, 3.9))[CREW[-1]] == -1
    assert _settled(world, conduct=_who_came(CREW, 365, 8.0))[CREW[-1]] == -1


@st.composite
def _uses(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[int]]:
    things = draw(st.integers(1, 6))
    of_thing = [draw(st.sets(st.integers(0, 39), min_size=1, max_size=40)) for _ in range(things)]
    group = draw(st.lists(st.integers(-1, 2), min_size=40, max_size=40))
    return [(account, thing) for thing, users in enumerate(of_thing) for account in users], group


@settings(deadline=None, max_examples=60)
@given(_uses())
def test_manner_is_what_its_definition_says(world: tuple[list[tuple[int, int]], list[int]]) -> None:
    pairs, some = world
    group = np.array([*some, *([-1] * (EVERYONE - 40))], np.int32)
    planted = World()
    planted.pairs, planted.kinds = pairs, [PROMPT] * 6
    forms = Forms.of(planted.incidence())
    users: dict[int, list[int]] = defaultdict(list)
    for account, thing in pairs:
        users[thing].append(account)
    size = np.bincount(group[group >= 0], minlength=3)
    count: dict[int, int] = defaultdict(int)
    total: dict[tuple[int, int], float] = defaultdict(float)
    own: dict[int, int] = defaultdict(int)
    for used in users.values():
        k = np.bincount([group[one] for one in used if group[one] >= 0], minlength=3)
        for one in used:
            c = group[one]
            own[one] += c >= 0 and k[c] >= max(OWN_USERS, size[c] / 4) and 2 * k[c] >= len(used)
            if len(used) >= WIDE:
                count[one] += 1
                for near in range(3):
                    others = k[near] - (c == near)
                    if others > 0 and k[near] >= SPREAD * size[near]:
                        total[one, near] += others / (len(used) - 1)
    assert {one: n for one, n in enumerate(own_manner(forms, group).tolist()) if n} == {
        a: n for a, n in own.items() if n
    }
    found = manner(forms, group, 0.5)
    assert {one: n for one, n in enumerate(found.things.tolist()) if n} == dict(count)
    rows = dict(zip(zip(found.account.tolist(), found.group.tolist(), strict=True), found.bits.tolist(), strict=True))
    assert rows.keys() == total.keys()
    for (account, near), bits in rows.items():
        outside = [one for one in count if group[one] != near]
        rate = sum(total[one, near] / count[one] for one in outside if (one, near) in total) / max(len(outside), 1)
        rate = min(max(rate, LEAST_RATE), 0.45)
        hits = total[account, near]
        expected = hits * np.log2(0.5 / rate) + (count[account] - hits) * np.log2(0.5 / (1 - rate))
        assert bits == pytest.approx(expected, abs=1e-9)
    assert found.of(found.take(np.arange(len(found.bits))[::-1])).tolist() == found.bits[::-1].tolist()

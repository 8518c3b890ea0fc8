"""Webs of things that pass from home to home, and who is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from planted_uses import IP, Use, conduct_of, incidence_of

from linkage.detect import communities
from linkage.model.kinds import BY_NAME
from linkage.rank.layers import Rare
from linkage.rank.webs import FEW, WEB, webs
from linkage.settings import Settings

DEVICE, PHONE = (BY_NAME[name].code for name in ("device", "phone"))
EVERYONE, RING = 400, 12
LIVES = [1440 * day for day in range(12)]


class World:
    """Things that accounts use, on the first day if no others are given (as a mask)."""

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.uses: list[Use] = []

    def used(self, kind: int, accounts: Sequence[int], days: int = 1) -> None:
        self.uses.extend((one, len(self.kinds), days) for one in accounts)
        self.kinds.append(kind)

    def webbed(self, ring: int = RING, *, phones: bool = True) -> World:
        """Adds a ring, three of whose accounts use one device and, next to each other in the ring, one telephone."""
        for first in range(0, ring, 3):
            self.used(DEVICE, range(first, min(first + 3, ring)))
        for first in range(1, ring if phones else 0, 3):
            self.used(PHONE, sorted({one % ring for one in range(first, first + 3)}))
        return self


def _found(world: World, volume: float = 4.0, starts: list[int] = LIVES, excused: Sequence[int] = ()) -> list[int]:
    """Returns who is in a ring where all accounts of the world ask so many times as much as is usual."""
    incidence = incidence_of(EVERYONE, world.kinds, world.uses, starts)
    conduct = replace(conduct_of(EVERYONE, np.zeros(EVERYONE), excused), requests=np.full(EVERYONE, volume))
    before = np.full(EVERYONE, -1, np.int32)
    before[300:310] = 0
    ring = webs(incidence, Rare.of(incidence), before, conduct, lambda some: communities(some, EVERYONE), Settings())
    assert np.array_equal(ring[300:310], before[300:310])
    return np.flatnonzero(ring > 0).tolist()


def test_busy_accounts_tied_by_two_kinds_of_things_from_home_to_home_are_a_ring() -> None:
    assert _found(World().webbed()) == list(range(RING))
    assert _found(World().webbed(), excused=(0,)) == list(range(1, RING))


def _at_home() -> World:
    world = World().webbed()
    for first in range(0, RING, 3):
        world.used(IP, range(first, first + 4))
    return world


def _at_one_place() -> World:
    world = World().webbed()
    world.used(IP, range(100), (1 << len(LIVES)) - 1)  # too many use it for a home
    return world


def _of_rented_phones() -> World:
    world = World()
    for first in range(0, 3 * FEW, FEW // 2):
        world.used(PHONE, range(first, first + FEW + 1))
        world.used(DEVICE, range(first, first + FEW + 1))
    return world


@pytest.mark.parametrize(
    ("world", "volume", "starts"),
    [
        pytest.param(World().webbed(WEB - 1), 4.0, LIVES, id="a family over its homes"),
        pytest.param(World().webbed(phones=False), 4.0, LIVES, id="one kind of things"),
        pytest.param(_at_home(), 4.0, LIVES, id="those who live together"),
        pytest.param(_at_one_place(), 4.0, LIVES, id="a staff with its desks"),
        pytest.param(_of_rented_phones(), 4.0, LIVES, id="things that anybody rents"),
        pytest.param(World().webbed(), 1.9, LIVES, id="people ask less"),
        pytest.param(World().webbed(), 4.0, LIVES[:4], id="what is over soon"),
    ],
)
def test_who_is_no_web(world: World, volume: float, starts: list[int]) -> None:
    assert _found(world, volume, starts) == []

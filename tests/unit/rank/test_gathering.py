"""Rings that gather at one place, and those that only pass through the same ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.rank.gathering import PLACES, gathered
from linkage.rank.wide import Users

EVERYONE = 60
Ints = npt.NDArray[np.int32]


def _places(*users: range | list[int]) -> Users:
    bounds = np.concatenate(([0], np.cumsum([len(one) for one in users]))).astype(np.int64)
    return Users(bounds, np.array([who for one in users for who in one], np.int32))


def _ring(*sizes: int) -> Ints:
    ring = np.full(EVERYONE, -1, np.int32)
    ring[: sum(sizes)] = np.repeat(np.arange(len(sizes)), sizes)
    return ring


CAMPAIGN = np.where(_ring(40) >= 0, 0, -1).astype(np.int32)


def test_rings_of_one_campaign_that_gather_at_one_place_are_one() -> None:
    ring = _ring(10, 10, 10, 10)
    found = gathered(_places([*range(4), *range(10, 14), *range(20, 22)]), ring, CAMPAIGN)
    assert (found[:20] == 0).all()
    assert (found[20:30] == 2).all()  # two of ten passed through
    assert (found[30:40] == 3).all()
    assert (found[40:] == -1).all()


def test_a_chain_of_places_holds() -> None:
    found = gathered(
        _places([*range(8), *range(10, 18)], [*range(10, 18), *range(20, 28)]), _ring(10, 10, 10), CAMPAIGN
    )
    assert (found[:30] == 0).all()


def test_a_place_that_others_use_and_one_of_two_campaigns_join_nothing() -> None:
    ring = _ring(10, 10)
    assert np.array_equal(gathered(_places([*range(5), *range(10, 15), *range(40, 50)]), ring, CAMPAIGN), ring)
    two = np.where(ring >= 0, ring, -1).astype(np.int32)
    assert np.array_equal(gathered(_places([*range(10), *range(10, 20)]), ring, two), ring)


def test_exits_of_a_pool_join_nothing() -> None:
    ring = _ring(10, 10)
    shared = [*range(5), *range(10, 15)]
    assert (gathered(_places(*[shared] * PLACES), ring, CAMPAIGN)[:20] == 0).all()
    assert np.array_equal(gathered(_places(*[shared] * (PLACES + 1)), ring, CAMPAIGN), ring)


def test_where_nobody_is_in_a_ring_nothing_is_joined() -> None:
    assert np.array_equal(gathered(_places(range(20)), _ring(), _ring()), _ring())
    assert np.array_equal(gathered(_places(), _ring(5), CAMPAIGN), _ring(5))

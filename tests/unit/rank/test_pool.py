"""Campaigns that draw from one pool of questions: rings are cut by forms of asking, and told apart by them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from planted_uses import IP, PROMPT, Use, incidence_of

from linkage.detect import communities
from linkage.rank.formed import formed
from linkage.rank.layers import Layers, Rare

CREW, EVERYONE, LEAST = 24, 400, 5
NETWORK, OUTSIDE = range(2 * CREW), range(2 * CREW, 3 * CREW)
FIRST, SECOND = range(CREW), range(CREW, 2 * CREW)
Ints = npt.NDArray[np.int32]


def _rare(frames: list[list[range]], networks: tuple[range, ...] = (NETWORK, OUTSIDE), met: int = 0) -> Rare:
    """Returns a world in which three crews ask from one pool, and each group of accounts in 40 frames of its own.

    `networks`: who draws from one set of exits; at `met` more the first accounts of two crews met.
    """
    chance = np.random.default_rng(5)
    kinds: list[int] = []
    uses: list[Use] = []

    def deal(kind: int, accounts: list[int], things: int, users: int) -> None:
        for _ in range(things):
            uses.extend((one, len(kinds), 1) for one in chance.choice(accounts, users, replace=False).tolist())
            kinds.append(kind)

    deal(PROMPT, [*range(3 * CREW)], 400, 4)
    for group in frames:
        accounts = [one for part in group for one in part]
        deal(PROMPT, accounts, 40, 4 * len(accounts) // 5)
    for network in networks:
        deal(IP, [*network], 100, 4)
    deal(IP, [0, CREW], met, 2)
    return Rare.of(incidence_of(EVERYONE, kinds, uses))


def _rings(*sizes: int) -> Ints:
    ring = np.full(EVERYONE, -1, np.int32)
    ring[: sum(sizes)] = np.repeat(np.arange(len(sizes)), sizes)
    return ring


def _formed(rare: Rare, ring: Ints) -> Ints:
    return formed(rare.forms, ring, lambda some: communities(some, EVERYONE), LEAST)


def test_a_ring_is_cut_where_its_accounts_ask_in_forms_of_their_own() -> None:
    rare = _rare([[FIRST], [SECOND]])
    found = _formed(rare, _rings(2 * CREW))
    assert found[: 2 * CREW].tolist() == [0] * CREW + [1] * CREW
    assert (found[2 * CREW :] == -1).all()


def test_who_has_no_form_stays_with_the_largest_part() -> None:
    rare = _rare([[range(CREW - 2)], [SECOND]])
    found = _formed(rare, _rings(2 * CREW))
    assert found[: 2 * CREW].tolist() == [0] * (CREW - 2) + [1] * (CREW + 2)


@pytest.mark.parametrize(
    "frames",
    [[], [[FIRST, SECOND]], [[FIRST], [SECOND], [FIRST, SECOND]], [[range(CREW // 2), range(CREW, CREW + CREW // 2)]]],
)
def test_a_ring_with_forms_in_common_or_of_one_part_alone_stays_whole(frames: list[list[range]]) -> None:
    rare, ring = _rare(frames), _rings(2 * CREW)
    assert _formed(rare, ring).tolist() == ring.tolist()


def test_rings_of_one_network_with_forms_of_their_own_serve_several_campaigns() -> None:
    rare = _rare([[FIRST], [SECOND]])
    layers = Layers.of(rare, _rings(CREW, CREW))
    assert layers.campaign.tolist() == [0, 1]
    assert layers.operator.tolist() == [0, 0]


def test_rings_of_two_networks_may_serve_one_campaign_in_forms_of_their_own() -> None:
    rare = _rare([[FIRST], [SECOND]], (FIRST, SECOND, OUTSIDE))
    assert Layers.of(rare, _rings(CREW, CREW)).campaign.tolist() == [0, 0]


def test_rings_that_met_by_accident_are_of_no_network() -> None:
    rare = _rare([[FIRST], [SECOND]], (FIRST,), met=2)
    assert Layers.of(rare, _rings(CREW, CREW)).campaign.tolist() == [0, 0]


def test_a_ring_of_another_network_serves_the_campaign_whose_forms_it_uses() -> None:
    rare = _rare([[FIRST], [SECOND, OUTSIDE]])
    layers = Layers.of(rare, _rings(CREW, CREW, CREW))
    assert layers.campaign.tolist() == [0, 1, 1]
    assert layers.operator.tolist() == [0, 0, 2]


def test_a_ring_without_such_forms_goes_with_those_with_whom_it_shares_most_questions() -> None:
    smaller = range(CREW + 4, 2 * CREW)
    ring = _rings(CREW, CREW, CREW)
    ring[CREW : CREW + 4] = -1  # so that fewer of those who ask the same serve the second campaign
    assert Layers.of(_rare([[FIRST], [smaller]]), ring).campaign.tolist() == [0, 1, 0]


def test_networks_that_were_each_told_apart_serve_the_same_campaigns() -> None:
    half = CREW // 2
    parts = [range(at, at + half) for at in range(0, 3 * CREW, half)]
    rare = _rare([[parts[0], parts[2]], [parts[1], parts[3]]], (range(CREW), range(CREW, 2 * CREW)))
    layers = Layers.of(rare, _rings(half, half, half, half))
    assert layers.campaign.tolist() == [0, 1, 0, 1]
    assert layers.operator.tolist() == [0, 0, 2, 2]

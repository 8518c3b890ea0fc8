"""Planted rings: layers above them, how they are cut, who leaves and who joins."""

from __future__ import annotations

from typing import Any

import numpy as np
from planted_uses import CARD, IP, PROMPT, Use, conduct_of, incidence_of

from linkage.detect import communities
from linkage.model.kinds import FACETS, Facet
from linkage.rank.conduct import Conduct
from linkage.rank.cut import cut
from linkage.rank.layers import Layers, Rare
from linkage.rank.membership import settle, standing
from linkage.rank.pieces import parted
from linkage.settings import Settings
from linkage.working.incidence import Incidence

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
    return incidence_of(EVERYONE, kinds, uses), np.repeat([0, 1, 2], CREW)


def _conduct(excused: list[int] | None = None) -> Conduct:
    return conduct_of(EVERYONE, np.arange(EVERYONE, dtype=float) * 86_400, excused or [])


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
    return Rare.of(incidence_of(EVERYONE, kinds, uses))


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


def test_who_has_little_but_a_card_is_not_drawn_to_whoever_rents_much() -> None:
    kinds, uses = [IP] * 700, [(one, one, 1) for one in range(10)]  # each at one exit, with three of the others
    uses += [(10 + (exit_ + step) % 10, exit_, 1) for exit_ in range(700) for step in range(3)]
    for first in (0, 5):
        uses += [(one, len(kinds), 1) for one in range(first, first + 5)]
        kinds.append(CARD)
    rare = Rare.of(incidence_of(EVERYONE, kinds, uses))
    assert Layers.of(rare, _start(np.repeat([0, 1], CREW))).operator.tolist() == [0, 1]


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

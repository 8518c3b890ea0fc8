"""Accounts that stayed with a piece of a ring whose infrastructure is not theirs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from planted_uses import IP, PROMPT, Use, incidence_of

from linkage.detect import communities
from linkage.rank.cut import cut
from linkage.rank.layers import Rare
from linkage.rank.strays import at_home
from linkage.settings import Settings

CREW, EVERYONE, LEAST = 12, 400, 5
Ints = npt.NDArray[np.int32]


def _ints(*rows: list[int]) -> Ints:
    return np.array([one for row in rows for one in row], np.int32)


def test_strays_go_to_the_piece_that_runs_on_what_they_run_on() -> None:
    piece = _ints([0] * 8, [1] * 6, [-1])
    community = _ints([0] * 6, [1] * 8, [1])
    found = at_home(piece, community, _ints([0] * 14, [-1]), LEAST)
    assert found.tolist() == [0] * 6 + [1] * 8 + [-1]


def test_strays_stay_where_their_own_serve_another_campaign_or_where_too_few_would_be_left() -> None:
    piece, community = _ints([0] * 8, [1] * 6), _ints([0] * 6, [1] * 8)
    assert at_home(piece, community, _ints([0] * 8, [1] * 6), LEAST).tolist() == piece.tolist()
    few = _ints([0] * 3, [1] * 2, [1] * 6)
    small = _ints([0] * 5, [1] * 6)
    assert at_home(small, few, _ints([0] * 11), LEAST).tolist() == small.tolist()


def _campaign(careful: int, manners: int = 1) -> Rare:
    """Returns a campaign whose first accounts rotate over one pool, while so many others have an address each.

    All ask from one pool of questions; the others in so many manners, each with frames of its own.
    """
    chance = np.random.default_rng(3)
    kinds: list[int] = []
    uses: list[Use] = []

    def deal(kind: int, accounts: range, things: int, users: int) -> None:
        for _ in range(things):
            uses.extend((one, len(kinds), 1) for one in chance.choice(accounts, users, replace=False).tolist())
            kinds.append(kind)

    everybody = range(CREW + careful)
    deal(IP, range(CREW), 60, 4)
    deal(PROMPT, everybody, 40 * manners, 4)
    for one in everybody[CREW:]:
        deal(IP, range(one, one + 1), 3, 1)
    for part in np.array_split(np.array(everybody[CREW:]), manners) if manners > 1 else []:
        deal(PROMPT, range(int(part[0]), int(part[-1]) + 1), 120, 3)
    return Rare.of(incidence_of(EVERYONE, kinds, uses))


def _cut(rare: Rare, members: int, *, whole: bool) -> list[int]:
    ring = np.full(EVERYONE, -1, np.int32)
    ring[:members] = 0
    found = cut(rare, ring, lambda some: communities(some, EVERYONE), Settings(), whole=whole)
    assert (found[members:] == -1).all()
    return found[:members].tolist()


def test_who_asks_alike_and_runs_on_nothing_of_the_ring_has_a_ring_of_its_own() -> None:
    ring = _cut(_campaign(8), CREW + 8, whole=True)
    assert len(set(ring[:CREW])) == len(set(ring[CREW:])) == 1
    assert ring[0] != ring[-1]


def test_as_long_as_members_are_missing_nobody_is_put_apart() -> None:
    assert len(set(_cut(_campaign(8), CREW + 8, whole=False))) == 1


def test_too_few_for_a_ring_stay() -> None:
    assert len(set(_cut(_campaign(LEAST - 1), CREW + LEAST - 1, whole=True))) == 1


def test_those_apart_are_told_by_their_manner_of_asking() -> None:
    ring = _cut(_campaign(12, manners=2), CREW + 12, whole=True)
    parts = ring[:CREW], ring[CREW : CREW + 6], ring[CREW + 6 :]
    assert [len(set(part)) for part in parts] == [1, 1, 1]
    assert len(set(ring)) == 3

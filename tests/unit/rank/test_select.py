"""What a ring owes to choice, who is far from its conduct, and campaigns that are told as a whole alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import working_tables as tables

from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS
from linkage.rank.asking import cores_by_content
from linkage.rank.conduct import Conduct
from linkage.rank.layers import Rare
from linkage.rank.pieces import mended
from linkage.rank.select import FAR, _chosen, _of_good_campaigns, _without_the_framed
from linkage.settings import Settings
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.vectors import write_vectors

PROMPT = BY_NAME["prompt"].code
EVERYONE = 400
DAY = 86_400.0
Ints = npt.NDArray[np.int32]


def _links(pairs: list[tuple[int, int, int]] | None = None) -> LinkColumns:
    rows = np.array(pairs or [], np.int32).reshape(-1, 3)
    facets = np.zeros((len(rows), len(FACETS)), np.int32)
    return LinkColumns(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy(), facets, np.zeros(len(rows), np.uint8))


def _world(dealt: list[list[int]], room: int = 0) -> Incidence:
    """Returns who asked which question: the first accounts what is dealt, all others nothing that is shared.

    So many accounts as `room` says were at one address on their only day.
    """
    con = tables.connect()
    day = [0]
    tables.insert(con, "account (account, id)", [(one, f"a{one:04}") for one in range(EVERYONE)])
    habits = [(one, one, day, [0] * 6, 1) for one in range(EVERYONE)]
    tables.insert(con, "habit (account, ordinal, starts, breadth, requests)", habits)
    pairs = np.array([(one, thing) for one, things in enumerate(dealt) for thing in things], np.int32).reshape(-1, 2)
    things = int(pairs[:, 1].max(initial=-1)) + 2
    pairs = np.concatenate((pairs, np.array([(one, things - 1) for one in range(room)], np.int32).reshape(-1, 2)))
    rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
    rows["days"] = np.ones(len(pairs), np.uint64)
    kind = np.full(things, PROMPT, np.uint8)
    kind[-1] = BY_NAME["ip"].code
    write_vectors(con, tables.by_thing(rows, kind, np.zeros(things, np.uint8), np.full(things, 5000, np.int32)))
    return read_incidence(con)


def _dealt(accounts: int, each: int, seed: int = 0, first: int = 0) -> list[list[int]]:
    """Returns `each` questions for each of the accounts, every question for two of them."""
    numbers = np.random.default_rng(seed)
    half = np.arange(accounts * each // 2, dtype=np.int64) + first
    deck = np.concatenate([numbers.permutation(half), numbers.permutation(half)]).reshape(accounts, each)
    return [sorted(set(hand.tolist())) for hand in deck]


def _conduct(busy: int, requests: float = 800.0) -> Conduct:
    """Returns the conduct of a world in which the first accounts ask much, and came within two days."""
    created = np.linspace(0, 300 * DAY, EVERYONE)
    created[:busy] = np.linspace(0, 2 * DAY, busy)
    asked = np.full(EVERYONE, 50.0)
    asked[:busy] = requests
    none = np.zeros(EVERYONE, bool)
    return Conduct(asked, created, none, none, 50.0, 150 * DAY, 0.001, np.zeros(EVERYONE), np.zeros(EVERYONE), 0.0, 0.0)


def _ring(*sizes: int) -> Ints:
    ring = np.full(EVERYONE, -1, np.int32)
    ring[: sum(sizes)] = np.repeat(np.arange(len(sizes)), sizes)
    return ring


@pytest.mark.parametrize(("whole", "left", "bits"), [(5, 5, 0.0), (10, 5, 0.0), (40, 5, 2.0), (160, 20, 1.0)])
def test_the_fewer_were_left_of_a_community_the_more_they_owe_to_choice(whole: int, left: int, bits: float) -> None:
    community = _ring(whole)
    nobody = np.full(EVERYONE, -1, np.int32)
    assert _chosen(_ring(left), nobody, community).tolist() == [bits]
    assert _chosen(_ring(), nobody, community).tolist() == []


def test_who_stands_already_and_other_pieces_are_left_too() -> None:
    community, core = _ring(80), np.full(EVERYONE, -1, np.int32)
    assert _chosen(_ring(5, 5), core, community).tolist() == [2.0, 2.0]
    core[10:40] = 0
    assert _chosen(_ring(5, 5), core, community).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("requests", "day", "stays"), [(1.9, -30, False), (2.1, -30, True), (1.9, -5, True), (1.9, 5, True)]
)
def test_who_came_before_its_ring_and_asks_no_more_than_people_leaves(requests: float, day: int, stays: bool) -> None:
    incidence, conduct = _world(_dealt(20, 60)), _conduct(20, requests=200.0)
    conduct.requests[3] = requests * conduct.usual_requests
    conduct.created[3] = np.median(conduct.created[:20]) + day * DAY
    found = _without_the_framed(incidence, _links(), _ring(20), conduct, Settings())
    assert np.flatnonzero(found < 0)[0] == (20 if stays else 3)


def test_who_is_far_from_the_conduct_of_its_ring_leaves() -> None:
    incidence = _world(_dealt(20, 60))
    conduct = _conduct(20)
    conduct.requests[3], conduct.created[3] = 20.0, 290 * DAY
    found = _without_the_framed(incidence, _links(), _ring(20), conduct, Settings())
    assert np.flatnonzero(found < 0)[:2].tolist() == [3, 20]
    assert FAR > 6  # half as busy and a month later is no reason
    conduct.requests[3], conduct.created[3] = 400.0, 30 * DAY
    assert _without_the_framed(incidence, _links(), _ring(20), conduct, Settings())[3] == 0


def test_a_campaign_may_stand_of_which_no_ring_does() -> None:
    """Every question is asked in two rings, none twice in one: alone they have nothing in common."""
    sizes = (6, 6, 6, 6)
    pairs = [(a, b) for a in range(24) for b in range(24) if a // 6 < b // 6]
    dealt: list[list[int]] = [[] for _ in range(24)]
    for number, pair in enumerate(pair for pair in pairs for _ in range(6)):
        for one in pair:
            dealt[one].append(number)
    incidence = _world(dealt)
    rare = Rare.of(incidence)
    ring, nobody = _ring(*sizes), _ring()
    assert _of_good_campaigns(incidence, rare, _links(), ring, nobody, _conduct(24), Settings()).max() == 3
    quiet = _conduct(24, requests=50.0)
    assert _of_good_campaigns(incidence, rare, _links(), ring, nobody, quiet, Settings()).max() == -1
    assert _of_good_campaigns(incidence, rare, _links(), _ring(), nobody, quiet, Settings()).max() == -1


def test_who_joined_a_core_that_was_told_by_its_questions_does_not_undo_it() -> None:
    incidence, conduct, nobody, core = _world(_dealt(40, 80)), _conduct(40), _ring(), _ring()
    core[[*range(9), *range(20, 29)]] = 0
    conduct.requests[:40][core[:40] < 0] = 50.0
    rare = Rare.of(incidence)
    assert _of_good_campaigns(incidence, rare, _links(), _ring(40), nobody, conduct, Settings()).max() == -1
    found = _of_good_campaigns(incidence, rare, _links(), _ring(40), core, conduct, Settings())
    assert np.array_equal(found, _ring(40))


@pytest.mark.parametrize("days", [2, 120])
def test_a_core_told_by_its_questions_came_closer_together_than_strangers_do(days: int) -> None:
    incidence, nobody, conduct = _world(_dealt(40, 80)), _ring(), _conduct(40)
    conduct.created[:40] = np.linspace(0, days * DAY, 40)
    found = cores_by_content(incidence, Rare.of(incidence), nobody, conduct, lambda _: _ring(40), Settings())
    assert bool(found.max() == 0) is (days == 2)


def test_a_ring_that_fell_in_halves_is_taken_together_before_anybody_leaves() -> None:
    incidence = _world(_dealt(40, 80))
    nobody = np.full(EVERYONE, -1, np.int32)
    for pieces in (_ring(40), _ring(20, 20)):
        found = cores_by_content(incidence, Rare.of(incidence), nobody, _conduct(40), lambda _, p=pieces: p, Settings())
        assert np.array_equal(found, _ring(40))


def test_camouflage_does_not_hide_what_a_campaign_asks() -> None:
    """Half of the rare prompts of each are shared with busy strangers, who have most in common with each other."""
    spare, strangers = 10_000, range(60, 160)
    dealt = [*_dealt(40, 80), *([[]] * 20), *_dealt(100, 400, first=20_000)]
    for account in range(40):
        for number in range(80):
            spare += 1
            dealt[account].append(spare)
            dealt[strangers[(account * 7 + number) % len(strangers)]].append(spare)
    incidence, nobody, conduct = _world(dealt), np.full(EVERYONE, -1, np.int32), _conduct(40)
    conduct.requests[strangers] = 400.0
    found = cores_by_content(incidence, Rare.of(incidence), nobody, conduct, lambda _: _ring(40), Settings())
    assert np.array_equal(found, _ring(40))


def test_who_asks_what_a_known_core_asks_is_told_beside_it() -> None:
    incidence = _world(_dealt(40, 80))
    known = np.where((np.arange(EVERYONE) < 40) & (np.arange(EVERYONE) % 2 == 0), 0, -1).astype(np.int32)
    found = cores_by_content(incidence, Rare.of(incidence), known, _conduct(40), lambda _: _ring(40), Settings())
    assert found[:40].tolist() == [0, 1] * 20
    assert found.max() == 1


def test_a_class_that_asks_alike_at_one_place_is_no_core() -> None:
    nobody = np.full(EVERYONE, -1, np.int32)
    for room, cores in ((0, 1), (10, 1), (40, 0)):
        incidence = _world(_dealt(40, 80), room)
        found = cores_by_content(incidence, Rare.of(incidence), nobody, _conduct(40), lambda _: _ring(40), Settings())
        assert found.max() + 1 == cores


def _groups(cross: int, groups: int = 4, size: int = 5) -> LinkColumns:
    """Returns groups whose accounts are linked among themselves, and by `cross` thousandths to one of each other."""
    pairs = [(a, b) for a in range(groups * size) for b in range(a + 1, groups * size)]
    weight = {(a, b): 1000 if a // size == b // size else cross * (a % size == b % size) for a, b in pairs}
    return _links([(a, b, bits) for (a, b), bits in weight.items() if bits])


def test_pieces_that_were_cut_through_are_put_together_and_others_are_not() -> None:
    piece, together = _ring(5, 5, 5, 5), np.where(_ring(20) >= 0, 7, -1).astype(np.int64)
    assert len(set(mended(piece, together, _groups(1000))[:20].tolist())) == 1
    assert np.array_equal(mended(piece, together, _groups(100)), piece)
    apart = np.where(piece >= 0, piece // 2, -1).astype(np.int64)  # two campaigns, say
    found = mended(piece, apart, _groups(3000))
    assert len(set(found[:10].tolist())) == len(set(found[10:20].tolist())) == 1
    assert found[0] != found[10]
    assert (found[20:] == -1).all()
    assert np.array_equal(mended(_ring(), _ring().astype(np.int64), _groups(1)), _ring())

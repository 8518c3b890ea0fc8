"""Cores of newcomers with the same hands who ask nothing twice, and who is left alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from linkage.detect import communities
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.rank import newcomers
from linkage.rank.conduct import Conduct
from linkage.rank.judge import judge
from linkage.rank.newcomers import cores_by_hands
from linkage.rank.verdict import Verdict
from linkage.settings import Settings
from linkage.working.incidence import Incidence

ACCOUNTS, RING, DAY = 400, 20, 86_400.0
MEMBERS = np.arange(RING)


def _incidence(days: int = 10, *, devices: bool = True) -> Incidence:
    """Returns accounts that live so many days; members of the ring share five devices, or each has its own."""
    device = MEMBERS % 5 if devices else MEMBERS[:0]
    user = np.argsort(device, kind="stable").astype(np.int32)
    block, day = np.zeros(len(user), np.int16), np.ones(len(user), np.uint64)
    things = np.arange(5 if devices else 0)
    rows = np.minimum(np.arange(ACCOUNTS + 1, dtype=np.int64), len(user))
    lives = np.arange(ACCOUNTS + 1, dtype=np.int64)
    return Incidence(
        ACCOUNTS,
        rows,
        device.astype(np.int32),
        block,
        day,
        np.concatenate(([0], np.cumsum(np.bincount(device, minlength=len(things))))).astype(np.int64),
        user,
        block,
        day,
        np.full(len(things), BY_NAME["device"].code, np.uint8),
        np.zeros(len(things), np.uint8),
        np.full(len(things), 8000, np.int32),
        np.zeros((ACCOUNTS, len(FACETS)), np.int32),
        days * lives,
        np.tile(1440 * np.arange(days, dtype=np.int32), ACCOUNTS),
        rows[1:],
        rows[1:],
    )


def _in_a_room(days: int) -> Incidence:
    """Returns the same accounts, who are together at one address on so many of their ten days."""
    plain, room, ends = _incidence(), 5, 2 * RING
    rows = np.minimum(2 * np.arange(ACCOUNTS + 1, dtype=np.int64), ends)
    there, none = np.uint64((1 << days) - 1), np.zeros(RING, np.int16)
    return replace(
        plain,
        of_account=rows,
        thing=np.stack((plain.thing, np.full(RING, room, np.int32)), axis=1).ravel(),
        block=np.zeros(ends, np.int16),
        days=np.tile(np.array([1, there], np.uint64), RING),
        of_thing=np.append(plain.of_thing, ends),
        user=np.concatenate((plain.user, MEMBERS.astype(np.int32))),
        user_block=np.concatenate((plain.user_block, none)),
        user_days=np.concatenate((plain.user_days, np.full(RING, there, np.uint64))),
        kind=np.append(plain.kind, np.uint8(BY_NAME["ip"].code)),
        place=np.append(plain.place, np.uint8(0)),
        millibits=np.append(plain.millibits, np.int32(3000)),
        of_address=np.minimum(rows[:-1] + 1, ends),
        of_content=rows[1:],
    )


def _conduct(volume: float = 16.0, days: float = 2.0, alone: float = 100.0) -> Conduct:
    """Returns what accounts do: members ask `volume` times the usual, and came within so many days."""
    requests = np.full(ACCOUNTS, 10.0)
    requests[MEMBERS] = 10.0 * volume
    created = DAY * (37.0 * np.arange(ACCOUNTS) % 365)
    created[MEMBERS] = DAY * (100 + days * MEMBERS / RING)
    low, high = np.percentile(created, [25, 75])
    nobody = np.zeros(ACCOUNTS, bool)
    return Conduct(
        requests,
        created,
        nobody,
        nobody,
        10.0,
        float(high - low),
        0.001,
        np.full(ACCOUNTS, alone),
        np.zeros(ACCOUNTS),
        0.0,
        0.0,
    )


def _links(*facets: Facet, members: int = RING) -> LinkColumns:
    """Returns a link of each two members that are told by these facets alone."""
    pairs = np.array(list(combinations(range(members), 2)), np.int32)
    found = np.zeros((len(pairs), len(FACETS)), np.int32)
    found[:, [FACETS.index(facet) for facet in facets]] = 12_000
    bits = found.sum(axis=1).astype(np.int32)
    return LinkColumns(pairs[:, 0].copy(), pairs[:, 1].copy(), bits, found, np.ones(len(pairs), np.uint8))


HANDS = _links(Facet.NETWORK, Facet.PAYMENT)


def _cores(incidence: Incidence, links: LinkColumns, conduct: Conduct, core: np.ndarray | None = None) -> np.ndarray:
    before = np.full(ACCOUNTS, -1, np.int32) if core is None else core
    return cores_by_hands(incidence, links, before, conduct, lambda some: communities(some, ACCOUNTS), Settings())


def test_newcomers_with_the_same_hands_who_ask_nothing_twice_are_a_core() -> None:
    assert np.flatnonzero(_cores(_incidence(), HANDS, _conduct()) >= 0).tolist() == MEMBERS.tolist()


@pytest.mark.parametrize(
    ("incidence", "links", "conduct"),
    [
        pytest.param(_incidence(days=3), HANDS, _conduct(), id="a hackathon is over soon"),
        pytest.param(_incidence(devices=False), HANDS, _conduct(), id="seats have a machine each"),
        pytest.param(_incidence(), HANDS, _conduct(volume=2.0), id="an office asks little"),
        pytest.param(_incidence(), HANDS, _conduct(days=120.0), id="customers of an agency come one by one"),
        pytest.param(_incidence(), HANDS, _conduct(alone=0.0), id="a test farm repeats itself"),
        pytest.param(_in_a_room(5), HANDS, _conduct(), id="a call centre sits in one room"),
        pytest.param(_incidence(), _links(Facet.NETWORK), _conduct(), id="a gateway is one kind of infrastructure"),
    ],
)
def test_each_condition_keeps_innocents_out(incidence: Incidence, links: LinkColumns, conduct: Conduct) -> None:
    assert not (_cores(incidence, links, conduct) >= 0).any()


def test_who_seldom_meets_at_one_address_is_not_explained_by_it() -> None:
    assert np.flatnonzero(_cores(_in_a_room(4), HANDS, _conduct()) >= 0).tolist() == MEMBERS.tolist()


def test_who_is_excused_or_in_a_core_is_left_as_it_is() -> None:
    conduct = _conduct()
    excused = np.zeros(ACCOUNTS, bool)
    excused[:5] = True
    found = _cores(_incidence(), HANDS, replace(conduct, excused=excused))
    assert np.flatnonzero(found >= 0).tolist() == list(range(5, RING))
    core = np.full(ACCOUNTS, -1, np.int32)
    core[:8] = 0
    found = _cores(_incidence(), HANDS, conduct, core)
    assert (found[:8] == 0).all()
    assert (found[8:RING] == 1).all()


def test_a_member_without_conduct_of_its_own_leaves() -> None:
    conduct = _conduct()
    conduct.requests[3] = 1.0
    conduct.created[3] += 300 * DAY
    found = _cores(_incidence(), HANDS, conduct)
    assert found[3] == -1
    assert np.count_nonzero(found >= 0) == RING - 1


def test_when_rounds_are_over_nobody_leaves_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newcomers, "ROUNDS", 0)
    conduct = _conduct()
    conduct.requests[3] = 1.0
    conduct.created[3] += 300 * DAY
    assert np.count_nonzero(_cores(_incidence(), HANDS, conduct) >= 0) == RING


def test_what_nobody_else_asks_takes_the_weight_from_a_small_repertoire() -> None:
    ring = np.where(np.arange(ACCOUNTS) < RING, 0, -1).astype(np.int32)
    (fresh,) = judge(_incidence(), ring, HANDS, _conduct())
    (stale,) = judge(_incidence(), ring, HANDS, _conduct(alone=0.0))
    assert (fresh.fresh, fresh.repertoire) == (True, 0.0)
    assert (stale.fresh, stale.repertoire) == (False, -3.0)
    assert fresh.bits - stale.bits == pytest.approx(3.0)


def test_no_links_are_no_cores() -> None:
    core = np.full(ACCOUNTS, -1, np.int32)
    nothing = HANDS.take(np.zeros(len(HANDS.a), bool))
    assert _cores(_incidence(), nothing, _conduct(), core) is core


def test_what_accounts_ask_does_not_speak_against_them_where_several_were_banned() -> None:
    ring = np.where(np.arange(ACCOUNTS) < RING, 0, -1).astype(np.int32)

    def judged(hits: int) -> Verdict:
        banned = np.arange(ACCOUNTS) < hits
        return judge(_incidence(devices=False), ring, HANDS.take([]), replace(_conduct(alone=0.0), abuse=banned))[0]

    for hits, counted in ((2, -3.0), (3, 0.0)):
        found = judged(hits)
        assert found.repertoire == -3.0
        assert found.bits == pytest.approx(found.volume + found.signup + found.record + counted, abs=0.01)
        assert found.marked == (counted == 0.0) == found.stands(9.0)
    assert min(judged(3).members) > min(judged(2).members) + 2.9

"""Rings that are one although their accounts are others: kin by what they use, and one after another in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import working_tables as tables

from linkage.model.kinds import BY_NAME, FACETS, Facet
from linkage.model.rings import Role
from linkage.rank.kin import kin
from linkage.rank.layers import Rare
from linkage.rank.rings import FoundRing
from linkage.rank.succession import successions
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.vectors import write_vectors

PROMPT, CARD = (BY_NAME[name].code for name in ("prompt", "payment"))
EACH = 8
DAY = 1440


def _incidence(draws: Sequence[tuple[str, str]]) -> Incidence:
    """Returns the incidence of groups of `EACH` accounts: each draws from a pool of questions and of cards, or none."""
    chance = np.random.default_rng(5)
    pools: dict[tuple[int, str], int] = {}
    kinds: list[int] = []
    uses = set()
    for group, drawn in enumerate(draws):
        for kind, pool in zip((PROMPT, CARD), drawn, strict=True):
            if not pool:
                continue
            if (kind, pool) not in pools:
                pools[kind, pool] = len(kinds)
                kinds += [kind] * 60
            for account in range(group * EACH, (group + 1) * EACH):
                uses |= {(account, pools[kind, pool] + int(one)) for one in chance.choice(60, 20, replace=False)}
    con = tables.connect()
    accounts = len(draws) * EACH
    none: list[int] = []
    tables.insert(con, "account (account, id)", [(one, f"a{one:04}") for one in range(accounts)])
    habits = [(one, one, none, [0] * len(FACETS), 1) for one in range(accounts)]
    tables.insert(con, "habit (account, ordinal, starts, breadth, requests)", habits)
    pairs = np.array(sorted(uses), np.int32)
    rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
    rows["days"] = np.ones(len(pairs), np.uint64)
    kind_of, worth = np.array(kinds, np.uint8), np.full(len(kinds), 5000, np.int32)
    write_vectors(con, tables.by_thing(rows, kind_of, np.zeros(len(kinds), np.uint8), worth))
    return read_incidence(con)


def _kin(draws: Sequence[tuple[str, str]], now: list[int], before: list[int]) -> list[tuple[int, int]]:
    group = np.repeat(np.arange(len(draws), dtype=np.int32), EACH)
    return kin(Rare.of(_incidence(draws)), group, len(draws), np.array(now), np.array(before))


@pytest.mark.parametrize(
    ("draws", "expected"),
    [
        ([("q", "h"), ("q", "h")], True),
        ([("q", "h"), ("q", "elsewhere")], True),
        ([("q", "h"), ("other", "h")], False),
        ([("q", "h"), ("", "h")], True),
        ([("q", "h"), ("other", "elsewhere")], False),
        ([("q", "h"), ("q", "elsewhere"), ("q", "third")], False),
        ([("q", "h"), ("q", "h"), ("q", "third")], True),
    ],
    ids=[
        "the same hands and the same campaign",
        "a campaign of one ring",
        "the same hands, another campaign",
        "the same hands, nothing known of a campaign",
        "nothing in common",
        "a campaign of three rings",
        "the same hands in a campaign of two",
    ],
)
def test_rings_are_kin_by_hands_and_campaign(draws: list[tuple[str, str]], expected: bool) -> None:
    assert _kin(draws, [0], [1]) == ([(0, 1)] if expected else [])


def test_the_closest_kin_come_first() -> None:
    draws = [("q", "h"), ("q", "half"), ("q", "h")]
    assert _kin(draws, [0], [1, 2]) == [(0, 2)]
    assert _kin([("q", "h"), ("q", "h")], [0, 1], [0, 1]) == [(0, 1), (1, 0)]


def _ring(number: int, beside: tuple[int, ...] = ()) -> FoundRing:
    members = tuple(range(number * EACH, (number + 1) * EACH))
    roles = (Role.CORE,) * EACH + (Role.BYSTANDER,) * len(beside)
    bits = (20.0,) * EACH + (5.0,) * len(beside)
    facets = (Facet.CONTENT,) if number else (Facet.NETWORK,)
    weakest = (facets[0],) * EACH + (None,) * len(beside)
    return FoundRing((*members, *beside), roles, bits, weakest, 30.0 + number, facets)


def _seen(*spans: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first and last minutes of accounts whose groups work between these days; -1 for never."""
    first, last = (np.repeat([span[end] for span in spans], EACH) for end in (0, 1))
    return tuple(np.where(days < 0, -1, days * DAY) for days in (first, last))  # type: ignore[return-value]


def test_kin_that_follow_one_another_are_one_ring() -> None:
    incidence = _incidence([("q", "h"), ("q", "h"), ("other", "elsewhere")])
    rings = [_ring(0, beside=(8, 16)), _ring(1), _ring(2)]
    found = successions(Rare.of(incidence), rings, *_seen((1, 5), (5, 9), (5, 9)))
    assert [len(ring.members) for ring in found] == [2 * EACH, EACH]
    both = found[0]
    assert both.accounts == (*range(2 * EACH), 16), "who is a member of one is no bystander of the other"
    assert both.roles[-1] is Role.BYSTANDER
    assert (both.score, both.facets) == (61.0, (Facet.NETWORK, Facet.CONTENT))
    assert found[1] == rings[2]


@pytest.mark.parametrize("spans", [((1, 5), (2, 9)), ((1, 9), (2, 5)), ((1, 5), (-1, -1))])
def test_kin_that_work_at_the_same_time_or_at_none_are_not(spans: tuple[tuple[int, int], ...]) -> None:
    rings = [_ring(1), _ring(0)]
    found = successions(Rare.of(_incidence([("q", "h"), ("q", "h")])), rings, *_seen(*spans))
    assert found == sorted(rings, key=lambda ring: -ring.score)


def test_a_third_head_follows_only_where_both_before_it_have_ended() -> None:
    incidence = _incidence([("q", "h"), ("q", "h"), ("q", "h")])
    rings = [_ring(number) for number in range(3)]
    assert len(successions(Rare.of(incidence), rings, *_seen((1, 5), (5, 9), (9, 12)))) == 1
    sizes = [len(ring.members) for ring in successions(Rare.of(incidence), rings, *_seen((1, 5), (5, 9), (7, 12)))]
    assert sorted(sizes) == [EACH, 2 * EACH]

"""Uses against a dict, sessions against a slow version."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.aggregate import Aggregator, Uses
from linkage.derive.habits import SESSION_GAP, sessions
from linkage.derive.held import Held
from linkage.derive.order import Orderer, rows_by_account
from linkage.model.kinds import BY_NAME

DAY = 1440
# -1 stands for an unknown time; blocks of 64 days begin at multiples of 64
MINUTES = st.one_of(st.just(-1), st.integers(0, 200 * DAY), st.sampled_from([0, 64 * DAY - 1, 64 * DAY, 128 * DAY]))
PROMPTS = st.lists(st.integers(1, 6), max_size=3)
ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), MINUTES, st.integers(1, 9), PROMPTS), max_size=60)
PROMPT, IP = BY_NAME["prompt"].code, BY_NAME["ip"].code
Row = tuple[int, int, int, int, list[int]]


def _key(what: int) -> int:
    return what << 61  # the last bits are equal: all fall on one slot


def _aggregate(*batches: list[Row]) -> Uses:
    held = Held()
    for rows in batches:
        account, key, minute, count, prompts = map(list, zip(*rows, strict=True)) if rows else [[]] * 5
        bounds = np.cumsum([0, *map(len, prompts)])
        keys = np.array([_key(one) + 1 for some in prompts for one in some], np.uint64)
        held.add(np.array(account, "i4"), minute, count, np.array(list(map(_key, key)), np.uint64), IP, (bounds, keys))
    taken = held.take()
    return Aggregator().uses(*Orderer().by_account(taken, 8))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_uses_are_those_of_a_dict(rows: list[Row], more: list[Row]) -> None:
    found = _aggregate(rows, more)
    slow: dict[tuple[int, int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for who, what, when, times, prompts in [*rows, *more]:
        things = [(_key(what), IP)] * (what > 0) + [(_key(one) + 1, PROMPT) for one in prompts]
        for key, kind in things:
            slow[who, key, kind, when // DAY // 64].append((when, times))
    expected = {
        where: (
            sum(1 << day for day in {when // DAY % 64 for when, _ in seen if when >= 0}),
            sum(times for _, times in seen),
            min(when for when, _ in seen),
            max(when for when, _ in seen),
        )
        for where, seen in slow.items()
    }
    columns = [getattr(found, name).tolist() for name in found.__slots__]
    made = {tuple(row[:4]): tuple(row[4:]) for row in zip(*columns, strict=True)}
    assert made == expected
    assert len(columns[0]) == len(expected)
    assert columns[0] == sorted(columns[0])


def test_an_account_with_very_many_rows_is_aggregated_too() -> None:
    chance = np.random.default_rng(2)
    size = 3000
    key = chance.integers(1, 50, size).astype(np.uint64)
    held = Held()
    held.add(np.zeros(size, np.int32), chance.integers(0, 64 * DAY, size), 1, key, IP)
    taken = held.take()
    found = Aggregator().uses(*Orderer().by_account(taken, 1))
    assert sorted(found.key.tolist()) == sorted(set(key.tolist()))
    assert found.requests[np.argsort(found.key)].tolist() == np.bincount(key.astype(np.int64))[1:].tolist()


def test_what_was_taken_is_not_held_any_more() -> None:
    held = Held()
    held.add(np.zeros(2, np.int32), 5, 1, 9, IP, (np.array([0, 1, 1]), np.array([3], np.uint64)))
    assert held.uses == 3
    assert len(held.take()) == 2
    held.add(np.ones(1, np.int32), 5, 1, 9, IP)
    taken = held.take()
    assert (taken.account.tolist(), taken.ends.tolist(), len(taken.prompts)) == ([1], [0, 0], 0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=50))
def test_rows_by_account_keep_their_order(accounts: list[int]) -> None:
    order, bounds = rows_by_account(np.array(accounts, np.int32), 7)
    assert order.tolist() == sorted(range(len(accounts)), key=lambda row: accounts[row])
    assert np.diff(bounds).tolist() == np.bincount(np.array(accounts, np.int64), minlength=7).tolist()


def _sessions(minutes: list[list[int]], last: list[list[int]] | None = None) -> tuple[list[list[int]], list[list[int]]]:
    bounds = np.cumsum([0, *map(len, minutes)]).astype(np.int64)
    first, until = (np.array([one for some in given for one in some], np.int32) for given in (minutes, last or minutes))
    offsets, starts, ends = sessions(bounds, first, until)
    cut = [slice(*pair) for pair in itertools.pairwise(offsets)]
    return [starts[one].tolist() for one in cut], [ends[one].tolist() for one in cut]


def _slow(minutes: list[int]) -> list[int]:
    ordered = sorted(set(minutes))
    return [now for at, now in enumerate(ordered) if at == 0 or now - ordered[at - 1] > SESSION_GAP]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 400), max_size=30), min_size=1, max_size=5))
def test_sessions_start_after_idle_minutes(minutes: list[list[int]]) -> None:
    assert _sessions(minutes)[0] == [_slow(one) for one in minutes]


@settings(deadline=None)
@given(st.lists(st.integers(0, 900), max_size=30), st.lists(st.integers(0, 900), max_size=30))
def test_sessions_join_to_those_of_all_minutes(one: list[int], two: list[int]) -> None:
    starts, ends = _sessions([one, two])
    joined = _sessions([starts[0] + starts[1]], [ends[0] + ends[1]])
    assert joined == _sessions([one + two])

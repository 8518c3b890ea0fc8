"""Uses against a dict, session starts and distinct minutes against a slow version."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.aggregate import aggregate, rows_by_account
from linkage.derive.habits import SESSION_GAP, distinct_minutes, session_starts

DAY = 1440
# -1 stands for an unknown time; blocks of 64 days begin at multiples of 64
MINUTES = st.one_of(st.just(-1), st.integers(0, 200 * DAY), st.sampled_from([0, 64 * DAY - 1, 64 * DAY, 128 * DAY]))
ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), MINUTES, st.integers(1, 9)), max_size=60)


def _columns(rows: list[tuple[int, int, int, int]]) -> tuple[np.ndarray, ...]:
    account, key, minute, count = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.empty(0)] * 4
    )
    return account.astype(np.int32), key.astype(np.uint64) << np.uint64(61), minute.astype(np.int32), count.astype("i8")


@settings(deadline=None)
@given(ROWS)
def test_uses_are_those_of_a_dict(rows: list[tuple[int, int, int, int]]) -> None:
    account, key, minute, count = _columns(rows)
    found = aggregate(account, key, (key >> np.uint64(61)).astype(np.uint8), minute, count, 8)
    slow: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for who, what, when, times in rows:
        slow[who, (what << 61) % 2**64, when // DAY // 64].append((when, times))
    expected = {
        where: (
            where[1] >> 61,
            sum(1 << day for day in {when // DAY % 64 for when, _ in seen if when >= 0}),
            sum(times for _, times in seen),
            min(when for when, _ in seen),
            max(when for when, _ in seen),
        )
        for where, seen in slow.items()
    }
    columns = [getattr(found, name).tolist() for name in found.__slots__]
    made: dict[tuple[int, int, int], tuple[int, ...]] = {}
    for who, what, kind, block, *rest in zip(*columns, strict=True):
        made[who, what, block] = _joined(made.get((who, what, block)), (kind, *rest))
    assert made == expected
    assert columns[0] == sorted(columns[0])
    assert len(columns[0]) == len(expected) or minute.tolist() != sorted(minute)


def _joined(one: tuple[int, ...] | None, two: tuple[int, ...]) -> tuple[int, ...]:
    if one is None:
        return two
    kind, days, requests, first, last = two
    return (kind, days | one[1], requests + one[2], min(first, one[3]), max(last, one[4]))


def test_long_lists_of_one_account_are_sorted_too() -> None:
    chance = np.random.default_rng(2)
    size = 3000
    account, key = np.zeros(size, np.int32), chance.integers(0, 50, size).astype(np.uint64)
    minute = np.sort(chance.integers(0, 64 * DAY, size)).astype(np.int32)
    found = aggregate(account, key, np.zeros(size, np.uint8), minute, np.ones(size, np.int64), 1)
    assert found.key.tolist() == sorted(set(key.tolist()))
    assert found.requests.tolist() == np.bincount(key.astype(np.int64)).tolist()


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=50))
def test_rows_by_account_keep_their_order(accounts: list[int]) -> None:
    found = rows_by_account(np.array(accounts, np.int32), 7)
    assert found.tolist() == sorted(range(len(accounts)), key=lambda row: accounts[row])


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 400), max_size=30), min_size=1, max_size=5))
def test_sessions_start_after_idle_minutes(minutes: list[list[int]]) -> None:
    bounds = np.cumsum([0, *map(len, minutes)]).astype(np.int64)
    flat = np.array([minute for one in minutes for minute in one], np.int32)
    offsets, distinct = distinct_minutes(np.arange(len(flat)), bounds, flat)
    starts_offsets, starts = session_starts(offsets, distinct)
    for number, one in enumerate(minutes):
        ordered = sorted(set(one))
        assert distinct[offsets[number] : offsets[number + 1]].tolist() == ordered
        slow = [now for at, now in enumerate(ordered) if at == 0 or now - ordered[at - 1] > SESSION_GAP]
        assert starts[starts_offsets[number] : starts_offsets[number + 1]].tolist() == slow

"""What is known of each identifier against a brute force over its uses."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.summary import summarise

DAY = 1440
UNKNOWN = -1
# key, account, day (or unknown); several loads may hold the same use, and one use may span blocks
USES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.one_of(st.just(UNKNOWN), st.integers(0, 140))), max_size=60
)


def _columns(uses: list[tuple[int, int, int]]) -> dict[str, np.ndarray]:
    days = np.array([day for _, _, day in uses], np.int64)
    return {
        "key": np.array([key for key, _, _ in uses], np.uint64),
        "kind": np.array([key % 3 for key, _, _ in uses], np.uint8),
        "account": np.array([account for _, account, _ in uses], np.int32),
        "block": (days // 64).astype(np.int16),
        "days": np.where(days < 0, np.uint64(0), np.left_shift(np.uint64(1), (days % 64).astype(np.uint64))),
        "first_minute": np.where(days < 0, UNKNOWN, days * DAY).astype(np.int32),
        "last_minute": np.where(days < 0, UNKNOWN, days * DAY + 5).astype(np.int32),
    }


def _weekend(day: int) -> bool:
    return (date(1970, 1, 1) + timedelta(days=day)).weekday() >= 5


@settings(deadline=None)
@given(USES)
def test_identifiers_are_as_counted_by_hand(uses: list[tuple[int, int, int]]) -> None:
    found, shares = summarise(_columns(uses))
    users: dict[int, set[int]] = defaultdict(set)
    seen: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for key, account, day in uses:
        users[key].add(account)
        if day != UNKNOWN:
            seen[key][day].add(account)
    assert found.key.tolist() == sorted(users)
    assert found.kind.tolist() == [key % 3 for key in sorted(users)]
    assert found.degree.tolist() == [len(users[key]) for key in sorted(users)]
    for number, key in enumerate(sorted(users)):
        days = seen[key]
        assert found.peak[number] == max((len(one) for one in days.values()), default=1)
        assert found.first_minute[number] == (min(days) * DAY if days else UNKNOWN)
        assert found.last_minute[number] == (max(days) * DAY + 5 if days else UNKNOWN)
        total = sum(len(one) for one in days.values())
        # it says what sort of place many pass through: nobody asks it of a thing with a single row
        if len({(account, day // 64) for one, account, day in uses if one == key}) > 1 and total:
            weekend = sum(len(one) for day, one in days.items() if _weekend(day))
            assert found.weekend[number] == pytest.approx(weekend / total)
    kept = {(key, account, day // 64) for key, account, day in uses if len(users[key]) > 1}
    places = zip(found.key[shares.identifier].tolist(), shares.account.tolist(), shares.block.tolist(), strict=True)
    listed = list(places)
    assert listed == sorted(kept)
    masks = dict(zip(listed, shares.days.tolist(), strict=True))
    for key, account, day in uses:
        if (key, account, day // 64) in masks:
            assert masks[key, account, day // 64] >> (day % 64) & 1 == (day != UNKNOWN)


def test_nothing_is_nothing() -> None:
    found, shares = summarise(_columns([]))
    assert len(found.key) == len(shares.account) == 0


def test_the_order_of_uses_does_not_matter() -> None:
    chance = np.random.default_rng(3)
    uses = [(int(k), int(a), int(d)) for k, a, d in chance.integers(0, [9, 20, 200], (500, 3))]
    one = summarise(_columns(uses))
    chance.shuffle(uses)
    two = summarise(_columns(uses))
    for left, right in zip(one, two, strict=True):
        for name in left.__slots__:
            assert getattr(left, name).tolist() == getattr(right, name).tolist()

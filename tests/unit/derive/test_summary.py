"""What is known of each identifier against a brute force over its uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive.spill import Spill
from linkage.derive.summary import Identifiers, Shares, Summary
from linkage.model.kinds import BY_NAME

DAY = 1440
PROMPT = BY_NAME["prompt"].code
UNKNOWN = -1
LATER = 5
"""Minutes from the first to the last on even days; on odd days both are one."""
# key, account, day (or unknown); several loads may hold the same use, and one use may span blocks
USES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.one_of(st.just(UNKNOWN), st.integers(0, 140))), max_size=60
)


def _columns(uses: list[tuple[int, int, int]]) -> SimpleNamespace:
    """Returns columns of uses; a kind is never that of prompts."""
    days = np.array([day for _, _, day in uses], np.int64)
    return SimpleNamespace(
        key=np.array([key for key, _, _ in uses], np.uint64),
        kind=np.array([key % 3 for key, _, _ in uses], np.uint8),
        account=np.array([account for _, account, _ in uses], np.int32),
        days=np.where(days < 0, np.uint64(0), np.left_shift(np.uint64(1), (days % 64).astype(np.uint64))),
        requests=np.ones(len(uses), np.int64),
        first_minute=np.where(days < 0, UNKNOWN, days * DAY).astype(np.int32),
        last_minute=np.where(days < 0, UNKNOWN, days * DAY + LATER * (days % 2 == 0)).astype(np.int32),
    )


def _summarise(
    *chunks: SimpleNamespace, ordinals: Sequence[int] = range(30)
) -> tuple[Identifiers, Shares, Summary, int]:
    """Returns identifiers and shares of all partitions, the summary, and how many prompts were left out."""
    summary = Summary(np.array(ordinals, np.int32))
    with Spill() as spill:
        for chunk in chunks:
            spill.add(chunk)
        parts = [summary.add(records) for records in spill.partitions()]
    joined = [
        kind(*(np.concatenate([getattr(part[place], name) for part in parts]) for name in kind.__slots__))
        for place, kind in enumerate((Identifiers, Shares))
    ]
    return joined[0], joined[1], summary, sum(part[2] for part in parts)


def _last(day: int) -> int:
    return day * DAY + LATER * (day % 2 == 0)


def _weekend(day: int) -> bool:
    return (date(1970, 1, 1) + timedelta(days=day)).weekday() >= 5


@settings(deadline=None)
@given(USES)
def test_identifiers_are_as_counted_by_hand(uses: list[tuple[int, int, int]]) -> None:
    found, shares, summary, _ = _summarise(_columns(uses[:20]), _columns(uses[20:]))
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
        assert found.last_minute[number] == (
            max(day * DAY + LATER * (day % 2 == 0) for day in days) if days else UNKNOWN
        )
        total = sum(len(one) for one in days.values())
        # it says what sort of place many pass through: nobody asks it of a thing with a single row
        if len({(account, day // 64) for one, account, day in uses if one == key}) > 1 and total:
            weekend = sum(len(one) for day, one in days.items() if _weekend(day))
            assert found.weekend[number] == pytest.approx(weekend / total)
    kept = {(key, account, day // 64) for key, account, day in uses if len(users[key]) > 1}
    keys = np.repeat(found.key, found.rows).tolist()
    listed = list(zip(keys, shares.account.tolist(), shares.block.tolist(), strict=True))
    assert listed == sorted(kept)
    masks = dict(zip(listed, shares.days.tolist(), strict=True))
    for key, account, day in uses:
        if (key, account, day // 64) in masks:
            assert masks[key, account, day // 64] >> (day % 64) & 1 == (day != UNKNOWN)
    for number in range(7):
        known = [day for _, account, day in uses if account == number and day != UNKNOWN]
        assert summary.life.first[number] == (min(known) * DAY if known else -1)
        assert summary.life.last[number] == max((_last(day) for day in known), default=-1)


def test_nothing_is_nothing() -> None:
    found, shares, _, alone = _summarise(_columns([]))
    assert len(found.key) == len(shares.account) == alone == 0


def test_a_prompt_of_one_account_is_left_out() -> None:
    columns = _columns([(1, 4, 7), (1, 4, 90), (2, 4, 7), (2, 5, 7)])
    columns.kind[:] = PROMPT
    found, shares, _, alone = _summarise(columns)
    assert (found.key.tolist(), shares.account.tolist(), alone) == ([2], [4, 5], 1)


def test_neither_the_order_of_uses_nor_of_accounts_matters() -> None:
    chance = np.random.default_rng(3)
    size = 4000
    keys = chance.integers(0, 2**63, 40).astype(np.uint64) * np.uint64(2)
    keys[:20] = keys[0] + np.arange(20, dtype=np.uint64)  # many neighbours in one bucket
    uses = [
        (int(keys[key]), int(account), int(day)) for key, account, day in chance.integers(0, [40, 25, 200], (size, 3))
    ]
    one = _summarise(_columns(uses))
    chance.shuffle(uses)
    number = chance.permutation(30)
    uses = [(key, int(number[account]), day) for key, account, day in uses]
    two = _summarise(_columns(uses[:1000]), _columns(uses[1000:]), ordinals=np.argsort(number).tolist())
    for left, right in zip(one[:2], two[:2], strict=True):
        for name in left.__slots__:
            assert getattr(left, name).tolist() == getattr(right, name).tolist()
    for name in ("first", "last", "alone"):
        assert getattr(one[2].life, name).tolist() == getattr(two[2].life, name).tolist()

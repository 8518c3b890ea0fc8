"""Who keeps the hours of work, and who does not."""

from __future__ import annotations

import numpy as np
import pytest
from planted_uses import incidence_of

from linkage.rank.workplace import WEEKS, WORK, at_work

DAY, WEEK = 1440, 10_080
STAFF = 12


def _starts(days: int, hours: range, rest: tuple[int, ...] = (5, 6), hour: int = 60) -> list[int]:
    """Returns starts on so many days at two of these hours each, none on the days of rest of a week."""
    picked = [(hours[day % len(hours)], hours[(day + 2) % len(hours)]) for day in range(days)]
    return sorted({DAY * day + hour * at for day, at_two in enumerate(picked) if day % 7 not in rest for at in at_two})


def _at_work(starts: list[int], members: int = STAFF) -> bool:
    bounds, who = np.array([0, members], np.int64), np.arange(members, dtype=np.int32)
    found: np.ndarray = at_work(incidence_of(STAFF, [], [], starts), bounds, who)
    return bool(found[0])


@pytest.mark.parametrize("rest", [(5, 6), (4, 5), (6, 0)])
@pytest.mark.parametrize("begin", [0, 8, 15, 20])
def test_who_works_in_shifts_and_rests_two_days_a_week_is_at_work(begin: int, rest: tuple[int, ...]) -> None:
    hours = range(begin, begin + 9)  # shifts that go on past midnight, too
    starts = [one for one in _starts(28, hours) if one % WEEK // DAY not in (5, 6)]
    assert _at_work(starts)
    assert _at_work(_starts(28, range(8, 17), rest))


@pytest.mark.parametrize(
    "starts",
    [
        pytest.param(_starts(28, range(8, 17), ()), id="scripts know no rest"),
        pytest.param(_starts(28, range(6, 20), (6,)), id="one day of rest, and hours that are not kept"),
        pytest.param(_starts(28, range(24)), id="nobody works day and night"),
        pytest.param(_starts(7 * WEEKS - 3, range(8, 17)), id="two days may be missed by chance"),
        pytest.param([], id="nothing is known of who never starts a session"),
    ],
)
def test_who_does_not_is_not(starts: list[int]) -> None:
    assert not _at_work(starts)


def test_of_few_starts_nothing_is_told() -> None:
    starts = _starts(28, range(8, 17))
    few = (WORK[0][2] - 1) // len(starts)
    assert [_at_work(starts, few), _at_work(starts, few + 1)] == [False, True]


def test_six_days_a_week_are_work_where_the_hours_are_kept_and_many_starts_tell() -> None:
    starts = _starts(28, range(8, 17), (6,))
    few = (WORK[1][2] - 1) // len(starts)
    assert [_at_work(starts, few), _at_work(starts, few + 1)] == [False, True]

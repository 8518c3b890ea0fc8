"""People work by their local hours; crews by shared schedules."""

import numpy as np
import pytest

from linkage.simulate.rhythm import DAY, HOUR, Rhythm, SchedulesDraft, own_times


@pytest.mark.parametrize("offset", [-8, 0, 9])
def test_office_hours_are_local(offset):
    size = 20_000
    times = own_times(
        np.random.default_rng(0),
        np.full(size, int(Rhythm.OFFICE)),
        np.full(size, offset),
        np.zeros(size),
        np.full(size, 28.0),
    )
    local = ((times / HOUR + offset) % 24).astype(int)
    assert np.isin(local, range(8, 18)).mean() > 0.8
    weekday = (times // DAY) % 7
    assert (weekday >= 5).mean() < 0.08
    assert times.min() >= 0
    assert times.max() < 28 * DAY


def test_schedules_give_events_within_the_days_or_none():
    draft = SchedulesDraft()
    daily = draft.add(np.arange(30) * DAY + 100)
    rare = draft.add(np.array([5 * DAY]))
    schedules = draft.finish()
    which = np.array([daily] * 500 + [rare] * 500)
    first = np.tile([2.0, 10.0], 500)
    times, none = schedules.pick(np.random.default_rng(1), which, first, first + 7)
    has = np.setdiff1d(np.arange(1000), none)
    assert (times[has] >= first[has] * DAY).all()
    assert (times[has] < (first[has] + 7) * DAY).all()
    assert set(none) == {row for row in range(500, 1000) if first[row] == 10.0}
    assert len(np.unique(times[:500:2])) == 7

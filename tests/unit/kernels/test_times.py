"""The time parser against `datetime`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.kernels.times import NO_TIME, parse_times

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST, LAST = datetime.fromisoformat("0003-01-01"), datetime.fromisoformat("9998-01-01")
moments = st.datetimes(FIRST, LAST, timezones=st.none() | zones)


def micros(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def one(text: str | None) -> int:
    return int(parse_times(pa.array([text], pa.string()))[0])


@settings(deadline=None)  # the first call compiles
@given(st.lists(moments, max_size=6), st.sampled_from(["T", " ", "t"]))
def test_any_moment_comes_back(rows: list[datetime], separator: str) -> None:
    texts = [moment.isoformat(separator) for moment in rows]
    assert parse_times(pa.array(texts, pa.string())).tolist() == [micros(moment) for moment in rows]


@settings(deadline=None)
@given(st.text("0123456789-:TZ+. UC", max_size=32))
def test_noise_is_never_misread(text: str) -> None:
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC") if text.endswith(" UTC") else text)
    except ValueError:
        moment = None
    if one(text) != NO_TIME and moment is not None:
        assert one(text) == micros(moment)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+00:00"),
        ("2026-11-24T02:13", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24T02:13:00Z", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24T02:13:00z", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24 02:13:00 UTC", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24T02:13:00,5", "2026-11-24T02:13:00.500000+00:00"),
        ("2026-11-24T02:13:00.123456789Z", "2026-11-24T02:13:00.123456+00:00"),
        ("2026-11-24T02:13:00+0130", "2026-11-24T00:43:00+00:00"),
        ("2026-11-24T02:13:00-01", "2026-11-24T03:13:00+00:00"),
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999+00:00"),
    ],
)
def test_the_ways_to_write_a_time(text: str, same: str) -> None:
    assert one(text) == micros(datetime.fromisoformat(same))


BAD = """
2026 2026-11 2026-11-24T 2026-11-24T2 2026-11-24T02 2026-13-01 2026-00-10 2026-02-29 1900-02-29
2026-04-31 2026-11-24T24:00:00 2026-11-24T02:60 2026-11-24T23:59:60Z 2026-11-24T02:13:00.
2026-11-24T02:13:00+ 2026-11-24T02:13:00+1 2026-11-24T02:13:00+24:00 2026-11-24T02:13:00+01:60
2026-11-24T02:13:00+01:0 2026-11-24T02:13:00Zulu 24/11/2026 2026/11/24 1700000000 20261124 now n/a
2026-11-24X02:13 26-11-24 2026-1-2 -026-11-24 +2026-11-24 2026-11-24T02:13:00EST
"""
SPACED = ["", None, " 2026-11-24", "2026-11-24 ", "24 Nov 2026", "2026-11-24  02:13"]


@pytest.mark.parametrize("text", [*BAD.split(), *SPACED])
def test_not_a_time(text: str | None) -> None:
    assert one(text) == NO_TIME

"""The time parser against `datetime`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.kernels.dates import NO_TIME
from linkage.kernels.times import parse_times

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
        ("20261124", "2026-11-24T00:00:00+00:00"),
        ("20261124T021300Z", "2026-11-24T02:13:00+00:00"),
        ("20261124t021300.25+0130", "2026-11-24T00:43:00.250000+00:00"),
        ("20261124 02:13", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24T0213Z", "2026-11-24T02:13:00+00:00"),
        ("2026-11-24T021300,5", "2026-11-24T02:13:00.500000+00:00"),
        ("2026-11-24T02", "2026-11-24T02:00:00+00:00"),
        ("2026-11-24T02Z", "2026-11-24T02:00:00+00:00"),
        ("2026-11-24T02-01", "2026-11-24T03:00:00+00:00"),
        ("2026-11-24T24:00:00", "2026-11-25T00:00:00+00:00"),
        ("2026-11-24T24:00:00.000Z", "2026-11-25T00:00:00+00:00"),
        ("20261231T24+01", "2026-12-31T23:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.500000+00:00"),
        ("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00+00:00"),
        ("2026-W01-1", "2025-12-29T00:00:00+00:00"),
        ("2026W537T10", "2027-01-03T10:00:00+00:00"),
        ("2026-001", "2026-01-01T00:00:00+00:00"),
        ("2024366T1000Z", "2024-12-31T10:00:00+00:00"),
    ],
)
def test_the_ways_to_write_a_time(text: str, same: str) -> None:
    assert one(text) == micros(datetime.fromisoformat(same))


BAD = """
2026 2026-11 2026-11-24T 2026-11-24T2 2026-13-01 2026-00-10 2026-02-29 1900-02-29
2026-04-31 2026-11-24T24:00:01 2026-11-24T24:01 2026-11-24T25 2026-11-24T02:60 2026-11-24T22:59:60Z
2026-11-24T23:59:61Z 2026-11-24T23:59:60+01:00 2026-11-24T02:13:00. 2026-11-24T02:1300 2026-11-24T0213:00
2026-11-24T021 2026-11-24T02. 2026-11-24T24:00:00.1 20261124T 20261324 20260229 2026-000 2025-366 2026W54 2026-W54-1
2025-W53-1 2026-W01-8 2026-W01-0 2026-W011 2026W01-1 2026-W1-1 2026-W01 202611-24 2026-1124 202601 1767225600000
2026-11-24T02:13:00+ 2026-11-24T02:13:00+1 2026-11-24T02:13:00+24:00 2026-11-24T02:13:00+01:60
2026-11-24T02:13:00+01:0 2026-11-24T02:13:00Zulu 24/11/2026 2026/11/24 1700000000 20261124021300 now n/a
2026-11-24X02:13 26-11-24 2026-1-2 -026-11-24 +2026-11-24 2026-11-24T02:13:00EST
"""
SPACED = ["", None, " 2026-11-24", "2026-11-24 ", "24 Nov 2026", "2026-11-24  02:13"]


@pytest.mark.parametrize("text", [*BAD.split(), *SPACED])
def test_not_a_time(text: str | None) -> None:
    assert one(text) == NO_TIME


FORMS = ["%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%Y-%j", "%Y%j", "%Y-%m-%d"]
CLOCKS = ["T%H%M%SZ", " %H:%M:%S", "T%H%M%S.%f", "T%H:%M:%S.%f+00", ""]


@settings(deadline=None)
@given(st.datetimes(datetime.fromisoformat("1000-01-02"), LAST), st.sampled_from(FORMS), st.sampled_from(CLOCKS))
def test_any_moment_comes_back_from_any_form(moment: datetime, date: str, clock: str) -> None:
    day = datetime.combine(moment.date(), moment.time() if "f" in clock else moment.time().replace(microsecond=0))
    expected = micros(day) if clock else micros(datetime.combine(moment.date(), datetime.min.time()))
    assert one(moment.strftime(date + clock)) == expected

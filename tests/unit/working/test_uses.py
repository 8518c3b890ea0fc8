"""Uses are read from the view as they were written, whichever table holds them."""

from __future__ import annotations

import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = 1440
BLOCK = 64 * DAY
LATEST = (1 << 27) - 1  # in the year 2225
MINUTES = st.one_of(st.just(-1), st.integers(0, LATEST), st.sampled_from([0, BLOCK - 1, BLOCK, LATEST]))
Row = tuple[int, ...]


@st.composite
def _uses(draw: st.DrawFn) -> Row:
    """Draws a use; most are told by one minute, some by a minute and days that do not go with it."""
    first = draw(MINUTES)
    last = draw(st.one_of(st.just(first), st.integers(first, LATEST)))
    block = first // BLOCK
    days = draw(st.one_of(st.just(1 << first // DAY % 64 if first >= 0 else 0), st.integers(0, 2**64 - 1)))
    head = draw(st.integers(0, 2**31 - 1)), draw(st.integers(0, 2**64 - 1)), draw(st.integers(0, 10))
    return (*head, block, days, draw(st.integers(1, 3)), first, last)


@settings(deadline=None, max_examples=40)
@given(st.lists(_uses(), max_size=30), st.lists(_uses(), max_size=30))
def test_uses_come_back_as_they_were_written(one: list[Row], two: list[Row]) -> None:
    con = tables.connect()
    for load, rows in enumerate((one, two), 1):
        tables.write_uses(con, rows, load)
    assert sorted(con.execute("FROM use").fetchall()) == sorted([(*row, 1) for row in one] + [(*row, 2) for row in two])
    con.close()


def test_a_use_of_one_request_takes_sixteen_bytes() -> None:
    con = tables.connect()
    minute = 20_000 * DAY + 77
    plain = (5, 2**63 + 1, 3, 20_000 // 64, 1 << 20_000 % 64, 1, minute, minute)
    tables.write_uses(con, [plain, (*plain[:5], 2, minute, minute), (6, 9, 0, -1, 0, 1, -1, -1)], 1)
    assert con.execute("SELECT account FROM once ORDER BY account").fetchall() == [(5,), (6,)]
    assert con.execute("SELECT requests FROM often").fetchall() == [(2,)]
    con.close()

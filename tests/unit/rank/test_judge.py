"""The judgement of conduct: bounds, monotony, and innocents who leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import pytest
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.detect import communities, partition
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BY_NAME, FACETS, PLACE_CODES, Facet, Place
from linkage.model.rings import Role
from linkage.rank import FoundRing, select
from linkage.rank.conduct import Conduct, read_conduct
from linkage.rank.judge import judge
from linkage.rank.layers import Rare
from linkage.rank.verdict import chance
from linkage.settings import Settings
from linkage.working.incidence import read_incidence
from linkage.working.vectors import write_vectors

ACCOUNTS = 40
RING = (0, 1, 2, 3, 4, 5)
BASE = datetime(2026, 1, 1)  # noqa: DTZ001 - the file keeps UTC without a zone
HONEST = 8
STATUS = ("active", "terminated")


def _file(
    requests: list[int], created: list[int | None], prompts: Mapping[int, Sequence[int]], abuse: tuple[int, ...] = ()
) -> duckdb.DuckDBPyConnection:
    """Returns a working file: requests and days of sign-up by account, prompts sent by account."""
    con = tables.connect()
    accounts = [
        (account, f"a{account:02}", None if day is None else BASE + timedelta(days=day), STATUS[account in abuse])
        for account, day in enumerate(created)
    ]
    tables.insert(con, "account (account, id, created_at, status)", accounts)
    none: list[int] = []
    habits = [(account, account, none, [0] * len(FACETS), count) for account, count in enumerate(requests)]
    tables.insert(con, "habit (account, ordinal, starts, breadth, requests)", habits)
    pairs = np.array([(account, one) for account, sent in prompts.items() for one in sent], np.int32).reshape(-1, 2)
    known = int(pairs[:, 1].max(initial=-1)) + 1
    rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
    rows["days"] = np.ones(len(pairs), np.uint64)
    kind, place = np.full(known, BY_NAME["prompt"].code, np.uint8), np.zeros(known, np.uint8)
    write_vectors(con, tables.by_thing(rows, kind, place, np.full(known, 5000, np.int32)))
    return con


def _questions(count: int, members: tuple[int, ...] = RING) -> dict[int, list[int]]:
    """Returns prompts by member of which each has `count` in common with two others: a campaign's questions."""
    return {one: [number for number in range(2 * count) if number % 2 == at // 3] for at, one in enumerate(members)}


def _usual(days: bool = True) -> list[int | None]:
    return [97 * account % 365 if days else None for account in range(ACCOUNTS)]


def _ring(members: tuple[int, ...] = RING) -> np.ndarray:
    ring = np.full(ACCOUNTS, -1, np.int32)
    ring[list(members)] = 0
    return ring


def _links(members: tuple[int, ...] = RING, timing: int = 0) -> LinkColumns:
    pairs = np.array(list(combinations(members, 2)), np.int32)
    facets = np.zeros((len(pairs), len(FACETS)), np.int32)
    facets[:, FACETS.index(Facet.PAYMENT)] = 20_000
    facets[:, FACETS.index(Facet.TIMING)] = timing
    bits = facets.sum(axis=1).astype(np.int32)
    return LinkColumns(pairs[:, 0].copy(), pairs[:, 1].copy(), bits, facets, np.zeros(len(pairs), np.uint8))


def _conduct(con: duckdb.DuckDBPyConnection) -> Conduct:
    return read_conduct(con, read_incidence(con))


def _verdict(con: duckdb.DuckDBPyConnection, timing: int = 0, conduct: Conduct | None = None) -> Any:
    (found,) = judge(read_incidence(con), _ring(), _links(timing=timing), conduct or _conduct(con))
    return found


def test_a_campaign_has_the_bits_of_a_ring_and_an_office_does_not() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)
    close = [0, 1, 0, 1, 0, 1, *_usual()[6:]]
    campaign = _verdict(_file(busy, close, _questions(200)), timing=6000)
    # log2(400/20) is above its bound of 4, repertoire 200/8 above 3, sign-up above 4, timing above 4, no record
    assert campaign.bits == 4 + 3 + 4 + 4
    assert all(bits > 5 for bits in campaign.members)
    office = _verdict(_file([20] * ACCOUNTS, _usual(), {one: range(2) for one in RING}))
    assert office.bits < 1


def test_who_repeats_one_exercise_keeps_a_timetable() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)
    close = [0, 1, 0, 1, 0, 1, *_usual()[6:]]
    exercise = _file(busy, close, {one: range(100) for one in RING})
    one = _verdict(exercise, timing=6000)
    varied = _verdict(exercise, 6000, replace(_conduct(exercise), alone=np.full(ACCOUNTS, 8.0)))
    dealt = _verdict(_file(busy, close, _questions(200)), timing=6000)
    told = [(found.repertoire, found.timing) for found in (one, varied, dealt)]
    assert told == [(-3.0, 0.0), (-3.0, 4.0), (3.0, 4.0)]


def test_known_abuse_speaks_for_all() -> None:
    quiet = _verdict(_file([20] * ACCOUNTS, _usual(), {}))
    known = _verdict(_file([20] * ACCOUNTS, _usual(), {}, abuse=(0, 1, 2)))
    rate = 3.5 / 41
    expected = np.log2((3 + 10 * rate) / 16 / rate)
    assert known.bits - quiet.bits == pytest.approx(expected, abs=0.002)
    assert all(
        two - one == pytest.approx(expected, abs=0.002) for one, two in zip(quiet.members, known.members, strict=True)
    )


@pytest.mark.parametrize("kind", ["device", "phone"])
def test_devices_and_telephones_in_common_speak_for_a_ring(kind: str) -> None:
    quiet = _file([20] * ACCOUNTS, _usual(), {})
    apart = _verdict(quiet)
    incidence = replace(
        read_incidence(quiet),
        kind=np.array([BY_NAME[kind].code], np.uint8),
        of_account=np.concatenate(([0, 1, 2], np.full(ACCOUNTS - 2, 2))),
        thing=np.zeros(2, np.int32),
        of_thing=np.array([0, 2]),
        user=np.array([0, 1], np.int32),
    )
    (found,) = judge(incidence, _ring(), _links(), _conduct(quiet))
    rate = 2.5 / (ACCOUNTS + 1)
    expected = np.log2((2 + 10 * rate) / 16 / rate)
    assert found.bits - apart.bits == pytest.approx(expected, abs=0.002)


def test_a_label_that_was_taken_back_is_no_record() -> None:
    con = _file([20] * ACCOUNTS, _usual(), {})
    con.execute("INSERT INTO label VALUES (0, 'abuse', '2026-01-01', 'x', 1), (0, 'benign', '2026-02-01', 'x', 1)")
    con.execute("INSERT INTO label VALUES (1, 'benign', '2026-01-01', 'x', 1), (1, 'abuse', '2026-02-01', 'x', 1)")
    assert np.flatnonzero(_conduct(con).abuse).tolist() == [1]


def test_what_the_facts_do_not_tell_is_worth_nothing() -> None:
    con = _file([24] * ACCOUNTS, _usual(days=False), _questions(16))
    conduct = _conduct(con)
    assert np.isnan(conduct.usual_spread)
    assert _verdict(con).bits == 0.0
    assert _verdict(con).members == (0.0,) * 6
    some = _file([24] * ACCOUNTS, [None] * 6 + _usual()[6:], _questions(16))
    assert _verdict(some).bits == 0.0


def test_a_repertoire_is_judged_by_how_much_is_asked() -> None:
    little = _verdict(_file([12] * ACCOUNTS, _usual(days=False), _questions(8)))
    much = _verdict(_file([1200] * ACCOUNTS, _usual(days=False), _questions(8)))
    assert (little.bits, much.bits) == (0.0, -1.0)  # 8 that two others sent too over a third of 12, over 8


@pytest.mark.parametrize("part", [4, 8, 12])
def test_one_exercise_is_no_repertoire_however_it_is_dealt_out(part: int) -> None:
    """Forty pupils each ask a part of 24 questions; as many accounts that ask as much of 4,000 are a campaign."""
    numbers = np.random.default_rng(part)
    class_ = {one: numbers.choice(24, part, replace=False).tolist() for one in range(ACCOUNTS)}
    ring = np.zeros(ACCOUNTS, np.int32)
    con = _file([200] * ACCOUNTS, _usual(), class_)
    (found,) = judge(read_incidence(con), ring, _links(), _conduct(con))
    assert found.repertoire < 0
    deck = np.repeat(numbers.permutation(40 * 100), 2).reshape(2, 40, 100).transpose(1, 0, 2).reshape(40, 200)
    con = _file(
        [200] * ACCOUNTS, _usual(), {one: deck[(one, (one + 7) % 40), :100].ravel().tolist() for one in range(40)}
    )
    (found,) = judge(read_incidence(con), ring, _links(), _conduct(con))
    assert found.repertoire > 0


def test_that_somebody_runs_them_is_told_by_dates_hands_record_or_step() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)
    spread = [0, 60, 120, 180, 240, 300, *_usual()[6:]]
    researchers = _file(busy, spread, _questions(200))
    assert not _verdict(researchers).run
    assert _verdict(researchers, timing=2000).run
    known = _file(busy, spread, _questions(200), abuse=(0, 1, 2, 3, 4, 5))
    assert _verdict(known, conduct=replace(_conduct(known), abuse_rate=0.01)).run
    assert _verdict(_file(busy, [0, 1, 0, 1, 0, 1, *_usual()[6:]], _questions(200))).run
    assert _verdict(_file(busy, _usual(days=False), _questions(200))).run  # the facts cannot tell


def test_the_fewer_they_are_the_closer_they_must_have_come() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)
    days = [0, 0, 10, 20, 30, 40, *_usual()[6:]]  # 2.6 bits of sign-up, as some six of many strangers show
    few = _verdict(_file(busy, days, _questions(200)))
    assert few.run is (few.signup >= 0.5 + 2 * (5 / 6) ** 0.5)
    assert chance(5) == chance(3) == 1.0
    assert chance(20) == 0.5
    assert [few.needed(9.0), replace(few, members=(1.0,) * 20).needed(9.0)] == [pytest.approx(8.65, abs=0.01), 7.0]


def test_accounts_without_a_date_count_as_made_when_first_seen_unless_that_is_early() -> None:
    con = _file([20] * ACCOUNTS, [0, *_usual(days=False)[1:]], {})
    begin, late = int((BASE + timedelta(days=100) - datetime(1970, 1, 1)).total_seconds()) // 60, 30 * 1440  # noqa: DTZ001
    con.execute("UPDATE habit SET first_minute = ? + account * 1440, last_minute = ?", [begin, begin + 4 * late])
    created = _conduct(con).created
    assert created[0] == (BASE - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - what the facts say
    assert np.isnan(created[1:30]).all()
    assert created[30:].tolist() == [60.0 * (begin + one * 1440) for one in range(30, ACCOUNTS)]


def test_a_payment_long_before_all_traffic_does_not_make_it_begin_earlier() -> None:
    con = _file([20] * ACCOUNTS, _usual(days=False), {})
    con.execute("UPDATE habit SET first_minute = 1000 * account, last_minute = 100000, starts = [60000]")
    assert np.flatnonzero(~np.isnan(_conduct(con).created)).tolist() == list(range(70, ACCOUNTS))
    con.execute("UPDATE habit SET first_minute = 3000 * account, last_minute = 160000, starts = [60000]")
    assert np.flatnonzero(~np.isnan(_conduct(con).created)).tolist() == list(range(29, ACCOUNTS))


def test_who_came_long_before_a_ring_is_none_of_it_and_who_came_later_may_replace_another() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)

    def last(day: int) -> float:
        return float(_verdict(_file(busy, [400, 401, 402, 403, 404, day, *_usual()[6:]], _questions(200))).members[5])

    assert last(0) == last(404) - 8.0  # from one bound to the other
    assert last(404) - last(392) < 3.0 < last(404) - last(200)
    assert last(404) - last(404 + 204) < last(404) - last(404 - 204)


def test_of_a_ring_most_of_whose_dates_are_unknown_sign_up_tells_nothing() -> None:
    busy = [400] * 6 + [20] * (ACCOUNTS - 6)
    assert _verdict(_file(busy, [0, 0, 0, None, None, None, *_usual()[6:]], _questions(200))).signup == 4.0
    half = _file(busy, [0, 0, None, None, None, None, *_usual()[6:]], _questions(200))
    assert (_verdict(half).signup, _verdict(half).run) == (0.0, True)


@settings(deadline=None, max_examples=40)
@given(
    requests=st.integers(0, 10**6),
    days=st.lists(st.integers(0, 4000), min_size=6, max_size=6),
    prompts=st.integers(0, 60),
    timing=st.integers(0, 12_000),
)
def test_bits_stay_inside_their_bounds_and_grow_with_what_they_see(
    requests: int, days: list[int], prompts: int, timing: int
) -> None:
    counts = [requests] * 6 + [20] * (ACCOUNTS - 6)
    con = _file(counts, [*days, *_usual()[6:]], {one: range(prompts) for one in RING})
    found = _verdict(con, timing)
    for bits in (found.bits, *found.members):
        assert -4 - 3 - 4 <= bits <= 4 + 3 + 4 + 4 + 6
    conduct = _conduct(con)
    busier = replace(conduct, requests=conduct.requests * 2)
    assert _verdict(con, timing, busier).bits >= found.bits
    assert _verdict(con, timing + 1000).bits >= found.bits
    closer = replace(conduct, created=conduct.created.mean() + (conduct.created - conduct.created.mean()) / 2)
    assert _verdict(con, timing, closer).bits >= found.bits


@pytest.mark.parametrize(
    ("place", "addresses", "placed"),
    [(Place.OFFICE, 1, True), (Place.UNKNOWN, 2, True), (Place.OFFICE, 4, False), (Place.DATACENTER, 1, True)],
)
def test_a_community_that_spends_half_of_its_days_at_one_place_is_placed(
    place: Place, addresses: int, placed: bool
) -> None:
    con = _file([400] * ACCOUNTS, _usual(), {})
    con.execute("UPDATE habit SET starts = [0, 1440, 2880, 4320]")
    # each is there on two days of its four; where they are spread over four addresses no three meet at one
    who = np.array(RING, np.int32)
    rows = {"account": who, "identifier": who % addresses, "block": np.zeros(len(RING), np.int16)}
    rows["days"] = np.full(len(RING), 0b0011, np.uint64)
    kind, code = np.full(addresses, BY_NAME["ip"].code, np.uint8), np.full(addresses, PLACE_CODES[place], np.uint8)
    write_vectors(con, tables.by_thing(rows, kind, code, np.full(addresses, 5000, np.int32)))
    assert _verdict(con).placed is placed


@pytest.mark.parametrize(("users", "placed"), [(3, True), (30, True), (31, False)])
def test_an_address_among_many_exits_is_the_place_of_who_are_a_tenth_of_its_users(users: int, placed: bool) -> None:
    con = _file([400] * ACCOUNTS, _usual(), {})
    con.execute("UPDATE habit SET starts = [0, 1440, 2880, 4320]")
    who = np.arange(users, dtype=np.int32)
    rows = {"account": who, "identifier": np.zeros_like(who), "block": np.zeros(users, np.int16)}
    rows["days"] = np.full(users, 0b0011, np.uint64)
    kind, code = np.array([BY_NAME["ip"].code], np.uint8), np.array([PLACE_CODES[Place.VPN]], np.uint8)
    write_vectors(con, tables.by_thing(rows, kind, code, np.full(1, 5000, np.int32)))
    three = (0, 1, 2)
    (found,) = judge(read_incidence(con), _ring(three), _links(three), _conduct(con))
    assert found.placed is placed


def test_who_asks_the_same_again_and_again_asks_little() -> None:
    con = _file([400] * 6 + [20] * (ACCOUNTS - 6), _usual(), {})
    usual = replace(_conduct(con), prompts=np.full(ACCOUNTS, 10.0), usual_prompts=10.0)
    varied = replace(usual, prompts=np.array([200.0] * 6 + [10.0] * (ACCOUNTS - 6)))
    assert _verdict(con, conduct=varied).volume == 4.0
    assert _verdict(con, conduct=usual).volume == 1.0  # twice as often as usual, of what others ask, too
    unknown = replace(usual, prompts=np.zeros(ACCOUNTS))
    assert _verdict(con, conduct=unknown).volume == _verdict(con).volume == 4.0


def test_what_comes_from_a_pool_is_told_where_people_have_words_of_their_own() -> None:
    con = _file([400] * 6 + [20] * (ACCOUNTS - 6), _usual(), {})
    asked = replace(_conduct(con), prompts=np.full(ACCOUNTS, 100.0), usual_prompts=100.0)
    for theirs, usual, pooled in ((20.0, 60.0, True), (30.0, 60.0, False), (20.0, 40.0, False)):
        one = replace(asked, alone=np.full(ACCOUNTS, theirs), usual_own=usual / 100)
        assert _verdict(con, conduct=one).pooled is pooled


@pytest.mark.parametrize(("count", "pooled"), [(20, True), (10, False)])
def test_a_few_accounts_leave_much_of_their_pool_to_each_alone(count: int, pooled: bool) -> None:
    """Of 100 prompts half as many as `count` are in common with one other: 1 - 0.9 ** (1 / 5) is above 1 / 64."""
    con = _file([400] * 6 + [20] * (ACCOUNTS - 6), _usual(), _questions(count))
    asked = replace(_conduct(con), prompts=np.full(ACCOUNTS, 100.0), alone=np.full(ACCOUNTS, 60.0), usual_own=0.6)
    assert _verdict(con, conduct=asked).pooled is pooled
    assert not _verdict(con, conduct=replace(asked, usual_own=0.4)).pooled


def test_what_is_usual_is_that_of_active_accounts() -> None:
    con = _file([20] * 30 + [0] * (ACCOUNTS - 30), _usual(), {one: range(4) for one in RING})
    con.execute("UPDATE habit SET alone = CASE WHEN account < 20 THEN 6 ELSE 0 END")
    conduct = _conduct(con)
    assert conduct.prompts[:7].tolist() == [10.0] * 6 + [6.0]
    assert (conduct.usual_prompts, conduct.usual_own) == (6.0, 1.0)
    assert conduct.own(np.array(RING)).tolist() == [0.6] * 6


def test_no_ring_has_no_verdict() -> None:
    con = _file([20] * ACCOUNTS, _usual(), {})
    assert judge(read_incidence(con), _ring(()), _links(), _conduct(con)) == []


def _select(con: duckdb.DuckDBPyConnection, links: LinkColumns) -> list[FoundRing]:
    incidence = read_incidence(con)
    return select(
        con,
        incidence,
        Rare.of(incidence),
        links,
        partition(links, ACCOUNTS),
        lambda some: partition(some, ACCOUNTS),
        lambda some: communities(some, ACCOUNTS),
        Settings(),
    )


def test_innocents_leave_and_the_ring_stays() -> None:
    everyone = (*RING, HONEST)
    counts = [400] * 6 + [20] * (ACCOUNTS - 6)
    created = [0, 1, 0, 1, 0, 1, *_usual()[6:]]
    con = _file(counts, created, _questions(100) | {HONEST: range(1)})
    (ring,) = _select(con, _links(everyone, timing=5000))
    assert ring.members == RING
    assert dict(zip(ring.accounts, ring.roles, strict=True)).get(HONEST) is Role.BYSTANDER


def test_a_community_of_innocents_is_no_ring() -> None:
    con = _file([20] * ACCOUNTS, _usual(), {one: range(2) for one in RING})
    assert _select(con, _links()) == []


def test_where_no_traffic_is_known_nobody_is_judged() -> None:
    con = _file([0] * ACCOUNTS, _usual(), {})
    assert [ring.members for ring in _select(con, _links())] == [RING]

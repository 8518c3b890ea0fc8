"""What sharing is worth and how broad habits are, against the oracle of docs/model.md and by hand."""

from __future__ import annotations

from math import log2
from typing import Any

import oracle
import pytest
import working_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.derive import weigh
from linkage.model.kinds import BY_NAME, FACETS, PLACE_CODES, Facet, Place
from linkage.working.schema import read_chance
from linkage.working.vectors import read_vectors

Row = dict[str, Any]


def _weighed(accounts: list[Row], uses: list[Row]) -> Any:
    con = tables.connect()
    tables.fill(con, accounts, uses)
    weigh(con)
    return con


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_weights_equal_the_oracle(seed: int) -> None:
    raw, uses = oracle.random_world(seed)
    raw = [one | {"starts": tables.sessions(one["starts"])} for one in raw]
    con = _weighed(raw, uses)
    accounts, identifiers = oracle.weigh(raw, uses)
    kinds = {kind.code: name for name, kind in BY_NAME.items()}
    rows = con.execute("SELECT key, kind, degree, peak, millibits FROM identifier ORDER BY key").fetchall()
    assert [(f"{key:016x}", kinds[kind], degree, peak, bits / 1000) for key, kind, degree, peak, bits in rows] == [
        (one["key"], one["kind"], one["degree"], one["peak"], one["bits"])
        for one in identifiers
        if one["degree"] > 1 or one["kind"] != "prompt"  # a prompt of one account is no node
    ]
    habits = con.execute("SELECT id, starts, breadth FROM account JOIN habit USING (account) ORDER BY id").fetchall()
    assert [(name, starts) for name, starts, _ in habits] == [(one["id"], one["starts"]) for one in accounts]
    for (_, _, breadth), one in zip(habits, accounts, strict=True):
        assert [bits / 1000 for bits in breadth] == pytest.approx(one["breadth"], abs=1e-9)
    assert len(read_vectors(con)["size"]) == sum(one["bits"] > 0 for one in identifiers)


def _accounts(count: int) -> list[Row]:
    return [{"id": f"a{number:03}", "starts": []} for number in range(count)]


def _use(account: int, key: int, kind: str, place: str | None = None, days: tuple[int, ...] = (100,)) -> Row:
    return {"account_id": f"a{account:03}", "key": f"{key:016x}", "kind": kind, "place": place, "days": list(days)}


def _bits(con: Any) -> dict[int, float]:
    return {key: bits / 1000 for key, bits in con.execute("SELECT key, millibits FROM identifier").fetchall()}


def test_bits_are_the_log_of_how_few_share_it() -> None:
    uses = [_use(one, 1, "payment") for one in range(2)] + [_use(one, 2, "device") for one in range(9)]
    uses += [_use(one, 3, "tls") for one in range(40)] + [_use(5, 4, "payment")]
    found = _bits(_weighed(_accounts(65), uses))
    # tls is used by more than half of all: less than a bit counts as nothing
    assert found == {1: round(log2(64 / 1), 3), 2: round(log2(64 / 8), 3), 3: 0.0, 4: 0.0}


def test_a_leased_thing_is_as_rare_as_its_busiest_day() -> None:
    uses = [_use(one, 1, "ip", days=(100 + one,)) for one in range(10)] + [_use(10, 1, "ip", days=(100, 170))]
    found = _bits(_weighed(_accounts(33), uses))
    assert found == {1: 5.0}


def test_an_exit_is_rare_among_those_who_use_exits() -> None:
    uses = [_use(one, 1, "ip", "vpn") for one in range(2)]
    uses += [_use(one, 2, "ip", "vpn") for one in range(2, 4)]
    uses += [_use(one, 10 + one, "ip", "vpn") for one in range(4, 9)]  # who is alone on an exit uses exits, too
    uses += [_use(one, 3, "ip", "home") for one in range(2)]
    found = _bits(_weighed(_accounts(65), uses))
    assert (found[1], found[2], found[3]) == (3.0, 3.0, 6.0)


def test_breadth_is_of_shared_things_against_the_mean_of_those_who_have_any() -> None:
    uses = [_use(0, key, "prompt") for key in range(8)] + [_use(1 + key, key, "prompt") for key in range(8)]
    con = _weighed(_accounts(40), uses)
    breadth = con.execute("SELECT breadth FROM habit ORDER BY account").fetchall()
    content = FACETS.index(Facet.CONTENT)
    mean = 16 / 9
    assert breadth[0][0][content] == round(1000 * 0.5 * log2(8 / mean))
    assert all(row[0][content] == 0 for row in breadth[1:])


def test_chance_is_what_two_accounts_share_of_prompts_unawares() -> None:
    uses = [_use(one, 1, "prompt") for one in range(5)] + [_use(one, 2, "prompt") for one in range(2)]
    con = _weighed(_accounts(17), uses + [_use(one, 3, "payment") for one in range(2)])
    both, rare = (5 / 17) ** 2, (2 / 17) ** 2
    expected = [both * 2.0 + rare * 4.0, 4 * both * 1.0 + 4 * rare * 3.0, 16 * rare * 2.0, 64 * rare * 1.0]
    assert read_chance(con) == pytest.approx([*expected, *[0.0] * 17])


@pytest.mark.parametrize(
    ("users", "days", "place"),
    [
        (7, (103,), Place.HOME),
        (8, (100, 101, 103), Place.SHARED),  # a weekend and a Tuesday: not the rhythm of an office
        (8, (102, 103, 104, 105, 106, 109, 110, 111), Place.OFFICE),
    ],
)
def test_an_unlisted_address_is_placed_by_its_traffic(users: int, days: tuple[int, ...], place: Place) -> None:
    uses = [_use(one, 1, "ip", days=days) for one in range(users)]
    con = _weighed(_accounts(40), uses)
    assert con.execute("SELECT place FROM identifier").fetchall() == [(PLACE_CODES[place],)]


def test_many_on_one_address_over_time_are_behind_a_carriers_nat() -> None:
    uses = [_use(one, 1, "ip", days=(100 + one // 8,)) for one in range(32)]
    con = _weighed(_accounts(40), uses)
    assert con.execute("SELECT place, peak FROM identifier").fetchall() == [(PLACE_CODES[Place.CGNAT], 8)]


def test_weighing_again_changes_nothing() -> None:
    raw, uses = oracle.random_world(11)
    con = _weighed(raw, uses)
    names = ("identifier", "incidence", "habit", "meta")
    before = [sorted(con.execute(f"SELECT * FROM {name}").fetchall(), key=str) for name in names]
    weigh(con)
    assert [sorted(con.execute(f"SELECT * FROM {name}").fetchall(), key=str) for name in names] == before

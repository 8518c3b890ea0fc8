"""What one load after another leaves in the working file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import working_tables as tables

from linkage.derive import Absorber, PlaceLists, weigh
from linkage.derive.keys import KindKeys
from linkage.fingerprint import prompt_keys
from linkage.kernels.ip import parse_ips
from linkage.keys import Keyring
from linkage.model.kinds import BY_NAME, PLACE_CODES, Place
from linkage.read import batches, open_folder
from linkage.validate import Validator

KEYS = Keyring("a secret of the tests alone")
DAY = 20_000
Rows = list[dict[str, Any]]


def at(day: int, minute: int = 0) -> datetime:
    """Returns a time: days after the first day of these tests, and minutes."""
    return datetime.fromtimestamp(((DAY + day) * 1440 + minute) * 60, UTC)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yields an empty working file."""
    made = tables.connect()
    yield made
    made.close()


def _load(con: duckdb.DuckDBPyConnection, folder: Path, number: int = 1, lists: str = "", **facts: Rows) -> None:
    """Loads tables, in the order in which they are given."""
    here = folder / f"load{number}"
    here.mkdir()
    facts.setdefault("accounts", [])
    for name, rows in facts.items():
        columns = dict.fromkeys(column for row in rows for column in row) or ["account_id"]
        table = {column: [row.get(column) for row in rows] for column in columns}
        pq.write_table(pa.table(table), here / f"{name}.parquet")
    opened = open_folder(here)
    with Validator(folder / "rejects") as validator:
        absorber = Absorber(con, KEYS, PlaceLists.read(lists), number)
        for name in facts:
            for part in opened.tables[name]:
                for raw in batches(part):
                    clean = validator.check(raw)
                    prompts = prompt_keys(clean, KEYS) if name == "requests" else None
                    absorber.absorb(name, clean, prompts)
        absorber.finish()
    weigh(con)


def _accounts(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("SELECT id, status, plan, organization, load FROM account ORDER BY id").fetchall()


def test_an_account_of_another_table_is_made_by_it(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _load(
        con,
        tmp_path,
        labels=[{"account_id": "d", "label": "abuse"}],
        requests=[{"account_id": "b", "at": at(0)}],
        accounts=[{"account_id": "a", "plan": "pro"}, {"account_id": "b", "status": "suspended"}],
        payments=[{"account_id": "c", "payment_id": "x"}],
        identifiers=[{"account_id": "a", "kind": "device", "value": "x"}],
    )
    assert _accounts(con) == [
        ("a", "active", "pro", None, 1),
        ("b", "suspended", None, None, 1),
        ("c", "active", None, None, 1),
        ("d", "active", None, None, 1),
    ]
    assert con.execute("SELECT account FROM account ORDER BY account").fetchall() == [(0,), (1,), (2,), (3,)]
    labels = "SELECT id, label, moment FROM label JOIN account USING (account)"
    assert con.execute(labels).fetchall() == [("d", "abuse", None)]


def test_later_loads_change_what_they_tell_and_keep_the_rest(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _load(con, tmp_path, 1, accounts=[{"account_id": "a", "plan": "pro", "organization": "x"}, {"account_id": "b"}])
    _load(con, tmp_path, 2, accounts=[{"account_id": "a", "status": "terminated"}, {"account_id": "c"}])
    assert _accounts(con) == [
        ("a", "terminated", "pro", "x", 2),
        ("b", "active", None, None, 1),
        ("c", "active", None, None, 2),
    ]
    _load(con, tmp_path, 3, accounts=[{"account_id": "a", "status": "active", "plan": "free"}, {"account_id": "b"}])
    assert _accounts(con)[0] == ("a", "active", "free", "x", 3)
    assert _accounts(con)[1] == ("b", "active", None, None, 1)


def test_an_account_seen_first_elsewhere_gets_its_attributes_later(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _load(con, tmp_path, 1, payments=[{"account_id": "a", "payment_id": "x"}])
    _load(con, tmp_path, 2, accounts=[{"account_id": "a", "status": "suspended", "plan": "pro"}])
    assert _accounts(con) == [("a", "suspended", "pro", None, 2)]


def test_uses_of_all_tables_are_counted_by_kind_and_day(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _load(
        con,
        tmp_path,
        accounts=[{"account_id": "a", "created_at": at(0, 61), "email_domain": "Example.org"}],
        requests=[
            {"account_id": "a", "at": at(0, 5), "ip": "192.0.2.1", "prompt": "one two three", "n": 2},
            {"account_id": "a", "at": at(1, 5), "ip": "192.0.2.1", "prompt": None, "n": None},
            {"account_id": "a", "at": at(1, 7), "ip": None, "prompt": None, "n": 1},
        ],
        payments=[{"account_id": "a", "payment_id": "x", "bin": "424242", "at": at(70)}],
        identifiers=[
            {"account_id": "a", "kind": "Device ", "value": "d", "at": at(2)},
            {"account_id": "a", "kind": "shoe size", "value": "d", "at": at(2)},
            {"account_id": "a", "kind": "ip", "value": "192.0.2.1", "at": at(3)},
        ],
    )
    names = {kind.code: name for name, kind in BY_NAME.items()}
    rows = con.execute(
        "SELECT kind, key, block, sum(bit_count(days)), sum(requests), min(first_minute), max(last_minute) FROM use "
        "GROUP BY ALL"
    ).fetchall()
    found = {names[kind]: rest for kind, _, *rest in rows}
    minute = DAY * 1440
    assert found["ip"] == [DAY // 64, 3, 4, minute + 5, minute + 3 * 1440]
    assert found["bin"] == found["payment"] == [(DAY + 70) // 64, 1, 1, minute + 70 * 1440, minute + 70 * 1440]
    assert found["signup"][1:] == found["email_domain"][1:] == [1, 1, minute + 61, minute + 61]
    assert found["device"][1:] == found["other"][1:] == [1, 1, minute + 2 * 1440, minute + 2 * 1440]
    keys = KindKeys(KEYS)
    expected = {
        "ip": keys.ips(*parse_ips(pa.array(["192.0.2.1"])))[0],
        "payment": keys.strings("payment", pa.array(["x"]))[0],
        "device": keys.strings("device", pa.array(["d"]))[0],
        "other": keys.strings("other:shoe size", pa.array(["d"]))[0],
        "email_domain": keys.strings("email_domain", pa.array(["EXAMPLE.ORG"]))[0],
    }
    for kind, key in expected.items():
        assert {row[1] for row in rows if names[row[0]] == kind} == {int(key)}
    assert len({row[1] for row in rows}) >= len(found) - 1
    assert con.execute("SELECT starts, ends, requests FROM activity").fetchall() == [
        ([minute + 5, minute + 1445], [minute + 5, minute + 1447], 4)
    ]
    assert con.execute("SELECT starts, requests, first_minute, last_minute FROM habit").fetchall() == [
        ([minute + 5, minute + 1445], 4, minute + 5, minute + 70 * 1440)
    ]


def test_nobody_shares_a_thing_on_a_day_that_is_not_known(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    both = [{"account_id": one, "kind": kind, "value": "192.0.2.1"} for one in "ab" for kind in ("ip", "device")]
    _load(con, tmp_path, identifiers=both, accounts=[{"account_id": one} for one in "abcdef"])
    names = {kind.code: name for name, kind in BY_NAME.items()}
    rows = con.execute("SELECT kind, degree, peak, millibits, first_minute, last_minute FROM identifier").fetchall()
    found = {names[kind]: rest for kind, *rest in rows}
    assert found["ip"] == [2, 1, 0, -1, -1]
    assert found["device"][0] == 2
    assert found["device"][2] == round(1000 * 2.321928)
    assert con.execute("SELECT DISTINCT block, days FROM use").fetchall() == [(-1, 0)]
    assert con.execute("SELECT first_minute, last_minute FROM habit").fetchall() == [(None, None)] * 6


def test_addresses_are_placed_by_the_lists_of_the_load_that_saw_them_first(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "vpn.txt").write_text("192.0.2.0/24\n2001:db8::/32\n")
    seen = [
        {"account_id": one, "at": at(0), "ip": ip}
        for one in "ab"
        for ip in ("192.0.2.9", "198.51.100.1", "2001:db8::1", "2001:db8::2")
    ]
    _load(con, tmp_path, 1, str(tmp_path / "lists"), requests=seen)
    _load(con, tmp_path, 2, str(tmp_path / "lists"), requests=[row | {"at": at(1)} for row in seen])
    places = con.execute("SELECT place, count(*) FROM identifier GROUP BY place ORDER BY place").fetchall()
    # the two addresses of one IPv6 network are one home's
    assert places == [(PLACE_CODES[Place.HOME], 1), (PLACE_CODES[Place.VPN], 2)]
    assert con.execute("SELECT count(*) FROM listed_place").fetchall() == [(2,)]


def test_one_load_or_two_give_the_same_weights(tmp_path: Path) -> None:
    requests = [
        {"account_id": f"a{row % 7}", "at": at(row % 90, row % 1440), "ip": f"192.0.2.{row % 11}"} for row in range(300)
    ]
    accounts = [{"account_id": f"a{row}", "created_at": at(row)} for row in range(7)]
    whole, parts = tables.connect(), tables.connect()
    (tmp_path / "one").mkdir()
    _load(whole, tmp_path / "one", accounts=accounts, requests=requests)
    _load(parts, tmp_path, 1, accounts=accounts, requests=requests[:150])
    _load(parts, tmp_path, 2, requests=requests[150:])
    for query in (
        "SELECT key, kind, place, degree, peak, millibits, first_minute, last_minute FROM identifier ORDER BY key",
        "SELECT id, starts, breadth, requests, first_minute, last_minute FROM habit "
        "JOIN account USING (account) ORDER BY id",
    ):
        assert whole.execute(query).fetchall() == parts.execute(query).fetchall()


def test_no_raw_value_is_kept(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    secret = "tell nobody of this prompt about herons"
    _load(
        con,
        tmp_path,
        requests=[{"account_id": "a", "at": at(0), "ip": "203.0.113.77", "prompt": secret}],
        payments=[{"account_id": "a", "payment_id": "pm_secret"}],
        identifiers=[{"account_id": "a", "kind": "phone", "value": "+31 6 5550000"}],
    )
    held = str([con.execute(f"SELECT * FROM {name}").fetchall() for (name,) in con.execute("SHOW TABLES").fetchall()])
    for raw in (secret, "herons", "203.0.113.77", "pm_secret", "5550000"):
        assert raw not in held


def test_a_fingerprint_that_a_cell_has_twice_counts_once(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _load(con, tmp_path, requests=[{"account_id": "a", "at": at(0), "prompt_fingerprint": "ab cd  ef ab", "n": 3}])
    assert con.execute("SELECT requests FROM use").fetchall() == [(3,), (3,), (3,)]


def test_requests_that_used_nothing_are_signs_of_life(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bare = [{"account_id": name, "at": at(day)} for name, day in [("a", 9), ("a", 1), ("b", 0), ("b", 4)]]
    used = [{"account_id": name, "at": at(2), "ip": "192.0.2.1"} for name in "bc"]
    _load(con, tmp_path, accounts=[{"account_id": "d"}], requests=[*used, *bare])
    weigh(con)
    rows = con.execute("SELECT id, first_minute, last_minute FROM account JOIN habit USING (account) ORDER BY id")
    days = [(name, *(None if one is None else one // 1440 - DAY for one in life)) for name, *life in rows.fetchall()]
    assert days == [("a", 1, 9), ("b", 0, 4), ("c", 2, 2), ("d", None, None)]

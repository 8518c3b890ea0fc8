"""What people and the API read, by query file: exact rows of the known graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from known_graph import BIN, CARD, DAY, IP, ODD, PROMPT, STARTS, VPN, at, link_rows

from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

A1_A2, A2_A3, A3_A4, ODD_C1 = link_rows()
R1 = {
    "ring_id": "r1",
    "status": "active",
    "size": 3,
    "score": 40.5,
    "first_seen": at(0),
    "last_seen": at(2),
    "operator_id": "op1",
    "campaign_id": "camp1",
    "facets": ["network", "content"],
    "context": "",
    "requests": 90,
}
R2 = R1 | {"ring_id": "r2", "size": 2, "score": 11.5, "operator_id": "", "campaign_id": "", "facets": [], "requests": 0}
CORE = {"ring_id": "r1", "role": "core", "bits": 35.375, "weakest_facet": "payment", "since": at(3)}
A1, A2 = (CORE | {"account_id": name} for name in ("a1", "a2"))
A3 = CORE | {"account_id": "a3", "role": "member", "bits": 14.0, "weakest_facet": None, "since": None}
A4 = CORE | {"account_id": "a4", "role": "bystander", "bits": 3.5, "weakest_facet": "network"}


def _native(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns rows with the driver's times as datetimes."""
    return [
        {name: value.to_native() if hasattr(value, "to_native") else value for name, value in row.items()}
        for row in rows
    ]


def _at(moment: datetime) -> int:
    """Returns microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def _micros(row: dict[str, Any]) -> dict[str, Any]:
    """Returns a row with its times as microseconds since 1970."""
    return {
        name: round(value.timestamp() * 1_000_000) if hasattr(value, "timestamp") else value
        for name, value in row.items()
    }


@pytest.mark.query("serve/count_graph", "serve/find_current_run", "serve/list_runs")
def test_counts_and_the_current_run(known: Neo4jStore, cypher: Cypher) -> None:
    counts = {"accounts": 6, "identifiers": 6, "uses": 15, "links": 4, "rings": 2}
    assert cypher("serve/count_graph") == [counts]
    run = {"run_id": "run1", "started": at(3), "finished": at(3, 5), "counts": '{"rings": 2}'}
    run["settings"] = '{"facet_cap": 20.0, "store": "x"}'
    assert _native(cypher("serve/find_current_run")) == [run]
    assert _native(cypher("serve/list_runs", limit=9)) == [run]


@pytest.mark.query("serve/list_accounts")
def test_accounts_with_their_ring(known: Neo4jStore, cypher: Cypher) -> None:
    unknown = [None] * 4
    seen = [_at(at(1)), _at(at(1, 30))]
    assert cypher("serve/list_accounts", ids=["c1", "a4", "nobody"]) == [
        {
            "accounts": [
                ["a4", None, "active", *unknown, None, *seen, 1, "r1", "bystander"],
                ["c1", None, "terminated", *unknown, "abuse", None, None, 0, "r2", "core"],
            ]
        }
    ]
    ((odd,),) = (row["accounts"] for row in cypher("serve/list_accounts", ids=[ODD]))
    assert odd[1] == _at(datetime(2024, 10, 4, 1, 2, 3, 456789, tzinfo=UTC))
    assert cypher("serve/list_accounts", ids=[]) == [{"accounts": []}]


@pytest.mark.query("serve/list_uses", "serve/list_users")
def test_uses_and_users(known: Neo4jStore, cypher: Cypher) -> None:
    (row,) = cypher("serve/list_uses", accounts=["a2", "a4", "nobody"], limit=2)
    (a2, uses), (a4, others) = row["accounts"]
    seen = [_at(at(1)) // 1_000_000, _at(at(2, 5)) // 1_000_000, 2, 2]
    assert uses == [[PROMPT, "prompt", None, 2, 9.0, *seen], [IP, "ip", "home", 3, 8.125, *seen]]
    assert (a2, a4, [use[0] for use in others]) == ("a2", "a4", [IP, VPN])
    assert cypher("serve/list_uses", accounts=[], limit=2) == [{"accounts": []}]
    users = [(row["key"], row["account_id"]) for row in cypher("serve/list_users", keys=[CARD, IP], after="", limit=2)]
    assert users == [(IP, "a1"), (IP, "a2"), (CARD, "a1"), (CARD, "a2")]
    assert cypher("serve/list_users", keys=[CARD], after="a2", limit=2) == [{"key": CARD, "account_id": "c1"}]


@pytest.mark.query("serve/list_identifiers")
def test_identifiers_by_key(known: Neo4jStore, cypher: Cypher) -> None:
    (row,) = _native(cypher("serve/list_identifiers", keys=[VPN, "none"]))
    vpn = {"key": VPN, "kind": "ip", "facet": "network", "place": "vpn", "degree": 2, "bits": 3.5}
    assert row == vpn | {"first_seen": at(0), "last_seen": at(2)}


WANTED = {"prefix": "", "after": ""} | dict.fromkeys(
    (
        *("status", "plan", "country", "email_domain", "organization", "label", "created_from", "created_until"),
        *("seen_from", "seen_until", "least_requests", "most_requests", "in_ring"),
    )
)


@pytest.mark.query("serve/list_found_accounts", "serve/count_accounts", "serve/list_account_groups")
def test_accounts_by_their_attributes(known: Neo4jStore, cypher: Cypher) -> None:
    def found(**wanted: Any) -> list[str]:
        return [row["account_id"] for row in cypher("serve/list_found_accounts", **WANTED | wanted, limit=9)]

    assert found() == [ODD, "a1", "a2", "a3", "a4", "c1"]
    assert found(prefix="a", after="a2") == ["a3", "a4"]
    assert found(status=["terminated"]) == found(label=["abuse"]) == ["c1"]
    assert found(plan=["pro"], country=["NL", "DE"], email_domain=["example.org"]) == ["a1"]
    assert found(organization=["Example BV"]) == ["a2"]
    assert found(created_from=at(-1, 1)) == [ODD, "a2"]
    assert found(created_until=at(0), seen_from=at(2)) == ["a1", "a2"]
    assert found(seen_until=at(2)) == ["a4"]
    assert found(least_requests=1, most_requests=29) == ["a4"]
    assert found(in_ring=False) == ["a4"]
    assert cypher("serve/count_accounts", **WANTED, limit=4) == [{"accounts": 4}]
    assert cypher("serve/count_accounts", **WANTED | {"in_ring": True}, limit=99) == [{"accounts": 5}]
    assert cypher("serve/list_account_groups", **WANTED, by="status", limit=9) == [
        {"value": "active", "accounts": 5, "requests": 91},
        {"value": "terminated", "accounts": 1, "requests": 0},
    ]
    assert cypher("serve/list_account_groups", **WANTED, by="label", limit=2) == [
        {"value": None, "accounts": 4, "requests": 61},
        {"value": "abuse", "accounts": 1, "requests": 0},
    ]


@pytest.mark.query("serve/list_links", "serve/list_ring_links", "serve/stream_links")
def test_links(known: Neo4jStore, cypher: Cypher) -> None:
    of_a2 = {"of": "a2"}
    assert _native(cypher("serve/list_links", accounts=["a2"], limit=9)) == [of_a2 | A1_A2, of_a2 | A2_A3]
    found = _native(cypher("serve/list_links", accounts=["a2", "a1"], limit=1))
    assert found == [{"of": "a1"} | A1_A2, of_a2 | A1_A2]
    r1 = {"ring_id": "r1"}
    rows = _native(cypher("serve/list_ring_links", rings=["r1", "r2"], limit=9))
    assert rows == [r1 | A1_A2, r1 | A2_A3, r1 | A3_A4, {"ring_id": "r2"} | ODD_C1]
    assert _native(cypher("serve/list_ring_links", rings=["r1"], limit=1)) == [r1 | A1_A2]
    assert cypher("serve/stream_links") == list(map(_micros, [ODD_C1, A1_A2, A2_A3, A3_A4]))


@pytest.mark.query("serve/list_pair_accounts", "serve/list_pair_identifiers", "serve/list_pair_uses")
def test_what_explains_a_pair(known: Neo4jStore, cypher: Cypher) -> None:
    accounts = cypher("serve/list_pair_accounts", ids=["a3", "a2"])
    assert [(row["id"], row["starts"], row["breadth"]) for row in accounts] == [
        (name, STARTS, [0.0] * 6) for name in ("a2", "a3")
    ]
    identifiers = cypher("serve/list_pair_identifiers", ids=["a3", "a2"])
    thing = {"key": BIN, "kind": "bin", "facet": "payment", "place": None, "degree": 4, "peak": 2, "bits": 2.0}
    assert identifiers == [_micros(thing | {"windowed": False, "first_seen": at(0), "last_seen": at(2)})]
    assert cypher("serve/list_pair_uses", ids=["a3", "a2"]) == [
        _micros(
            {
                "account_id": name,
                "key": BIN,
                "days": [DAY + day],
                "requests": 1,
                "first_seen": at(day),
                "last_seen": at(day, 5),
            }
        )
        for name, day in (("a2", 2), ("a3", 1))
    ]


@pytest.mark.query("serve/list_sharing_identifiers", "serve/list_sharing_uses")
def test_what_shares_identifiers(known: Neo4jStore, cypher: Cypher) -> None:
    keys = [CARD, BIN, "no key"]
    assert [row["key"] for row in cypher("serve/list_sharing_identifiers", keys=keys)] == [CARD, BIN]
    uses = cypher("serve/list_sharing_uses", keys=keys, limit=3)
    assert [(row["account_id"], row["key"], row["days"]) for row in uses] == [
        ("a1", CARD, [DAY]),
        ("a2", CARD, [DAY + 2]),
        ("c1", CARD, []),
    ]
    assert len(cypher("serve/list_sharing_uses", keys=keys, limit=4)) == 7


@pytest.mark.query("serve/list_rings", "serve/list_given_rings")
def test_rings(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_rings", after=None, limit=9)) == [R1, R2]
    assert _native(cypher("serve/list_rings", after="r1", limit=9)) == [R2]
    assert cypher("serve/list_rings", after="never was", limit=9) == []
    assert _native(cypher("serve/list_given_rings", rings=["r2", "r1", "none"])) == [R1, R2]


@pytest.mark.query(
    "serve/list_members",
    "serve/list_all_members",
    "serve/list_events",
    "serve/list_ring_events",
    "serve/list_new_events",
)
def test_members_and_events(known: Neo4jStore, cypher: Cypher) -> None:
    names = ("account_id", "role", "bits", "weakest_facet", "since")
    members = [[_micros(one)[name] for name in names] for one in (A1, A2, A3, A4)]
    assert cypher("serve/list_members", rings=["r1", "none"], limit=9) == [{"ring_id": "r1", "members": members}]
    rows = cypher("serve/list_members", rings=["r1", "r2"], limit=1)
    assert [(row["ring_id"], *(one[0] for one in row["members"])) for row in rows] == [("r1", "a1"), ("r2", "c1")]
    rows = cypher("serve/list_all_members", roles=["member", "bystander"])
    assert [(row["ring_id"], row["account_id"]) for row in rows] == [("r1", "a3"), ("r1", "a4"), ("r2", ODD)]
    event = {"at": at(3), "run_id": "run1", "event": "formed", "other_ring_id": ""}
    assert _native(cypher("serve/list_events", ring=None, run=None, limit=9)) == [
        event | {"ring_id": "r1"},
        event | {"ring_id": "r2"},
    ]
    assert _native(cypher("serve/list_events", ring="r2", run="run1", limit=9)) == [event | {"ring_id": "r2"}]
    assert cypher("serve/list_events", ring=None, run="run2", limit=9) == []
    assert _native(cypher("serve/list_ring_events", rings=["r2"], limit=9)) == [event | {"ring_id": "r2"}]
    start = {"run": "", "ring": "", "event": "", "other": ""}
    assert [row["ring_id"] for row in cypher("serve/list_new_events", **start, limit=9)] == ["r1", "r2"]
    behind = {"run": "run1", "ring": "r1", "event": "formed", "other": ""}
    assert [row["ring_id"] for row in cypher("serve/list_new_events", **behind, limit=9)] == ["r2"]
    assert cypher("serve/list_new_events", **behind | {"ring": "r2"}, limit=9) == []


@pytest.mark.query("serve/list_known_rings")
def test_all_rings_there_ever_were(known: Neo4jStore, cypher: Cypher) -> None:
    assert _native(cypher("serve/list_known_rings")) == [R1, R2]

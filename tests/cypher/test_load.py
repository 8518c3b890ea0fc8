"""Loading by query file: exact rows, run twice."""

from __future__ import annotations

from typing import Any

import pytest
from known_graph import CARD, DEVICE, IP, PROMPT, link_table, publication, tables

from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

TIME = "2024-10-04T09:05:00.000000Z"
ACCOUNT = dict.fromkeys(["created_at", "status", "plan", "country", "email_domain", "organization", "label"])
ACCOUNT |= dict.fromkeys(["first_seen", "last_seen", "requests", "starts", "breadth"])
IDENTIFIER = {
    "kind": "ip",
    "label": "IP",
    "facet": "network",
    "place": "home",
    "degree": 2,
    "peak": 1,
    "bits": 3.5,
    "windowed": True,
    "first_seen": TIME,
    "last_seen": None,
}


@pytest.mark.query("load/merge_accounts")
def test_merges_accounts(blank: Neo4jStore, cypher: Cypher) -> None:
    rows = [
        ACCOUNT | {"id": "a", "plan": "pro", "created_at": TIME, "starts": "1;2", "breadth": "0.5;0"},
        ACCOUNT | {"id": "b"},
    ]
    assert cypher("load/merge_accounts", rows=rows) == [{"rows": 2}]
    assert cypher.look("MATCH (a:Account {id: 'a'}) RETURN a.starts, a.breadth") == [[[1, 2], [0.5, 0.0]]]
    assert cypher("load/merge_accounts", rows=[ACCOUNT | {"id": "a", "country": "NL"}]) == [{"rows": 1}]
    assert cypher.look("MATCH (a:Account) RETURN a.id, properties(a) ORDER BY a.id") == [
        ["a", {"id": "a", "country": "NL"}],
        ["b", {"id": "b"}],
    ]


@pytest.mark.query("load/merge_identifiers")
def test_merges_identifiers_with_the_label_of_their_kind(blank: Neo4jStore, cypher: Cypher) -> None:
    rows = [IDENTIFIER | {"key": IP}, IDENTIFIER | {"key": DEVICE, "kind": "device", "label": "Device", "place": None}]
    assert cypher("load/merge_identifiers", rows=rows) == [{"rows": 2}]
    found = cypher.look(
        "MATCH (i:Identifier) RETURN i.key, labels(i), i.kind, i.place, toString(i.first_seen) ORDER BY i.key"
    )
    assert [[key, sorted(labels), *rest] for key, labels, *rest in found] == [
        [IP, ["IP", "Identifier"], "ip", "home", "2024-10-04T09:05:00Z"],
        [DEVICE, ["Device", "Identifier"], "device", None, "2024-10-04T09:05:00Z"],
    ]


@pytest.mark.query("load/merge_sealed", "serve/list_sealed")
def test_keeps_sealed_values_of_what_is_there(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("load/merge_identifiers", rows=[IDENTIFIER | {"key": IP}, IDENTIFIER | {"key": CARD}])
    rows = [{"key": IP, "value": b"\x00one"}, {"key": DEVICE, "value": b"nobody's"}]
    assert cypher("load/merge_sealed", rows=rows) == [{"rows": 1}]
    cypher("load/merge_identifiers", rows=[IDENTIFIER | {"key": IP, "degree": 3}])  # a later load leaves it alone
    assert cypher("serve/list_sealed", keys=[CARD, DEVICE, IP]) == [{"key": IP, "value": b"\x00one"}]


@pytest.mark.query("load/merge_uses")
def test_merges_uses_of_what_is_there(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("load/merge_accounts", rows=[ACCOUNT | {"id": "a"}])
    cypher("load/merge_identifiers", rows=[IDENTIFIER | {"key": IP}])
    row = {"account_id": "a", "key": IP, "days": "5;6", "requests": 3, "first_seen": 60, "last_seen": None}
    assert cypher("load/merge_uses", rows=[row, row | {"key": CARD}]) == [{"rows": 1}]
    assert cypher("load/merge_uses", rows=[row | {"days": "5;6;7"}]) == [{"rows": 1}]
    assert cypher.look("MATCH (a)-[u:USED]->(i) RETURN a.id, i.key, properties(u)") == [
        ["a", IP, {"days": [5, 6, 7], "requests": 3, "first_seen": 60}]
    ]


def _row(a: str, b: str) -> list[str]:
    return [a, b, "behaviour", "3.5;0;2;0;0;1.5;0;60;"]


@pytest.mark.query("load/merge_links")
def test_links_are_merged_between_accounts_that_are_there(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("load/merge_accounts", rows=[ACCOUNT | {"id": name} for name in "ab"])
    assert cypher("load/merge_links", rows=[_row("a", "b"), _row("a", "nobody")], run="run1") == [{"rows": 1}]
    links = "MATCH (a)-[l:LINKED]->(b) RETURN a.id, b.id, l.first_seen.epochSeconds, properties(l)"
    first = cypher.look(links)
    assert first[0][:3] == ["a", "b", 60]
    assert first[0][3] | {"first_seen": None} == {
        "bits": 3.5,
        "network": 0.0,
        "payment": 2.0,
        "content": 0.0,
        "timing": 0.0,
        "device": 1.5,
        "profile": 0.0,
        "grade": "behaviour",
        "first_seen": None,
        "run": "run1",
    }


@pytest.mark.query("load/merge_links", "load/remove_links")
def test_links_of_other_runs_are_removed_some_at_a_time(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("load/merge_accounts", rows=[ACCOUNT | {"id": name} for name in "abcd"])
    rows = [_row("a", "b"), _row("a", "c"), _row("a", "d")]
    assert cypher("load/merge_links", rows=[*rows, _row("a", "nobody")], run="run1") == [{"rows": 3}]
    assert cypher("load/merge_links", rows=rows[:1], run="run2") == [{"rows": 1}]
    links = "MATCH (a)-[l:LINKED]->(b) RETURN a.id, b.id, l.bits, l.device, l.run ORDER BY b.id"
    assert cypher.look(links)[:2] == [["a", "b", 3.5, 1.5, "run2"], ["a", "c", 3.5, 1.5, "run1"]]
    removed = 0
    while rows_removed := blank._session.write("load/remove_links", run="run2", limit=1)[0]["rows"]:
        removed += rows_removed
    assert removed == 2
    assert cypher("load/remove_links", run="run2", limit=1) == [{"rows": 0}]
    assert cypher.look(links) == [["a", "b", 3.5, 1.5, "run2"]]


@pytest.mark.query("load/mark_loaded", "load/find_loaded")
def test_the_mark_of_loads_moves(blank: Neo4jStore, cypher: Cypher) -> None:
    assert cypher("load/find_loaded") == []
    assert cypher("load/mark_loaded", load=1) == [{"load": 1}]
    assert cypher("load/mark_loaded", load=2) == [{"load": 2}]
    assert cypher("load/find_loaded") == [{"load": 2}]


@pytest.mark.query("maintain/remove_uses", "maintain/remove_unused")
def test_old_uses_go_and_what_nobody_uses_then(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    users = "MATCH (a:Account)-[:USED]->(:Identifier {{key: '{}'}}) RETURN a.id ORDER BY a.id"
    assert cypher.look(users.format(PROMPT)) == [["a1"], ["a2"]]
    rows = [{"account_id": "a1", "key": PROMPT}, {"account_id": "a1", "key": "f" * 16}]
    assert blank._session.write("maintain/remove_uses", rows=rows) == [{"rows": 1}]
    assert cypher("maintain/remove_uses", rows=rows) == [{"rows": 0}]
    assert cypher.look(users.format(PROMPT)) == [["a2"]]
    identifiers = "MATCH (i:Identifier) RETURN i.key"
    before = {key for (key,) in cypher.look(identifiers)}
    assert blank._session.write("maintain/remove_unused", limit=1) == [{"rows": 1}]
    assert cypher("maintain/remove_unused", limit=1) == [{"rows": 0}]
    assert before - {key for (key,) in cypher.look(identifiers)} == {PROMPT}


@pytest.mark.query(
    "maintain/count_traces", "maintain/erase_memberships", "maintain/erase_relationships", "maintain/erase_nodes"
)
def test_an_account_and_an_identifier_go_with_all_that_hangs_on_them(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    blank.replace_links([link_table()], "run1")
    blank.publish(publication())
    gone: dict[str, Any] = {"accounts": ["a1", "nobody"], "keys": [DEVICE]}
    assert cypher("maintain/count_traces", **gone) == [
        {"accounts": 1, "identifiers": 1, "uses": 5, "links": 1, "memberships": 1, "stays": 1}
    ]
    assert blank._session.write("maintain/erase_memberships", accounts=gone["accounts"]) == [{"rows": 1}]
    assert cypher("maintain/erase_memberships", accounts=gone["accounts"]) == [{"rows": 0}]
    sizes = "MATCH (v:RingVersion)-[:VERSION_OF]->(r:Ring) RETURN r.id, r.size, v.size ORDER BY r.id"
    assert cypher.look(sizes) == [["r1", 2, 2], ["r2", 2, 2]]
    removed = 0
    while rows := blank._session.write("maintain/erase_relationships", **gone, limit=3)[0]["rows"]:
        assert rows <= 3
        removed += rows
    assert removed == 5 + 1 + 1  # uses, the link and the stay
    assert cypher("maintain/erase_relationships", **gone, limit=3) == [{"rows": 0}]
    assert blank._session.write("maintain/erase_nodes", **gone) == [{"rows": 2}]
    assert cypher("maintain/erase_nodes", **gone) == [{"rows": 0}]
    assert cypher("maintain/count_traces", **gone)[0] == dict.fromkeys(
        ("accounts", "identifiers", "uses", "links", "memberships", "stays"), 0
    )

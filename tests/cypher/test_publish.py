"""Publishing by query file: exact rows, run twice."""

from __future__ import annotations

import pytest
from known_graph import at, tables

from linkage.stores.neo4j.store import Neo4jStore

from .conftest import Cypher

pytestmark = pytest.mark.neo4j

RING = {
    "ring_id": "r1",
    "status": "active",
    "size": 2,
    "score": 4.5,
    "first_seen": at(0),
    "last_seen": at(1),
    "operator_id": "op1",
    "campaign_id": "camp1",
    "facets": ["network"],
    "context": "",
    "requests": 7,
}
PARENTS = "MATCH (r:Ring)-[e]->(p) RETURN r.id, type(e), p.id ORDER BY r.id, p.id"


def _run(run_id: str) -> dict[str, object]:
    return {"id": run_id, "started": at(0), "finished": at(1), "settings": "{}", "counts": "{}"}


@pytest.mark.query("publish/lock_pointer", "publish/merge_run", "publish/move_pointer")
def test_the_pointer_moves_to_a_run(blank: Neo4jStore, cypher: Cypher) -> None:
    current = "MATCH (:Current {name: 'run'})-[:IS]->(run) RETURN run.id"
    for run_id in ("run1", "run2"):
        assert cypher("publish/lock_pointer", run=run_id) == [{"name": "run"}]
        assert cypher("publish/merge_run", run=_run(run_id)) == [{"id": run_id}]
        assert cypher("publish/move_pointer", run=run_id) == [{"id": run_id}]
        assert cypher.look(current) == [[run_id]]
    assert cypher("publish/move_pointer", run="never was") == []
    assert cypher.look(current) == [["run2"]]


@pytest.mark.query("publish/set_seqlock", "serve/find_seqlock")
def test_every_publication_changes_the_state_of_the_sequence_lock(blank: Neo4jStore, cypher: Cypher) -> None:
    assert cypher("serve/find_seqlock") == []
    for state in (1, 2):
        assert cypher("publish/set_seqlock", before=state - 1, state=state) == [{"state": state}]
        assert cypher("publish/set_seqlock", before=7, state=8) == []
        (found,) = cypher("serve/find_seqlock")
        assert found["state"] == state
        assert 0 <= found["age"] < 60


@pytest.mark.query("publish/merge_rings", "publish/remove_orphans")
def test_rings_have_one_operator_and_one_campaign(blank: Neo4jStore, cypher: Cypher) -> None:
    rows = [RING, RING | {"ring_id": "r2", "operator_id": "", "campaign_id": ""}]
    assert cypher("publish/merge_rings", rows=rows, run="run1") == [{"rows": 2}]
    assert cypher.look(PARENTS) == [["r1", "WORKS_FOR", "camp1"], ["r1", "RUN_BY", "op1"]]
    changed = RING | {"operator_id": "op2", "campaign_id": ""}
    assert cypher("publish/merge_rings", rows=[changed], run="run2") == [{"rows": 1}]
    assert cypher.look(PARENTS) == [["r1", "RUN_BY", "op2"]]
    assert cypher.look("MATCH (r:Ring) RETURN r.id, r.run, r.size, r.facets ORDER BY r.id") == [
        ["r1", "run2", 2, ["network"]],
        ["r2", "run1", 2, ["network"]],
    ]
    assert blank._session.write("publish/remove_orphans") == [{"rows": 2}]
    assert cypher("publish/remove_orphans") == [{"rows": 0}]
    assert cypher.look("MATCH (n:Operator|Campaign) RETURN n.id") == [["op2"]]


@pytest.mark.query("publish/merge_members", "publish/remove_members")
def test_members_are_merged_and_removed(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    cypher("publish/merge_rings", rows=[RING], run="run1")
    row = {"ring_id": "r1", "account_id": "a1", "role": "core", "bits": 4.5, "weakest_facet": None, "since": at(0)}
    rows = [row, row | {"account_id": "a2", "role": "member"}, row | {"account_id": "nobody"}]
    assert cypher("publish/merge_members", rows=rows) == [{"rows": 2}]
    members = "MATCH (a)-[m:MEMBER_OF]->(r) RETURN a.id, r.id, m.role, m.bits ORDER BY a.id"
    assert cypher.look(members) == [["a1", "r1", "core", 4.5], ["a2", "r1", "member", 4.5]]
    assert blank._session.write("publish/remove_members") == [{"rows": 2}]
    assert cypher("publish/remove_members") == [{"rows": 0}]
    assert cypher.look(members) == []


@pytest.mark.query("publish/merge_events", "publish/remove_events", "publish/merge_ancestry")
def test_events_are_about_rings(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("publish/merge_rings", rows=[RING, RING | {"ring_id": "r2"}], run="run1")
    row = {"id": "1", "at": at(0), "run_id": "run1", "ring_id": "r1", "event": "formed", "other_ring_id": ""}
    rows = [row, row | {"id": "2", "ring_id": "nobody"}, row | {"id": "3", "run_id": "run0"}]
    assert cypher("publish/merge_events", rows=rows) == [{"rows": 2}]
    events = "MATCH (e:RingEvent)-[:ABOUT]->(r) RETURN e.id, e.run, e.event, e.other, r.id ORDER BY e.id"
    assert cypher.look(events) == [["1", "run1", "formed", "", "r1"], ["3", "run0", "formed", "", "r1"]]
    assert blank._session.write("publish/remove_events", run="run1") == [{"rows": 1}]
    assert cypher("publish/remove_events", run="run1") == [{"rows": 0}]
    assert [found[0] for found in cypher.look(events)] == ["3"]
    pair = {"ring_id": "r2", "other_ring_id": "r1", "type": "MERGED_INTO"}
    assert cypher("publish/merge_ancestry", rows=[pair, pair | {"other_ring_id": "nobody"}]) == [{"rows": 1}]
    assert ["r2", "MERGED_INTO", "r1"] in cypher.look(PARENTS)


@pytest.mark.query("publish/merge_versions", "publish/remove_versions", "serve/find_ring_version")
def test_versions_of_rings_are_kept_by_run(blank: Neo4jStore, cypher: Cypher) -> None:
    cypher("publish/merge_rings", rows=[RING], run="run2")
    for run, size in (("run1", 2), ("run2", 5)):
        rows = [RING | {"size": size}, RING | {"ring_id": "nobody"}]
        assert cypher("publish/merge_versions", rows=rows, run=run) == [{"rows": 1}]
    versions = "MATCH (v:RingVersion)-[:VERSION_OF]->(r:Ring) RETURN v.id, r.id, v.run, v.size ORDER BY v.id"
    assert cypher.look(versions) == [["r1|run1", "r1", "run1", 2], ["r1|run2", "r1", "run2", 5]]
    for run, size in (("run1", 2), ("run2", 5), ("run9", 5)):
        (found,) = cypher("serve/find_ring_version", ring="r1", run=run)
        times = {name: found[name].to_native() for name in ("first_seen", "last_seen")}
        assert found | times == RING | {"size": size}
    assert cypher("serve/find_ring_version", ring="r1", run="run0") == []
    assert blank._session.write("publish/remove_versions", run="run2") == [{"rows": 1}]
    assert cypher("publish/remove_versions", run="run2") == [{"rows": 0}]
    assert cypher.look(versions) == [["r1|run1", "r1", "run1", 2]]


@pytest.mark.query(
    "publish/open_stays", "publish/close_stays", "publish/reopen_stays", "serve/list_stays", "serve/list_ring_stays"
)
def test_stays_begin_and_end_with_runs(blank: Neo4jStore, cypher: Cypher) -> None:
    blank.load(tables())
    cypher("publish/merge_rings", rows=[RING], run="run1")
    row = {"ring_id": "r1", "account_id": "a1", "role": "core", "bits": 4.5, "weakest_facet": None, "since": at(0)}
    cypher("publish/merge_members", rows=[row, row | {"account_id": "a2"}])
    assert blank._session.write("publish/open_stays", run="run1") == [{"rows": 2}]
    assert cypher("publish/open_stays", run="run1") == [{"rows": 0}]
    cypher("publish/remove_members")
    cypher("publish/merge_members", rows=[row, row | {"account_id": "a2", "role": "member"}])
    assert blank._session.write("publish/close_stays", run="run2") == [{"rows": 1}]
    assert cypher("publish/close_stays", run="run2") == [{"rows": 0}]
    cypher("publish/open_stays", run="run2")
    first = {"ring_id": "r1", "account_id": "a1", "role": "core", "from_run": "run1", "until_run": ""}
    second = first | {"account_id": "a2", "until_run": "run2"}
    third = first | {"account_id": "a2", "role": "member", "from_run": "run2"}
    assert cypher("serve/list_stays") == [first, second, third]
    assert cypher("serve/list_ring_stays", ring="r1", run="run1") == [first, second]
    assert cypher("serve/list_ring_stays", ring="r1", run="run2") == [first, third]
    assert cypher("serve/list_ring_stays", ring="r1", run="run0") == []
    assert blank._session.write("publish/reopen_stays", run="run2") == [{"rows": 2}]
    assert cypher("publish/reopen_stays", run="run2") == [{"rows": 0}]
    assert cypher("serve/list_stays") == [first, second | {"until_run": ""}]

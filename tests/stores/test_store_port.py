"""What every store does, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from known_graph import (
    BIN,
    CARD,
    DEVICE,
    IP,
    ODD,
    PROMPT,
    STARTS,
    account_rows,
    at,
    identifier_rows,
    link_row,
    link_rows,
    link_table,
    publication,
    ring,
    tables,
    use_rows,
)

from linkage.errors import StoreError, UnsupportedOperation
from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, uses_schema
from linkage.model.kinds import Facet
from linkage.model.rings import Account, Event, Member, Ring, RingEvent, RingStatus, Role
from linkage.stores.base import Capability, GraphCounts, Publication, Store


def test_an_empty_store_answers_every_question(store: Store) -> None:
    assert store.counts() == GraphCounts(0, 0, 0, 0, 0)
    assert store.current_run() is None
    assert store.runs() == []
    assert store.account("a1") is None
    assert store.ring("r1") is None
    assert store.loaded_through() == 0
    nothing = (store.uses("a1"), store.users(IP), store.links("a1"), store.rings(), store.members("r1"))
    assert all(found == [] for found in nothing)
    assert store.all_members() == store.ring_links("r1") == store.events() == list(store.link_table()) == []
    assert store.components().num_rows == 0


def test_counts_what_was_loaded(filled: Store) -> None:
    assert filled.counts() == GraphCounts(accounts=6, identifiers=6, uses=15, links=4, rings=2)


def test_loading_again_changes_nothing(filled: Store) -> None:
    before = (filled.counts(), filled.accounts(["a1", ODD]), filled.uses("a1"))
    filled.load(tables())
    filled.replace_links([link_table()], "run1")
    assert (filled.counts(), filled.accounts(["a1", ODD]), filled.uses("a1")) == before


def test_loading_updates_what_is_known(filled: Store) -> None:
    changed = [row | {"status": "suspended", "plan": None} for row in account_rows() if row["id"] == "a1"]
    filled.load(tables(changed, [], []))
    account = filled.account("a1")
    assert account is not None
    assert (account.status, account.plan, account.country) == ("suspended", None, "NL")
    assert filled.counts().accounts == 6


def test_a_use_of_an_unknown_identifier_is_an_error(filled: Store) -> None:
    stray = [use_rows()[0] | {"key": "f" * 16}]
    with pytest.raises(StoreError, match="does not hold"):
        filled.load(tables([], [], stray))


def test_remembers_the_last_load(store: Store) -> None:
    store.mark_loaded(3)
    store.mark_loaded(4)
    assert store.loaded_through() == 4


def test_an_account_has_all_that_is_known_and_its_ring(filled: Store) -> None:
    assert filled.account("a1") == Account(
        account_id="a1",
        created_at=at(-1),
        status="active",
        plan="pro",
        country="NL",
        email_domain="example.org",
        organization=None,
        label=None,
        first_seen=at(0, 545),
        last_seen=at(2, 905),
        requests=30,
        ring_id="r1",
        role=Role.CORE,
    )


def test_accounts_are_those_known(filled: Store) -> None:
    found = filled.accounts(["a4", "nobody", ODD])
    assert sorted(found) == sorted(["a4", ODD])
    assert found["a4"].role is Role.BYSTANDER
    assert found[ODD].created_at == account_rows()[-1]["created_at"]
    assert found[ODD].country == ""


def test_a_role_of_its_own_comes_before_a_bystanders(filled: Store) -> None:
    given = publication()
    both = [*given.members, Member("r2", "a1", Role.BYSTANDER, 99.0, None, None)]
    filled.publish(replace(given, members=both))
    account = filled.account("a1")
    assert account is not None
    assert (account.ring_id, account.role) == ("r1", Role.CORE)


def test_uses_come_by_bits(filled: Store) -> None:
    uses = filled.uses("a1")
    assert [use.key for use in uses] == [PROMPT, IP, CARD, BIN, DEVICE]
    assert (uses[1].kind, uses[1].facet, uses[1].place, uses[1].degree) == ("ip", Facet.NETWORK, "home", 3)
    assert (uses[1].bits, uses[1].days, uses[1].requests) == (8.125, 2, 2)
    assert (uses[1].first_seen, uses[1].last_seen) == (at(0), at(1, 5))
    assert filled.uses("a1", limit=2) == uses[:2]
    assert [use.days for use in filled.uses("c1")] == [0, 0]


def test_users_come_by_id(filled: Store) -> None:
    assert filled.users(CARD) == ["a1", "a2", "c1"]
    assert filled.users(CARD, limit=1) == ["a1"]
    assert filled.users("no key") == []


def test_links_come_by_bits(filled: Store) -> None:
    links = filled.links("a2")
    assert [(link.account_a, link.account_b, link.bits) for link in links] == [("a1", "a2", 35.375), ("a2", "a3", 14.0)]
    assert links[0].facets[Facet.CONTENT] == 8.75
    assert (links[0].grade, links[0].first_seen, links[0].last_seen) == ("behaviour", at(1), at(2))
    assert filled.links("a2", limit=1) == links[:1]


def test_the_link_table_is_what_was_given_in_order(filled: Store) -> None:
    found = pa.concat_tables(list(filled.link_table()))
    assert found.schema == links_schema()
    assert found.to_pylist() == sorted(link_rows(), key=lambda row: (row["account_a"], row["account_b"]))


def test_links_of_other_runs_go(filled: Store) -> None:
    filled.replace_links([link_table([link_row("a1", "a2", payment=1.5), link_row("a1", "c1", payment=9.0)])], "run2")
    found = pa.concat_tables(list(filled.link_table())).to_pylist()
    assert [(row["account_a"], row["account_b"], row["bits"]) for row in found] == [
        ("a1", "a2", 1.5),
        ("a1", "c1", 9.0),
    ]


def test_components_join_links_of_behaviour(filled: Store) -> None:
    found = filled.components().to_pylist()
    parts: dict[int, set[str]] = {}
    for row in found:
        parts.setdefault(row["component"], set()).add(row["account_id"])
    assert sorted(map(sorted, parts.values())) == sorted([["a1", "a2", "a3"], sorted([ODD, "c1"])])
    assert [row["account_id"] for row in found] == sorted(row["account_id"] for row in found)


def test_communities_lie_inside_components(filled: Store) -> None:
    if Capability.COMMUNITIES not in filled.capabilities:
        with pytest.raises(UnsupportedOperation):
            filled.communities(1.0)
        return
    found = filled.communities(1.0)
    assert found.schema.names == ["account_id", "component", "community"]
    assert found.select(["account_id", "component"]).equals(filled.components())
    pairs = {(row["community"], row["component"]) for row in found.to_pylist()}
    assert len(pairs) == len({community for community, _ in pairs})


def test_an_import_is_refused_where_it_cannot_be(filled: Store) -> None:
    with pytest.raises(UnsupportedOperation, match="use load"):
        filled.bulk_import(tables())


def test_pair_tables_hold_what_a_pair_shares(filled: Store) -> None:
    pair = filled.pair_tables(["a1", "a2"])
    accounts, identifiers, uses = (
        pa.concat_tables(list(part)) for part in (pair.accounts, pair.identifiers, pair.uses)
    )
    assert (accounts.schema, identifiers.schema, uses.schema) == (
        accounts_schema(),
        identifiers_schema(),
        uses_schema(),
    )
    assert accounts.sort_by("id").to_pylist() == account_rows()[:2]
    shared = [IP, CARD, BIN, PROMPT]
    assert identifiers.sort_by("key").to_pylist() == [row for row in identifier_rows() if row["key"] in shared]
    expected = [row for row in use_rows() if row["key"] in shared and row["account_id"] in ("a1", "a2")]
    order = [("account_id", "ascending"), ("key", "ascending")]
    assert uses.sort_by(order).to_pylist() == sorted(expected, key=lambda row: (row["account_id"], row["key"]))
    assert accounts.column("starts").to_pylist() == [STARTS, STARTS]


def test_a_publication_is_read_back(filled: Store) -> None:
    given = publication()
    assert filled.current_run() == given.run
    assert filled.rings() == list(given.rings)
    assert filled.members("r1") == list(given.members[:4])
    assert filled.members("r1", limit=1) == [given.members[0]]
    assert filled.all_members() == sorted(given.members, key=lambda one: (one.ring_id, one.account_id))
    assert [one.account_id for one in filled.all_members([Role.BYSTANDER])] == ["a4"]
    assert filled.events() == list(given.events)
    assert filled.events("r2") == [given.events[1]]


def test_runs_come_newest_first(filled: Store) -> None:
    second = publication("run2", day=4)
    filled.publish(second)
    assert filled.runs() == [second.run, publication().run]
    assert filled.runs(limit=1) == [second.run]


def test_publishing_again_changes_nothing(filled: Store) -> None:
    before = (filled.rings(), filled.all_members(), filled.events(), filled.current_run(), filled.counts())
    filled.publish(publication())
    assert (filled.rings(), filled.all_members(), filled.events(), filled.current_run(), filled.counts()) == before


def test_rings_go_on_behind_a_ring(filled: Store) -> None:
    first = publication()
    tied = [replace(ring("r1"), ring_id=f"t{number}", score=20.0) for number in range(3)]
    filled.publish(Publication(first.run, [*first.rings, *tied], first.members, first.events))
    order = ["r1", "t0", "t1", "t2", "r2"]
    assert [one.ring_id for one in filled.rings()] == order
    pages, after = [], None
    while page := filled.rings(limit=2, after=after):
        pages += [one.ring_id for one in page]
        after = page[-1].ring_id
    assert pages == order
    assert filled.rings(after="never was") == []


def test_a_ring_that_ended_can_be_read_and_is_no_longer_listed(filled: Store) -> None:
    second = publication("run2", day=4)
    ended = replace(second.rings[1], status=RingStatus.MERGED)
    grown = replace(second.rings[0], operator_id="op2", campaign_id="")
    merged = RingEvent(at(4), "run2", "r2", Event.MERGED, "r1")
    filled.publish(Publication(second.run, [grown, ended], second.members[:4], [merged]))
    assert filled.ring("r2") == ended
    assert filled.rings() == [grown]
    assert filled.members("r2") == []
    assert filled.counts().rings == 1
    account = filled.account("c1")
    assert account is not None
    assert account.ring_id is None
    assert [event.run_id for event in filled.events()] == ["run2", "run1", "run1"]
    assert filled.events("r2")[0] == merged


def test_ring_links_lie_inside_the_ring(filled: Store) -> None:
    found = [(link.account_a, link.account_b) for link in filled.ring_links("r1")]
    assert found == [("a1", "a2"), ("a2", "a3"), ("a3", "a4")]
    assert len(filled.ring_links("r1", limit=2)) == 2


def test_a_publication_that_fails_leaves_the_one_before(filled: Store) -> None:
    before = (filled.current_run(), filled.rings(), filled.all_members(), filled.events())
    second = publication("run2", day=4)
    stray = Member("r1", "nobody", Role.CORE, 1.0, None, None)
    with pytest.raises(StoreError, match="does not hold"):
        filled.publish(replace(second, members=[*second.members, stray]))
    assert (filled.current_run(), filled.rings(), filled.all_members(), filled.events()) == before


def test_a_ring_of_twenty_thousand_is_published(store: Store) -> None:
    size = 20_000
    nobody = account_rows()[-1]
    store.load(tables([nobody | {"id": f"n{number:05}"} for number in range(size)], [], []))
    run = publication().run
    members = [Member("big", f"n{number:05}", Role.MEMBER, 1.0, None, None) for number in range(size)]
    big: Ring = ring("big", size=size)
    for run_id in ("run1", "run2"):
        store.publish(Publication(replace(run, run_id=run_id), [big], members, []))
    assert store.members("big") == members

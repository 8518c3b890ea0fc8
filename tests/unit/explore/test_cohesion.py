"""Bridges against taking each link and member away; what holds a small ring, and what speaks against it."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from link_graphs import graphs, link

from linkage.explore import bridges, cohesion
from linkage.explore.belonging import VOUCHERS
from linkage.explore.bridges import graph_of
from linkage.model.kinds import Facet
from linkage.model.rings import Account, Link, Member, Ring, RingStatus, Role, Use
from linkage.rank import support


def cut_off(links: list[Link], removed: tuple[str, ...]) -> int:
    """Returns how many fewer accounts hang together without a member or a link, by doing it."""
    graph = graph_of(links)
    part = graph.subgraph(nx.node_connected_component(graph, removed[0])).copy()
    if len(removed) == 1:
        part.remove_node(removed[0])
    else:
        part.remove_edge(*removed)
    return len(part) - max((len(piece) for piece in nx.connected_components(part)), default=0)


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_bridges_are_those_without_which_some_fall_off(links: list[Link]) -> None:
    found = {bridge.accounts: bridge.side for bridge in bridges(links, 10**6)}
    tried = [(one.account_a, one.account_b) for one in links] + [(node,) for node in graph_of(links).nodes]
    expected = {accounts: side for accounts in tried if (side := cut_off(links, accounts))}
    assert found == expected
    sides = [bridge.side for bridge in bridges(links, 10**6)]
    assert sides == sorted(sides, reverse=True)


def test_a_member_needs_as_many_vouchers_as_rank_asks() -> None:
    assert VOUCHERS == support.VOUCHERS


def account(name: str, label: str | None = None, organization: str | None = None) -> Account:
    return Account(name, None, "active", None, None, None, organization, label, None, None, 1)


def use(key: str, facet: Facet, bits: float) -> Use:
    return Use(key, facet.value, facet, None, 9, bits, None, None, 1, 1)


def both(a: str, b: str, network: float, content: float) -> Link:
    facets = {Facet.NETWORK: network, Facet.CONTENT: content}
    return Link(a, b, network + content, facets, "behaviour", None, None)


def test_the_case_of_a_ring_tells_what_holds_it_and_what_is_against() -> None:
    names = ["a", "b", "c", "d", "e"]
    members = [Member("r", name, Role.MEMBER, 20.0 - at, Facet.NETWORK, None) for at, name in enumerate(names)]
    members.append(Member("r", "z", Role.BYSTANDER, 9.0, None, None))
    links = [both(one, other, 8.0, 9.0) for one, other in [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]]
    links.append(link("d", "z", 30.0, "infrastructure"))
    uses = {name: [use("common", Facet.CONTENT, 5.0)] for name in names}
    uses["a"] = [*uses["a"], use("own", Facet.NETWORK, 9.0)]
    uses["b"] = [*uses["b"], use("pair", Facet.NETWORK, 7.0)]
    uses["c"] = [*uses["c"], use("pair", Facet.NETWORK, 7.0)]
    ring = Ring("r", RingStatus.ACTIVE, 5, 50.0, None, None, "", "", (Facet.CONTENT,), "vpn", 10)
    known = {name: account(name, "benign" if name == "a" else None) for name in names}
    case = cohesion(ring, members, links, uses, known, lambda facets: sum(facets.values()) >= 9.0)
    assert (case.members, case.links) == (5, 4)
    assert [(thing.key, thing.members) for thing in case.things] == [("common", 5), ("pair", 2)]
    assert {(one.accounts, one.side) for one in case.bridges} == {(("c", "d"), 1), (("c",), 1)}
    assert [(one.account_id, one.links) for one in case.weakest] == [("e", 0), ("d", 1), ("c", 3), ("b", 2), ("a", 2)]
    left = {one.facet: (one.links, one.members, one.pieces, one.largest) for one in case.fragility}
    assert left == {Facet.NETWORK: (4, 3, 1, 3), Facet.CONTENT: (0, 0, 0, 0)}
    assert case.cut is not None
    assert (case.cut.side, case.cut.bits) == (("d",), 17.0)
    assert case.against == (
        "most of its traffic comes from a place where strangers meet: vpn",
        "1 of 5 members is labelled benign",
        "fewer than two facets support half of its members",
        "without content nothing of it is left",
        "1 member has no link inside and belongs by what is shared with the whole of it",
        "1 account shares its infrastructure and not its behaviour, and is not to be acted on",
    )


def test_a_ring_without_links_has_no_cut() -> None:
    ring = Ring("r", RingStatus.ACTIVE, 2, 1.0, None, None, "", "", (Facet.CONTENT, Facet.NETWORK), "", 1)
    members = [Member("r", name, Role.MEMBER, 1.0, None, None) for name in "ab"]
    case = cohesion(ring, members, [], {}, {}, lambda _: True)
    assert (case.cut, case.bridges, case.fragility) == (None, (), ())
    assert case.against == ("2 members have no link inside and belong by what is shared with the whole of it",)


def test_the_longest_chain_is_told_within_its_limit() -> None:
    names = [f"m{number:04}" for number in range(3000)]
    found = bridges([link(one, other, 1.0) for one, other in pairwise(names)], 5)
    assert [bridge.side for bridge in found] == [1500, 1499, 1499, 1499, 1499]

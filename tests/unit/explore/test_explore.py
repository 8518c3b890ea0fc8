"""Paths, neighbourhoods, terminations and cuts, each against an oracle on random graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_graphs import NAMES, graphs, link

from linkage.explore import cheapest_cut, neighbourhood, removal, strongest_path
from linkage.explore.path import HOPS
from linkage.model.rings import Account, Link, Member, Ring, RingStatus, Role


class Graph:
    """Links by account, and how often they were asked for."""

    def __init__(self, links: Sequence[Link]) -> None:
        self.links = links
        self.reads = 0

    def __call__(self, accounts: Sequence[str]) -> Mapping[str, Sequence[Link]]:
        self.reads += 1
        found = {
            one: sorted((x for x in self.links if one in (x.account_a, x.account_b)), key=lambda x: -x.bits)
            for one in accounts
        }
        return {one: links for one, links in found.items() if links}


def as_graph(links: Sequence[Link]) -> Any:
    graph = nx.Graph()
    graph.add_nodes_from(NAMES)
    graph.add_weighted_edges_from((one.account_a, one.account_b, one.bits) for one in links)
    return graph


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_the_strongest_path_is_the_one_with_the_strongest_weakest_link(links: list[Link]) -> None:
    found = strongest_path("a", "b", Graph(links))
    paths = [
        min(as_graph(links)[x][y]["weight"] for x, y in pairwise(path))
        for path in nx.all_simple_paths(as_graph(links), "a", "b", cutoff=HOPS)
    ]
    if not paths:
        assert found is None
        return
    assert found is not None
    assert found.bits == max(paths)
    assert (found.accounts[0], found.accounts[-1]) == ("a", "b")
    assert len(set(found.accounts)) == len(found.accounts) == len(found.links) + 1
    for (one, other), used in zip(pairwise(found.accounts), found.links, strict=True):
        assert {one, other} == {used.account_a, used.account_b}


def test_a_path_costs_a_read_for_each_step_from_each_end() -> None:
    graph = Graph([link(f"n{at}", f"n{at + 1}", 5.0) for at in range(20)])
    assert strongest_path("n0", "n6", graph) is not None
    assert graph.reads == HOPS
    assert strongest_path("n0", "n7", graph) is None


@given(graphs(), st.integers(1, 3), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_a_neighbourhood_is_what_lies_within_so_many_links(links: list[Link], hops: int, limit: int) -> None:
    graph = Graph(links)
    found = neighbourhood("a", hops, limit, graph)
    lengths = nx.single_source_shortest_path_length(as_graph(links), "a", cutoff=hops)
    assert len(found.distance) <= limit + 1
    assert all(lengths[one] == distance for one, distance in found.distance.items()) or found.cut
    assert found.cut or found.distance == lengths
    assert graph.reads <= hops
    assert all({one.account_a, one.account_b} <= found.distance.keys() for one in found.links)


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_the_cheapest_cut_is_that_of_networkx(links: list[Link]) -> None:
    graph = as_graph(links)
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    weak = [link(a, b, 1.0, "infrastructure") for a, b in (("a", "b"), ("c", "z")) if not graph.has_edge(a, b)]
    found = cheapest_cut(NAMES, [*links, *weak])  # links that make no members hold nothing together
    if not links:
        assert found is None
        return
    assert found is not None
    assert found.bits == nx.stoer_wagner(graph.subgraph(parts[0]))[0]
    assert found.accounts == len(parts[0])
    assert 0 < len(found.side) <= len(parts[0]) // 2
    rest = nx.Graph(graph.subgraph(parts[0]))
    rest.remove_edges_from((one.account_a, one.account_b) for one in found.links)
    assert not nx.is_connected(rest)


def test_one_account_is_not_cut() -> None:
    assert cheapest_cut(["a"], []) is None


def account(name: str, requests: int, role: Role | None = Role.MEMBER, label: str | None = None) -> Account:
    ring = "r" if role else None
    return Account(name, None, "active", None, None, None, None, label, None, None, requests, ring, role)


@pytest.mark.parametrize(("gone", "pieces", "largest", "left"), [("b", 2, 1, 90), ("a", 1, 2, 50), ("abc", 0, 0, 0)])
def test_what_remains_of_a_ring(gone: str, pieces: int, largest: int, left: int) -> None:
    ring = Ring("r", RingStatus.ACTIVE, 3, 9.0, None, None, "", "", (), "", 100)
    roles = {"a": Role.CORE, "b": Role.MEMBER, "c": Role.MEMBER, "d": Role.BYSTANDER}
    requests = {"a": 50, "b": 10, "c": 40, "d": 7}
    members = [Member("r", name, role, 1.0, None, None) for name, role in roles.items()]
    links = [link("a", "b", 20.0), link("b", "c", 20.0), link("a", "c", 5.0, "infrastructure"), link("c", "d", 9.0)]
    terminated = {name: account(name, requests[name], roles[name]) for name in gone}
    found = removal(terminated, [ring], {"r": members}, {"r": links})
    (rest,) = found.rings
    assert (rest.before, rest.removed, rest.left) == (3, len(gone), 3 - len(gone))
    assert (rest.pieces, rest.largest, rest.requests_left) == (pieces, largest, left)
    assert found.requests == sum(requests[name] for name in gone)
    assert found.innocents == ()


def test_innocents_are_named_with_the_reason() -> None:
    hit = {
        "b": account("b", 1, Role.BYSTANDER),
        "m": account("m", 1, Role.MEMBER, "benign"),
        "n": account("n", 1, None),
        "t": account("t", 1, None, "abuse"),
        "x": account("x", 1),
    }
    found = removal(hit, [], {}, {})
    assert [(one.account_id, one.reason) for one in found.innocents] == [
        ("b", "it is a bystander of r"),
        ("m", "it is labelled benign"),
        ("n", "it is in no ring"),
    ]
    assert (found.accounts, found.requests) == (5, 5)

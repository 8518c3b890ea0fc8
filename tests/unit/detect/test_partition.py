"""Communities: components against networkx, joining by its properties, and the partition that both make."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.detect import partition
from linkage.detect.join import join_pieces
from linkage.detect.leiden import leiden
from linkage.detect.pieces import held_together, pieces
from linkage.kernels.forest import components, spanning_weight
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS

NODES = 14
Edge = tuple[int, int, int]
EDGES = st.dictionaries(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 9),
    max_size=40,
).map(lambda found: [(a, b, bits) for (a, b), bits in found.items()])


def _columns(edges: list[Edge]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(edges, np.int32).reshape(-1, 3)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def _links(edges: list[Edge], grade: int = 0) -> LinkColumns:
    a, b, bits = _columns(edges)
    facets = np.zeros((len(edges), len(FACETS)), np.int32)
    return LinkColumns(a, b, bits, facets, np.full(len(edges), grade, np.uint8))


def _graph(edges: list[Edge]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(NODES))
    graph.add_weighted_edges_from(edges)
    return graph


def _clique(nodes: list[int], bits: int = 20_000) -> list[Edge]:
    return [(a, b, bits) for a, b in combinations(sorted(nodes), 2)]


def _groups(community: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(community == name).tolist()) for name in np.unique(community[community >= 0])}


@settings(deadline=None)
@given(EDGES)
def test_components_are_those_of_networkx(edges: list[Edge]) -> None:
    a, b, _ = _columns(edges)
    found = components(a, b, NODES)
    expected = {node: min(part) for part in nx.connected_components(_graph(edges)) for node in part}
    assert found.tolist() == [expected[node] for node in range(NODES)]


@settings(deadline=None)
@given(EDGES)
def test_a_spanning_forest_weighs_what_networkx_says(edges: list[Edge]) -> None:
    a, b, bits = _columns(sorted(edges, key=lambda edge: -edge[2]))
    label = components(a, b, NODES)
    names, group = np.unique(label, return_inverse=True)
    found = spanning_weight(a, b, bits, group[a], len(names), NODES)
    for number, name in enumerate(names):
        part = _graph(edges).subgraph(np.flatnonzero(label == name).tolist())
        tree = nx.maximum_spanning_tree(part)
        assert found[number] == sum(data["weight"] for _, _, data in tree.edges(data=True))


def _joined(edges: list[Edge], pieces: list[list[int]]) -> set[frozenset[int]]:
    community = np.full(NODES, -1, np.int32)
    for number, piece in enumerate(pieces):
        community[piece] = number
    return _groups(join_pieces(*_columns(edges), community))


def test_two_rings_with_one_link_between_stay_apart() -> None:
    one, two = list(range(6)), list(range(6, 12))
    edges = [*_clique(one), *_clique(two), (0, 6, 20_000)]
    assert _joined(edges, [one, two]) == {frozenset(one), frozenset(two)}


def test_pieces_of_one_ring_are_joined() -> None:
    ring = list(range(12))
    assert _joined(_clique(ring), [ring[:4], ring[4:6], ring[6:]]) == {frozenset(ring)}


def test_pieces_join_in_turn_when_each_alone_would_not() -> None:
    # a chain of four cliques, each pair of neighbours firmly tied: it ends as one
    cliques = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    edges = [edge for one in cliques for edge in _clique(one)]
    edges += [(one[at], two[at], 20_000) for one, two in pairwise(cliques) for at in (0, 1)]
    assert _joined(edges, cliques) == {frozenset(range(12))}


@settings(deadline=None)
@given(edges=EDGES, cuts=st.lists(st.integers(0, 4), min_size=NODES, max_size=NODES), order=st.randoms())
def test_joining_only_joins_and_leaves_nothing_firm(edges: list[Edge], cuts: list[int], order: object) -> None:
    whole = components(*_columns(edges)[:2], NODES)
    _, pieces = np.unique(whole * 10 + np.array(cuts), return_inverse=True)
    pieces = pieces.astype(np.int32)
    found = join_pieces(*_columns(edges), pieces)
    for piece in np.unique(pieces):
        assert len(set(found[pieces == piece].tolist())) == 1
    assert all(len(set(whole[list(group)].tolist())) == 1 for group in _groups(found))
    a, b, bits = _columns(edges)
    for one, two in combinations(np.unique(found).tolist(), 2):
        between = bits[((found[a] == one) & (found[b] == two)) | ((found[a] == two) & (found[b] == one))].sum()
        volume = [bits[found[a] == name].sum() + bits[found[b] == name].sum() for name in (one, two)]
        assert between == 0 or between / min(volume) < 0.10
    shuffled = list(edges)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join_pieces(*_columns(shuffled), pieces).tolist() == found.tolist()


def test_who_is_in_no_community_stays_out() -> None:
    community = np.array([0, 0, -1, -1], np.int32)
    assert join_pieces(*_columns([(0, 1, 5)]), community).tolist() == [0, 0, -1, -1]


def test_a_partition_finds_rings_and_leaves_out_the_unlinked() -> None:
    one, two = list(range(5)), list(range(5, 10))
    edges = [*_clique(one), *_clique(two), (4, 5, 15_000), (11, 12, 30_000)]
    found = partition(_links(edges), NODES)
    assert _groups(found) == {frozenset(one), frozenset(two), frozenset([11, 12])}
    assert (found[[10, 13]] == -1).all()


def test_infrastructure_makes_no_community() -> None:
    assert (partition(_links(_clique(list(range(6))), grade=1), NODES) == -1).all()
    assert (partition(_links([]), NODES) == -1).all()


@settings(deadline=None)
@given(EDGES)
def test_communities_that_a_store_found_give_the_same_partition(edges: list[Edge]) -> None:
    links = _links([(a, b, 1000 * bits) for a, b, bits in edges])
    whole = components(links.a, links.b, NODES)
    here = partition(links, NODES)
    assert all(len(set(whole[list(group)].tolist())) == 1 for group in _groups(here))
    large = links.take(np.bincount(whole, minlength=NODES)[whole[links.a]] > 3)
    cut = pieces(large.a, large.b, large.bits, whole[large.a], int(large.bits.sum()))
    # a store names every linked account, with numbers of its own
    found = {node: 9000 + int(whole[node]) for node in range(NODES)}
    found |= {node: 3 * name + 5 for node, name in zip(*(column.tolist() for column in cut), strict=True)}
    assert partition(links, NODES, found).tolist() == here.tolist()


@pytest.mark.parametrize("size", [8, 14])
def test_a_named_partition_is_taken_as_it_is(size: int) -> None:
    ring = list(range(size))
    edges = [*_clique(ring[: size // 2]), *_clique(ring[size // 2 :]), (0, size - 1, 20_000)]
    named = {node: 5 if node < size // 2 else 9 for node in ring}
    assert _groups(partition(_links(edges), NODES, named)) == _groups(partition(_links(edges), NODES))


def test_leiden_is_deterministic() -> None:
    edges = [*_clique(list(range(6))), *_clique(list(range(5, 12)))]
    assert len({tuple(sorted(leiden(*_columns(edges), 1.0).items())) for _ in range(3)}) == 1


def _modularity(links: LinkColumns, name: np.ndarray) -> float:
    """Returns the modularity of a partition, over all links."""
    total = links.bits.sum()
    inside = links.bits[name[links.a] == name[links.b]].sum() / total
    volume = np.bincount(name[links.a], links.bits, NODES) + np.bincount(name[links.b], links.bits, NODES)
    return float(inside - ((volume / (2 * total)) ** 2).sum())


@settings(deadline=None)
@given(EDGES)
def test_pieces_of_components_have_the_modularity_of_all_links_together(edges: list[Edge]) -> None:
    links = _links(edges)
    if len(links) == 0:
        return
    whole, kept = held_together(links.a, links.b, links.bits, NODES)
    assert kept.all()
    found, together = whole.copy(), whole.copy()
    nodes, names = pieces(links.a, links.b, links.bits, whole[links.a], int(links.bits.sum()))
    found[nodes] = names
    for node, name in leiden(links.a, links.b, links.bits, 1.0).items():
        together[node] = name
    assert _modularity(links, found) >= _modularity(links, together) - 0.05
    order = np.random.default_rng(1).permutation(len(links))
    again = pieces(links.a[order], links.b[order], links.bits[order], whole[links.a[order]], int(links.bits.sum()))
    assert dict(zip(*again, strict=True)) == dict(zip(nodes, names, strict=True))


def test_the_weakest_links_of_a_large_component_are_set_aside_and_nobody_is_dropped() -> None:
    one, two = list(range(6)), list(range(6, 12))
    edges = [*_clique(one, 40_000), *_clique(two, 40_000), (5, 6, 20_000), (0, 12, 21_000), (1, 12, 21_000)]
    links = _links(edges)
    whole, kept = held_together(links.a, links.b, links.bits, NODES, most=20)
    assert [edge for edge, stays in zip(edges, kept, strict=True) if not stays] == edges[-3:]
    assert set(whole[one]) == {0}
    assert set(whole[two]) == {6}
    found = partition(links, NODES, most=20)
    assert _groups(found) == {frozenset([*one, 12]), frozenset(two)}


def test_a_component_that_stays_too_large_ends_in_pieces_that_join_again() -> None:
    ring = list(range(8))
    links = _links(_clique(ring))
    assert not held_together(links.a, links.b, links.bits, NODES, most=5)[1].any()
    assert _groups(partition(links, NODES, most=5)) == {frozenset(ring)}

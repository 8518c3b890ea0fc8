"""Rings from communities: support against networkx, roles, bystanders and scores by hand."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import Role
from linkage.rank.rings import rank
from linkage.rank.support import supported
from linkage.settings import Settings

NODES = 16
BEHAVIOUR, INFRASTRUCTURE = 0, 1
Row = tuple[int, int, dict[str, int], int]


def _links(rows: list[Row]) -> LinkColumns:
    facets = np.zeros((len(rows), len(FACETS)), np.int32)
    for number, (_, _, bits, _) in enumerate(rows):
        for name, value in bits.items():
            facets[number, FACETS.index(Facet(name))] = value
    ends = np.array([row[:2] for row in rows], np.int32).reshape(-1, 2)
    grade = np.array([row[3] for row in rows], np.uint8)
    return LinkColumns(ends[:, 0].copy(), ends[:, 1].copy(), facets.sum(axis=1).astype(np.int32), facets, grade)


def _clique(nodes: list[int], **bits: int) -> list[Row]:
    return [(a, b, bits, BEHAVIOUR) for a, b in combinations(nodes, 2)]


def _community(*groups: list[int]) -> np.ndarray:
    found = np.full(NODES, -1, np.int32)
    for number, group in enumerate(groups):
        found[group] = number
    return found


PAIRS = st.sets(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda pair: pair[0] < pair[1]), max_size=50
)


@settings(deadline=None)
@given(pairs=PAIRS, groups=st.lists(st.integers(-1, 2), min_size=NODES, max_size=NODES))
def test_support_is_the_2_core_of_each_community(pairs: set[tuple[int, int]], groups: list[int]) -> None:
    listed = sorted(pairs)
    kept = supported(_links([(a, b, {"payment": 1}, BEHAVIOUR) for a, b in listed]), np.array(groups, np.int32))
    expected = set()
    for number in range(3):
        inside = [(a, b) for a, b in listed if groups[a] == groups[b] == number]
        expected |= {tuple(sorted(edge)) for edge in nx.k_core(nx.Graph(inside), 2).edges}
    assert {pair for pair, stays in zip(listed, kept, strict=True) if stays} == expected


def test_a_ring_has_a_score_roles_and_facets() -> None:
    # a clique of five, one who hangs on by two links, and one by a single link, who is out
    rows = _clique([0, 1, 2, 3, 4], payment=10_000, content=6_000)
    rows += [(3, 5, {"payment": 9_000, "timing": 5_000}, BEHAVIOUR), (4, 5, {"device": 12_000}, BEHAVIOUR)]
    rows += [(0, 6, {"payment": 20_000, "content": 9_000}, BEHAVIOUR)]
    (ring,) = rank(_links(rows), _community([0, 1, 2, 3, 4, 5, 6]), Settings())
    assert ring.accounts == ring.members == (0, 1, 2, 3, 4, 5)
    assert ring.roles == (*[Role.CORE] * 5, Role.MEMBER)
    assert ring.bits == (16.0, 16.0, 16.0, 16.0, 16.0, 14.0)
    assert ring.score == 4 * 16.0 + 14.0
    assert ring.facets == (Facet.PAYMENT, Facet.CONTENT)
    assert ring.weakest == (*[Facet.CONTENT] * 3, Facet.TIMING, Facet.CONTENT, Facet.TIMING)


def test_small_groups_and_chains_are_no_rings() -> None:
    four = _clique([0, 1, 2, 3], payment=20_000)
    chain = [(at, at + 1, {"payment": 20_000}, BEHAVIOUR) for at in range(4, 12)]
    community = _community([0, 1, 2, 3], list(range(4, 13)))
    assert rank(_links(four + chain), community, Settings()) == []
    assert len(rank(_links(four + chain), community, Settings(min_ring=4))) == 1
    assert rank(_links([]), community, Settings()) == []


def test_a_bystander_has_two_links_or_more_into_a_ring_and_stands_by_its_strongest() -> None:
    rows = _clique([0, 1, 2, 3, 4], payment=20_000) + _clique([5, 6, 7, 8, 9], payment=21_000)
    rows += [(0, 10, {"network": 15_000}, INFRASTRUCTURE), (1, 10, {"network": 16_000}, INFRASTRUCTURE)]
    rows += [(5, 10, {"network": 17_000}, INFRASTRUCTURE)]  # one link is none
    rows += [(at, 11, {"network": 14_000 + at}, INFRASTRUCTURE) for at in (0, 1, 2, 5, 6)]
    rows += [(2, 12, {"network": 18_000}, INFRASTRUCTURE)]
    second, first = rank(_links(rows), _community([0, 1, 2, 3, 4], [5, 6, 7, 8, 9]), Settings())[::-1]
    assert first.score > second.score
    assert first.members == (5, 6, 7, 8, 9)
    assert first.accounts[5:] == (11,)
    assert second.accounts[5:] == (10,)
    assert (first.roles[5], first.bits[5], first.weakest[5]) == (Role.BYSTANDER, 14.006, None)
    assert second.bits[5] == 16.0


def test_a_link_of_infrastructure_inside_adds_nothing() -> None:
    rows = _clique([0, 1, 2, 3, 4], payment=15_000)
    more = [(0, 1, {"network": 40_000}, INFRASTRUCTURE)]
    (ring,) = rank(_links(rows[1:] + more), _community([0, 1, 2, 3, 4]), Settings())
    assert ring.score == 60.0
    assert max(ring.bits) == 15.0

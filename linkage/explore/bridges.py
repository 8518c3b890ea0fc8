"""Links and members on which others hang: without one, some are joined to the rest by no link any more.

R. Tarjan: A note on finding the bridges of a graph, Information Processing Letters 2 (1974); J. Hopcroft, R. Tarjan:
Algorithm 447, Communications of the ACM 16 (1973). How many hang on each is read off the tree of blocks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linkage.model.rings import Link

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Bridge:
    """A member, or the two of a link, without whom or which `side` accounts hang on the rest by no link any more.

    `bits`: those of the link, or of all links of the member.
    """

    accounts: tuple[str, ...]
    bits: float
    side: int


def graph_of(links: Sequence[Link]) -> nx.Graph:
    """Returns the graph of some links, their bits as `weight`."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_weighted_edges_from((link.account_a, link.account_b, link.bits) for link in links)
    return graph


def bridges(links: Sequence[Link], limit: int) -> tuple[Bridge, ...]:
    """Returns the bridges among links, those on which most hang first, then those of the fewest bits."""
    import networkx as nx

    graph = graph_of(links)
    parts = [graph.subgraph(part) for part in nx.connected_components(graph)]
    found = [bridge for part in parts for bridge in _of_part(part)]
    return tuple(sorted(found, key=lambda one: (-one.side, one.bits, one.accounts))[:limit])


def _of_part(part: nx.Graph) -> Iterator[Bridge]:
    """Yields the bridges of a connected graph."""
    import networkx as nx

    blocks = [frozenset(block) for block in nx.biconnected_components(part)]
    between = frozenset(nx.articulation_points(part))
    tree = nx.Graph([(block, one) for block in blocks for one in block & between])
    tree.add_nodes_from(blocks)
    parent, size = _sizes(tree, blocks[0], between)
    for node in sorted(between):
        branches = [size[other] for other in tree[node] if parent.get(other) == node] + [len(part) - size[node]]
        bits = part.degree(node, weight="weight")
        yield Bridge((node,), round(bits, 3), len(part) - 1 - max(branches))
    for block in blocks:
        if len(block) == 2:
            one, other = sorted(block)
            beyond = size[block] if block in parent else size.get(one, 1)
            yield Bridge((one, other), round(part[one][other]["weight"], 3), min(beyond, len(part) - beyond))


def _sizes(
    tree: nx.Graph, root: Hashable, between: frozenset[str]
) -> tuple[dict[Hashable, Hashable], dict[Hashable, int]]:
    """Returns the parent of each node of the tree of blocks, and how many accounts are in and below it."""
    import networkx as nx

    parent = {child: above for above, child in nx.bfs_edges(tree, root)}
    size: dict[Hashable, int] = {}
    for node in reversed([root, *parent]):
        own = 1 if node in between else len(frozenset(node) - between)
        size[node] = size.get(node, 0) + own
        if node in parent:
            size[parent[node]] = size.get(parent[node], 0) + size[node]
    return parent, size

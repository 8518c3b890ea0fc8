"""The picture of a ring: its accounts and the links among them, or a connected part of a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.model.kinds import Facet
from linkage.model.rings import Link, Member
from linkage.stores.base import Store

SHOWN = 120
"""Accounts in one picture at most: more cannot be told apart."""
EDGES = 400
"""Links in one picture at most, the strongest."""
STEPS = 80
_PER_ACCOUNT = 40
_ALL = 100_000
WIDTH, HEIGHT, MARGIN, STEP = 640.0, 420.0, 14.0, 18.0
_ROW = int((WIDTH - 2 * MARGIN) / STEP)
_TIE = 0.5
"""Pull between parts of a ring that no link joins, in tens of bits."""


@dataclass(frozen=True, slots=True)
class Node:
    """An account at its place, in units of the picture."""

    account_id: str
    role: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two places; `facet` is the one that gives it most bits."""

    x1: float
    y1: float
    x2: float
    y2: float
    facet: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown of a ring: `accounts` and `links` say how much there is of it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    accounts: int

    @property
    def whole(self) -> bool:
        """Returns whether every account of the ring is shown."""
        return len(self.nodes) == self.accounts

    @property
    def alone(self) -> int:
        """Returns how many accounts have no link among those shown."""
        linked = {place for edge in self.edges for place in ((edge.x1, edge.y1), (edge.x2, edge.y2))}
        return sum((node.x, node.y) not in linked for node in self.nodes)

    @property
    def facets(self) -> list[str]:
        """Returns the facets of its links, in the model's order."""
        used = {edge.facet for edge in self.edges}
        return [facet.value for facet in Facet if facet.value in used]


def picture(store: Store, ring_id: str) -> Picture:
    """Returns the picture of a ring; of a large one, what its strongest account reaches by the strongest links."""
    members = store.members(ring_id, _ALL)
    role = {member.account_id: member.role.value for member in members}
    chosen = [member.account_id for member in members] if len(members) <= SHOWN else _grown(store, members)
    links = _links(store, chosen)
    place = _places(chosen, links)
    nodes = tuple(Node(one, role[one], *place[one]) for one in chosen)
    middle = sorted(link.bits for link in links)[len(links) // 2] if links else 0.0
    edges = tuple(
        Edge(*place[link.account_a], *place[link.account_b], _strongest(link), link.bits > middle) for link in links
    )
    return Picture(nodes, edges, len(members))


def _grown(store: Store, members: Sequence[Member]) -> list[str]:
    """Returns accounts of a large ring that hang together, found from its strongest one outwards."""
    inside = {member.account_id for member in members}
    chosen: dict[str, None] = {}
    start = iter(member.account_id for member in members)
    frontier: list[str] = []
    while len(chosen) < SHOWN:
        if not frontier:
            frontier = [next(account for account in start if account not in chosen)]
        chosen |= dict.fromkeys(frontier[: SHOWN - len(chosen)])
        found = store.links_of(frontier, _PER_ACCOUNT)
        strongest = sorted((link for links in found.values() for link in links), key=_by_bits)
        ends = dict.fromkeys(end for link in strongest for end in (link.account_a, link.account_b))
        frontier = [end for end in ends if end in inside and end not in chosen]
    return list(chosen)


def _links(store: Store, chosen: Sequence[str]) -> list[Link]:
    inside = set(chosen)
    found = store.links_of(chosen, len(chosen))
    links = {(link.account_a, link.account_b): link for some in found.values() for link in some}
    kept = [link for link in links.values() if link.account_a in inside and link.account_b in inside]
    return sorted(kept, key=_by_bits)[:EDGES]


def _by_bits(link: Link) -> tuple[float, str, str]:
    return -link.bits, link.account_a, link.account_b


def _strongest(link: Link) -> str:
    return max(Facet, key=lambda facet: link.facets.get(facet, 0.0)).value


def _places(accounts: Sequence[str], links: Sequence[Link]) -> dict[str, tuple[float, float]]:
    """Returns places by a spring layout (Fruchterman and Reingold 1991), equal for equal rings.

    Accounts without a link among those shown lie at the lower edge, row by row.
    """
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(accounts)
    graph.add_weighted_edges_from((link.account_a, link.account_b, link.bits / 10) for link in links)
    alone = [account for account in accounts if graph.degree(account) == 0]
    graph.remove_nodes_from(alone)
    strip = {
        account: (MARGIN + STEP * (number % _ROW), HEIGHT - MARGIN - STEP * (number // _ROW))
        for number, account in enumerate(alone)
    }
    if not graph:
        return strip
    parts = [min(part) for part in sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))]
    graph.add_weighted_edges_from((parts[0], other, _TIE) for other in parts[1:])  # or they fly out of sight
    found = nx.spring_layout(graph, seed=1, iterations=STEPS, k=1.6 / len(graph) ** 0.5)
    room = HEIGHT - 2 * MARGIN - STEP * -(-len(alone) // _ROW)
    return strip | _fitted({account: (float(x), float(y)) for account, (x, y) in found.items()}, room)


def _fitted(found: dict[str, tuple[float, float]], room: float) -> dict[str, tuple[float, float]]:
    """Returns the places stretched to the width of the picture and to so much of its height."""
    columns, rows = zip(*found.values(), strict=True)
    across = (WIDTH - 2 * MARGIN) / ((max(columns) - min(columns)) or 1.0)
    down = room / ((max(rows) - min(rows)) or 1.0)
    return {
        account: (round(MARGIN + across * (x - min(columns)), 1), round(MARGIN + down * (y - min(rows)), 1))
        for account, (x, y) in found.items()
    }

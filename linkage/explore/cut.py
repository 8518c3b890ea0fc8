"""The cheapest cut of a ring: the fewest bits of links that must be given up for its largest part to fall into two.

Links are those that make members, of grade behaviour; between parts that none of them joins there is nothing to be cut.

What it would cost an operator to evade: links are evidence, and each that is cut means other cards, other exits or
other prompts. M. Stoer, F. Wagner: A simple min-cut algorithm, J. ACM 44 (1997), over a matrix of bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.explore.bridges import graph_of
from linkage.model.rings import Link
from linkage.model.weights import GRADES

MOST_ACCOUNTS = 400
"""The algorithm takes the cube of the accounts: half a second for these."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut: its bits, the smaller side, the links across, and of how many accounts it was made."""

    bits: float
    side: tuple[str, ...]
    links: tuple[Link, ...]
    accounts: int


def cheapest_cut(accounts: Sequence[str], links: Sequence[Link]) -> Cut | None:
    """Returns the cheapest cut of the first MOST_ACCOUNTS of those accounts that are in the largest part of what links
    of grade behaviour join, None where they join nothing."""
    import networkx as nx

    known = set(accounts)
    links = [link for link in links if link.grade == GRADES[0] and {link.account_a, link.account_b} <= known]
    parts = nx.connected_components(graph_of(links))
    largest: set[str] = min(parts, key=lambda part: (-len(part), min(part)), default=set())
    names = [one for one in accounts if one in largest][:MOST_ACCOUNTS]
    if len(names) < 2:
        return None
    number = {name: at for at, name in enumerate(names)}
    inside = [link for link in links if link.account_a in number and link.account_b in number]
    weight = np.zeros((len(names), len(names)))
    for link in inside:
        a, b = number[link.account_a], number[link.account_b]
        weight[a, b] = weight[b, a] = link.bits
    chosen = _minimum(weight)
    if 2 * len(chosen) > len(names):
        chosen = set(range(len(names))) - chosen
    side = {names[at] for at in chosen}
    across = [link for link in inside if (link.account_a in side) is not (link.account_b in side)]
    across.sort(key=lambda link: (-link.bits, link.account_a, link.account_b))
    return Cut(round(sum(link.bits for link in across), 3), tuple(sorted(side)), tuple(across), len(names))


def _minimum(weight: npt.NDArray[Any]) -> set[int]:
    """Returns one side of a minimum cut of a symmetric matrix of weights."""
    size = len(weight)
    weight = weight.copy()
    merged = [{at} for at in range(size)]
    alive = np.ones(size, bool)
    best, side = np.inf, {0}
    for left in range(size, 1, -1):
        reach = np.where(alive, 0.0, -1.0)
        last = before = -1
        for _ in range(left):
            before, last = last, int(np.argmax(reach))
            cost = reach[last]
            reach = np.where(reach >= 0, reach + weight[last], reach)
            reach[last] = -1.0
        if cost < best:
            best, side = cost, set(merged[last])
        merged[before] |= merged[last]
        weight[before] += weight[last]
        weight[:, before] += weight[:, last]
        weight[before, before] = 0.0
        alive[last] = False
        weight[last] = weight[:, last] = 0.0
    return side

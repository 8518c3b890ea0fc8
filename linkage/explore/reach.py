"""What lies around an account: the accounts within a few links of it, the strongest first, and the links among them."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.explore.path import LinksOf
from linkage.model.rings import Link

MOST_HOPS = 3


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Accounts with their distance in links, nearest and strongest first; `cut` tells whether more were in reach."""

    distance: dict[str, int]
    links: tuple[Link, ...]
    cut: bool


def neighbourhood(account: str, hops: int, limit: int, links_of: LinksOf) -> Neighbourhood:
    """Returns at most `limit` accounts beside this one within `hops` links, and all links found among them."""
    distance = {account: 0}
    seen: dict[tuple[str, str], Link] = {}
    frontier = [account]
    cut = False
    for hop in range(1, hops + 1):
        reached: dict[str, float] = {}
        for one, links in links_of(frontier).items():
            for link in links:
                seen[link.account_a, link.account_b] = link
                other = link.account_b if link.account_a == one else link.account_a
                if other not in distance:
                    reached[other] = max(reached.get(other, 0.0), link.bits)
        ranked = sorted(reached, key=lambda other: (-reached[other], other))
        frontier = ranked[: limit + 1 - len(distance)]
        cut = cut or len(frontier) < len(ranked)
        distance |= dict.fromkeys(frontier, hop)
        if not frontier:
            break
    inside = [link for pair, link in sorted(seen.items()) if pair[0] in distance and pair[1] in distance]
    return Neighbourhood(distance, tuple(inside), cut)

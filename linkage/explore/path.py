"""The strongest chain of evidence between two accounts: that whose weakest link has the most bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from linkage.model.rings import Link

LinksOf = Callable[[Sequence[str]], Mapping[str, Sequence[Link]]]
"""Returns the links of each of several accounts, most bits first."""
HOPS = 6
"""Links of the longest path that is looked for, half of them from each end."""
FRONTIER = 500
"""Accounts that are gone on from in one step: those reached by the strongest chains."""


@dataclass(frozen=True, slots=True)
class EvidencePath:
    """A chain of links from one account to another; `bits` are those of its weakest link."""

    accounts: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def bits(self) -> float:
        """Returns the bits of the weakest link."""
        return min(link.bits for link in self.links)


@dataclass(frozen=True, slots=True)
class _Chain:
    """A chain from one end to an account."""

    bits: float
    links: tuple[Link, ...]


def strongest_path(a: str, b: str, links_of: LinksOf) -> EvidencePath | None:
    """Returns the path of at most HOPS links whose weakest link is the strongest, the shortest of equal ones.

    None if there is none. It is exact as long as no step reaches more than FRONTIER accounts.
    """
    from_a, from_b = (_chains(end, links_of) for end in (a, b))
    meeting = from_a.keys() & from_b.keys()
    if not meeting:
        return None

    def rank(at: str) -> tuple[float, int, str]:
        return -min(from_a[at].bits, from_b[at].bits), len(from_a[at].links) + len(from_b[at].links), at

    at = min(meeting, key=rank)
    return _joined(a, (*from_a[at].links, *reversed(from_b[at].links)))


def _chains(start: str, links_of: LinksOf) -> dict[str, _Chain]:
    """Returns the strongest chain of at most half of HOPS links from the start to each account that it reaches."""
    best = {start: _Chain(float("inf"), ())}
    frontier = [start]
    for _ in range(HOPS // 2):
        found = links_of(frontier)
        better: dict[str, _Chain] = {}
        for account in frontier:
            here = best[account]
            for link in found.get(account, ()):
                other = link.account_b if link.account_a == account else link.account_a
                chain = _Chain(min(here.bits, link.bits), (*here.links, link))
                known = better.get(other) or best.get(other)
                if known is None or chain.bits > known.bits:
                    better[other] = chain
        best |= better
        frontier = sorted(better, key=lambda one: (-better[one].bits, one))[:FRONTIER]
        if not frontier:
            break
    return best


def _joined(start: str, links: tuple[Link, ...]) -> EvidencePath:
    """Returns the path of these links from the start on, without the detours that two halves may make together."""
    accounts, kept = [start], list[Link]()
    for link in links:
        other = link.account_b if link.account_a == accounts[-1] else link.account_a
        if other in accounts:
            at = accounts.index(other)
            accounts, kept = accounts[: at + 1], kept[:at]
        else:
            accounts.append(other)
            kept.append(link)
    return EvidencePath(tuple(accounts), tuple(kept))

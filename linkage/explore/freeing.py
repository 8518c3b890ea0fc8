"""The smallest set of things whose loss frees an account: the counterfactual of its membership.

A link stands on reasons: sets of things that are enough for it. What frees an account has a thing of every reason of
every link, so the smallest set that does is a minimum hitting set of reasons that are found as they are needed:
K. Chandrasekaran, R. Karp, E. Moreno-Centeno, S. Vempala: Algorithms for implicit hitting set problems, SODA 2011.
It is exact because what two accounts share less of never links them more. As an explanation: D. Martens, F. Provost:
Explaining data-driven document classifications, MIS Quarterly 38 (2014).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_REASONS = 40
"""Reasons that are looked for before a set that frees is taken as good enough."""
MOST_BRANCHES = 3_000
"""Branches of one search for a hitting set."""

Shared = Mapping[str, Mapping[str, float]]
"""What an account has in common with each other account: things with their bits, the most telling ones first."""
Links = Callable[[str, Collection[str]], bool]
"""Says whether an account is still linked to another by these of the things that the two share."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Things whose loss leaves no link; at any rate it takes `at_least` so many."""

    things: tuple[str, ...]
    at_least: int

    @property
    def exact(self) -> bool:
        """Returns whether no smaller set does it."""
        return len(self.things) == self.at_least


def smallest_loss(shared: Shared, links: Links) -> Loss:
    """Returns the fewest things without which none of the others is linked any more.

    Where it takes more than MOST_REASONS reasons to know the fewest, it is a set of which no thing can be spared.
    """
    order = list(dict.fromkeys(thing for things in shared.values() for thing in things))
    reasons: list[frozenset[str]] = []
    at_least = 0
    for _ in range(MOST_REASONS):
        hit, proven = hitting_set(reasons, order)
        at_least = max(at_least, len(hit) if proven else 0)
        standing = _standing(shared, links, hit)
        if standing is None:
            hit = hit if proven else _spared(shared, links, hit)
            return Loss(_ordered(hit, order), at_least)
        reasons.append(_reason(standing, list(shared[standing]), hit, links))
    found = min((_greedy(shared, links), _telling(shared, links, reasons, order)), key=len)
    return Loss(_ordered(found, order), at_least)


def hitting_set(reasons: Sequence[frozenset[str]], order: Sequence[str]) -> tuple[frozenset[str], bool]:
    """Returns the smallest set that has a thing of each reason, and whether it is proven to be.

    Branch and bound: on the things of the smallest reason that is not hit, most frequent first; what is left takes at
    least as many things as it has reasons with nothing in common.
    """
    place = {thing: at for at, thing in enumerate(order)}
    best = _frequent(reasons, place)
    branches = 0

    def search(chosen: frozenset[str], left: list[frozenset[str]]) -> None:
        nonlocal best, branches
        branches += 1
        if not left:
            best = chosen if len(chosen) < len(best) else best
            return
        if len(chosen) + _disjoint(left) >= len(best) or branches > MOST_BRANCHES:
            return
        count = Counter(thing for reason in left for thing in reason)
        smallest = min(left, key=len)
        for thing in sorted(smallest, key=lambda one: (-count[one], place[one])):
            search(chosen | {thing}, [reason for reason in left if thing not in reason])

    search(frozenset(), sorted(set(reasons), key=lambda reason: (len(reason), sorted(reason))))
    return best, branches <= MOST_BRANCHES


def _frequent(reasons: Iterable[frozenset[str]], place: Mapping[str, int]) -> frozenset[str]:
    """Returns a hitting set made of the thing that is in most of the reasons left, again and again."""
    left, chosen = list(reasons), set[str]()
    while left:
        count = Counter(thing for reason in left for thing in reason)
        thing = min(count, key=lambda one: (-count[one], place[one]))
        chosen.add(thing)
        left = [reason for reason in left if thing not in reason]
    return frozenset(chosen)


def _disjoint(reasons: Iterable[frozenset[str]]) -> int:
    """Returns how many reasons without a common thing are found, the smallest first: each takes a thing of its own."""
    seen, found = set[str](), 0
    for reason in sorted(reasons, key=len):
        if seen.isdisjoint(reason):
            seen |= reason
            found += 1
    return found


def _standing(shared: Shared, links: Links, lost: Collection[str]) -> str | None:
    """Returns the first account that is linked without what is lost."""
    return next((one for one, things in shared.items() if links(one, [t for t in things if t not in lost])), None)


def _reason(other: str, things: Sequence[str], lost: Collection[str], links: Links) -> frozenset[str]:
    """Returns things that link the two and of which none can be spared.

    They are of the fewest of the most telling things that link them, and of those the least telling ones go first.
    """
    whole = [thing for thing in things if thing not in lost]
    few, enough = 0, len(whole)
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if links(other, whole[:middle]) else (middle, enough)
    kept = whole[:enough]
    for thing in reversed(kept[:-1]):
        without = [one for one in kept if one != thing]
        if links(other, without):
            kept = without
    return frozenset(kept)


def _greedy(shared: Shared, links: Links) -> frozenset[str]:
    """Returns a set that frees: what gives the standing links most bits is lost first, then what can be spared kept."""
    lost, standing = set[str](), dict(shared)
    while standing:
        bits: Counter[str] = Counter()
        for things in standing.values():
            bits.update({thing: weight for thing, weight in things.items() if thing not in lost})
        lost.add(max(bits, key=lambda one: (bits[one], one)))
        standing = {one: things for one, things in standing.items() if links(one, [t for t in things if t not in lost])}
    return _spared(shared, links, lost)


def _telling(shared: Shared, links: Links, reasons: Iterable[frozenset[str]], order: Sequence[str]) -> frozenset[str]:
    """Returns a set that frees, from the known reasons on: each time a standing link's most telling thing is lost."""
    lost = set(_frequent(reasons, {thing: at for at, thing in enumerate(order)}))
    while (standing := _standing(shared, links, lost)) is not None:
        lost.add(next(thing for thing in shared[standing] if thing not in lost))
    return _spared(shared, links, lost)


def _spared(shared: Shared, links: Links, lost: Collection[str]) -> frozenset[str]:
    """Returns the set without things that it frees without as well: only links that had the thing can come back."""
    kept = set(lost)
    for thing in sorted(lost):
        having = {one: things for one, things in shared.items() if thing in things}
        if _standing(having, links, kept - {thing}) is None:
            kept.remove(thing)
    return frozenset(kept)


def _ordered(things: Collection[str], order: Sequence[str]) -> tuple[str, ...]:
    return tuple(thing for thing in order if thing in things)

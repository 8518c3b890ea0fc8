"""Decisions of analysts have the last word: rings as found are changed to honour them, and every change is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from linkage.model.decisions import Decision, Ruling, contradictions, groups
from linkage.model.kinds import FACETS, Facet
from linkage.model.rings import Role
from linkage.rank.rings import FoundRing

Part = tuple[Role, float, Facet | None]
"""An account's part in a ring: role, bits, weakest facet."""


@dataclass(slots=True)
class _Ring:
    """A ring while it is changed; `found`: as it was found, while it is unchanged."""

    members: dict[int, Part]
    beside: dict[int, Part]
    score: float
    facets: frozenset[Facet]
    found: FoundRing | None = None


@dataclass(slots=True)
class Decided:
    """Rings that honour all decisions, and where evidence spoke against one: decision and sentence."""

    rings: list[FoundRing]
    against: list[tuple[Decision, str]] = field(default_factory=list)


def decide(
    rings: Sequence[FoundRing], decisions: Sequence[Decision], numbers: Mapping[str, int], min_ring: int
) -> Decided:
    """Returns the rings after the decisions, strongest first; `numbers` are those of the accounts that are named.

    Accounts that are never members leave first. Then accounts that must be together are put into one ring. Last,
    where two that must not be together are in one, the weaker one leaves, with those that must be with it. A ring
    that has become too small for one goes, unless a decision holds it together.
    """
    table = _Table(rings, decisions, numbers)
    table.clear()
    table.bind()
    table.part()
    table.check()
    return Decided(table.rings(min_ring), table.against)


class _Table:
    def __init__(self, rings: Sequence[FoundRing], decisions: Sequence[Decision], numbers: Mapping[str, int]) -> None:
        self._rings = [_opened(ring) for ring in rings]
        self._decisions = decisions
        self._numbers = numbers
        self._group = groups(decisions)
        self.against: list[tuple[Decision, str]] = []
        for one, other in contradictions(decisions):
            self._say(other, f"contradicts {one.decision_id}, which is not honoured where they meet")
        for decision in decisions:
            for account in decision.accounts:
                if account not in numbers:
                    self._say(decision, f"{account} is not in the store")

    def clear(self) -> None:
        """Takes accounts that are never members out of their rings."""
        for decision in self._decisions:
            if decision.clears:
                for account in self._known(decision.accounts):
                    ring = self._home(account)
                    if ring is not None:
                        self._say(decision, f"evidence makes {account} a member of a ring of {len(ring.members)}")
                        self._leave(ring, [account])

    def bind(self) -> None:
        """Puts accounts that must be together into one ring."""
        cleared = {account for one in self._decisions if one.clears for account in one.accounts}
        together: dict[str, list[str]] = defaultdict(list)
        for account, name in self._group.items():
            if account in self._numbers and account not in cleared:
                together[name].append(account)
        for name, accounts in together.items():
            if len(accounts) > 1:
                self._tell_apart(name)
                self._join(accounts)

    def part(self) -> None:
        """Takes accounts that must not be together out of rings in which they are."""
        for decision in self._decisions:
            if decision.ruling is Ruling.CANNOT_LINK:
                accounts = self._known(decision.accounts)
                for at, one in enumerate(accounts):
                    for other in accounts[at + 1 :]:
                        self._part(decision, one, other)

    def check(self) -> None:
        """Tells which accounts that are known for fakes are in no ring."""
        for decision in self._decisions:
            if decision.ruling is Ruling.CONFIRMED and not decision.ring_id:
                for account in self._known(decision.accounts):
                    if self._home(account) is None:
                        self._say(decision, f"evidence puts {account} into no ring")

    def rings(self, min_ring: int) -> list[FoundRing]:
        """Returns the rings that are left."""
        kept = [one for one in self._rings if one.found or len(one.members) >= min_ring or self._held(one)]
        return sorted(map(_closed, kept), key=lambda ring: (-ring.score, ring.accounts[0]))

    def _held(self, ring: _Ring) -> bool:
        """Returns whether decisions hold the ring together, however small it is."""
        named = [name for account, name in self._group.items() if self._numbers.get(account) in ring.members]
        return len(named) > len(set(named))

    def _say(self, decision: Decision, said: str) -> None:
        self.against.append((decision, said))

    def _known(self, accounts: Sequence[str]) -> list[str]:
        return [account for account in accounts if account in self._numbers]

    def _home(self, account: str) -> _Ring | None:
        number = self._numbers[account]
        return next((ring for ring in self._rings if number in ring.members), None)

    def _leave(self, ring: _Ring, accounts: Sequence[str]) -> dict[int, Part]:
        ring.found = None
        numbers = [self._numbers[account] for account in accounts]
        return {number: ring.members.pop(number) for number in numbers if number in ring.members}

    def _tell_apart(self, name: str) -> None:
        """Tells which decisions of a group evidence does not bear out."""
        for decision in self._decisions:
            if decision.binds and self._group[decision.accounts[0]] == name:
                homes = [self._home(account) for account in self._known(decision.accounts)]
                inside = {id(ring) for ring in homes if ring is not None}
                outside = sum(ring is None for ring in homes)
                if len(inside) > 1 or (outside and inside):
                    places = f"{len(inside)} rings" if len(inside) > 1 else "a ring"
                    none = f", and {outside} of its accounts into none" if outside else ""
                    self._say(decision, f"evidence puts its accounts into {places}{none}")
                elif outside:
                    self._say(decision, "evidence puts its accounts into no ring")

    def _join(self, accounts: Sequence[str]) -> None:
        homes = {id(home): home for account in accounts if (home := self._home(account)) is not None}
        touched = list(homes.values())
        first = max(touched, key=lambda ring: (len(ring.members), ring.score)) if touched else None
        if first is None:
            first = _Ring({}, {}, 0.0, frozenset())
            self._rings.append(first)
        numbers = [self._numbers[account] for account in accounts]
        if len(touched) == 1 and all(number in first.members for number in numbers):
            return
        first.found = None
        for ring in touched:
            if ring is not first:
                first.members |= ring.members
                first.beside |= ring.beside
                first.score += ring.score
                first.facets |= ring.facets
                self._rings = [one for one in self._rings if one is not ring]
        for number in numbers:
            first.members.setdefault(number, (Role.MEMBER, 0.0, None))

    def _part(self, decision: Decision, one: str, other: str) -> None:
        ring = self._home(one)
        if ring is None or self._numbers[other] not in ring.members:
            return
        self._say(decision, f"evidence puts {one} and {other} into one ring of {len(ring.members)}")
        stay, leave = sorted((one, other), key=lambda account: (-ring.members[self._numbers[account]][1], account))
        bound = [leave]
        if leave in self._group and self._group[leave] != self._group.get(stay):
            bound = [account for account, name in self._group.items() if name == self._group[leave]]
        left = self._leave(ring, self._known(bound))
        if len(left) > 1:
            score = round(sum(part[1] for part in left.values()), 3)
            self._rings.append(_Ring(left, {}, score, ring.facets))


def _opened(ring: FoundRing) -> _Ring:
    members: dict[int, Part] = {}
    beside: dict[int, Part] = {}
    for account, role, bits, weakest in zip(ring.accounts, ring.roles, ring.bits, ring.weakest, strict=True):
        (beside if role is Role.BYSTANDER else members)[account] = (role, bits, weakest)
    return _Ring(members, beside, ring.score, frozenset(ring.facets), ring)


def _closed(ring: _Ring) -> FoundRing:
    if ring.found is not None:
        return ring.found
    beside = {account: part for account, part in ring.beside.items() if account not in ring.members}
    accounts, parts = zip(*sorted(ring.members.items()), *sorted(beside.items()), strict=True)
    roles, bits, weakest = zip(*parts, strict=True)
    facets = tuple(facet for facet in FACETS if facet in ring.facets)
    return FoundRing(accounts, roles, bits, weakest, round(ring.score, 3), facets)

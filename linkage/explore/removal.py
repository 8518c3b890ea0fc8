"""What terminating accounts would do: requests that stop, what remains of their rings, and innocents who are hit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from linkage.model.rings import Account, Link, Member, Ring, Role


@dataclass(frozen=True, slots=True)
class Remainder:
    """What remains of a ring: `pieces` are the groups into which links of behaviour still join those who are left."""

    ring_id: str
    before: int
    removed: int
    pieces: int
    largest: int
    requests_before: int
    requests_left: int

    @property
    def left(self) -> int:
        """Returns how many members are left."""
        return self.before - self.removed


@dataclass(frozen=True, slots=True)
class Innocent:
    """An account that would be hit and is no member of a ring, or is declared benign; `reason` says which."""

    account_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Removal:
    """What a termination does; rings by id, innocents by account id."""

    accounts: int
    requests: int
    rings: tuple[Remainder, ...]
    innocents: tuple[Innocent, ...]


def removal(
    terminated: Mapping[str, Account],
    rings: Iterable[Ring],
    members: Mapping[str, Sequence[Member]],
    links: Mapping[str, Sequence[Link]],
) -> Removal:
    """Returns what terminating these accounts does, given the rings that they are in, with members and links."""
    remainders = [
        _remainder(ring, members.get(ring.ring_id, ()), links.get(ring.ring_id, ()), terminated) for ring in rings
    ]
    innocents = [Innocent(name, reason) for name, one in sorted(terminated.items()) if (reason := _innocent(one))]
    return Removal(
        accounts=len(terminated),
        requests=sum(account.requests for account in terminated.values()),
        rings=tuple(sorted(remainders, key=lambda one: one.ring_id)),
        innocents=tuple(innocents),
    )


def _remainder(
    ring: Ring, members: Sequence[Member], links: Sequence[Link], terminated: Mapping[str, Account]
) -> Remainder:
    inside = {member.account_id for member in members if member.role is not Role.BYSTANDER}
    left = inside - terminated.keys()
    sizes = _pieces(left, [(link.account_a, link.account_b) for link in links if link.grade == "behaviour"])
    stopped = sum(terminated[account].requests for account in inside & terminated.keys())
    return Remainder(
        ring_id=ring.ring_id,
        before=len(inside),
        removed=len(inside) - len(left),
        pieces=len(sizes),
        largest=max(sizes, default=0),
        requests_before=ring.requests,
        requests_left=max(0, ring.requests - stopped),
    )


def _pieces(accounts: Collection[str], pairs: Iterable[tuple[str, str]]) -> list[int]:
    """Returns the sizes of the connected pieces of some accounts."""
    parent = {account: account for account in accounts}

    def root(account: str) -> str:
        while parent[account] != account:
            parent[account] = parent[parent[account]]
            account = parent[account]
        return account

    for one, other in pairs:
        if one in parent and other in parent:
            parent[root(one)] = root(other)
    sizes: dict[str, int] = {}
    for account in accounts:
        at = root(account)
        sizes[at] = sizes.get(at, 0) + 1
    return list(sizes.values())


def _innocent(account: Account) -> str:
    """Returns why an account is not one to be terminated, or nothing."""
    if account.label == "benign":
        return "it is labelled benign"
    if account.role is Role.BYSTANDER:
        return f"it is a bystander of {account.ring_id}"
    return "" if account.role is not None or account.label == "abuse" else "it is in no ring"

"""What analysts decided, which every run honours, and where evidence says otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Ruling(StrEnum):
    """What a decision says of its accounts, or of its ring."""

    CONFIRMED = "confirmed"
    """An account is a fake; a ring is one, with the accounts that it had when this was decided."""
    REJECTED = "rejected"
    """An account is innocent and never a member; a ring is none."""
    MUST_LINK = "must-link"
    """The accounts are run together: they are in one ring."""
    CANNOT_LINK = "cannot-link"
    """The accounts are not run together: no two of them are in one ring."""
    ALLOWED = "allowed"
    """The accounts are known and never members."""
    ABUSE = "abuse"
    """The accounts are labelled abuse, whatever label the facts give them."""
    BENIGN = "benign"
    """The accounts are labelled benign, whatever label the facts give them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on accounts, or on a ring; `version` counts its changes from 1, `revoked` is when it was taken back.

    A confirmed ring has the accounts that are meant, any other decision on a ring has none.
    """

    decision_id: str
    version: int
    ruling: Ruling
    accounts: tuple[str, ...]
    ring_id: str
    author: str
    reason: str
    at: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    revoked_by: str = ""

    def __post_init__(self) -> None:
        if not self.decision_id or self.version < 1:
            raise ValueError("a decision has an id, and a version from 1 on")
        if not self.author.strip() or not self.reason.strip():
            raise ValueError("a decision has an author and a reason")
        if self.ring_id and self.ruling not in (Ruling.CONFIRMED, Ruling.REJECTED):
            raise ValueError(f"a ring is confirmed or rejected; «{self.ruling}» is said of accounts")
        if len(set(self.accounts)) < max(self._least, len(self.accounts)):
            raise ValueError(f"«{self.ruling}» needs {self._least} different accounts or more, each given once")
        if self.expires is not None and self.expires <= self.at:
            raise ValueError("a decision expires after it was made")

    @property
    def _least(self) -> int:
        return 2 if self.ruling in (Ruling.MUST_LINK, Ruling.CANNOT_LINK) else 0 if self.ring_id else 1

    def holds(self, now: datetime) -> bool:
        """Returns whether it counts at this moment: neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    @property
    def clears(self) -> bool:
        """Returns whether its accounts are never members."""
        return not self.ring_id and self.ruling in (Ruling.ALLOWED, Ruling.REJECTED)

    @property
    def label(self) -> str:
        """Returns the label that its accounts have by it, or nothing."""
        return self.ruling.value if self.ruling in (Ruling.ABUSE, Ruling.BENIGN) else ""

    @property
    def binds(self) -> bool:
        """Returns whether its accounts are in one ring."""
        return self.ruling is Ruling.MUST_LINK or (self.ruling is Ruling.CONFIRMED and bool(self.ring_id))


def without(decision: Decision, accounts: Collection[str]) -> Decision | None:
    """Returns a decision's next version that names none of the accounts, the same one where it named none, and None
    where nothing is decided without them."""
    left = tuple(account for account in decision.accounts if account not in accounts)
    reason = decision.reason
    for account in accounts:
        if account in reason:
            reason = re.sub(rf"(?<!\w){re.escape(account)}(?!\w)", "[erased]", reason)
    if left == decision.accounts and reason == decision.reason:
        return decision
    least = 2 if decision.ring_id and decision.accounts else decision._least
    if len(left) < least:
        return None
    return replace(decision, version=decision.version + 1, accounts=left, reason=reason)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A decision that a run honoured although evidence says otherwise, and what it says, in a sentence."""

    run_id: str
    decision_id: str
    said: str


def contradictions(decisions: Sequence[Decision]) -> list[tuple[Decision, Decision]]:
    """Returns pairs of decisions that cannot both be honoured, each in the order given.

    Accounts that must be together, by one decision or by several that hang together, and must not by another; and
    accounts that must be together, or are fakes, and are never members; those that are fakes or labelled abuse, and
    allowed, innocent or labelled benign; and a ring that is one and is none.
    """
    group = groups(decisions)
    pairs = ((one, other) for one in decisions for other in decisions if one is not other)
    return [(other, one) for one, other in pairs if _contradicts(one, other, group)]


def _contradicts(one: Decision, other: Decision, group: dict[str, str]) -> bool:
    """Returns whether a decision that keeps accounts apart, or out of rings, speaks against one that wants them in."""
    if one.ring_id and one.ruling is Ruling.REJECTED:
        return other.ring_id == one.ring_id and other.ruling is Ruling.CONFIRMED
    innocent = one.clears or one.ruling is Ruling.BENIGN
    if innocent and other.ruling in (Ruling.CONFIRMED, Ruling.ABUSE) and set(one.accounts) & set(other.accounts):
        return True
    if not other.binds:
        return False
    inside = [account for account in one.accounts if group.get(account) == group[other.accounts[0]]]
    return bool(inside) if one.clears else one.ruling is Ruling.CANNOT_LINK and len(inside) > 1


def groups(decisions: Sequence[Decision]) -> dict[str, str]:
    """Returns for each account that must be with others a name of all that must be together: the first of them."""
    first: dict[str, str] = {}

    def root(account: str) -> str:
        while first.setdefault(account, account) != account:
            account = first[account]
        return account

    for decision in decisions:
        if decision.binds:
            for account in decision.accounts:
                low, high = sorted((root(decision.accounts[0]), root(account)))
                first[high] = low
    return {account: root(account) for account in sorted(first)}

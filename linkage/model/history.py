"""What rings were in earlier runs, and how two runs differ: the records of a ring's history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linkage.model.rings import Ring, RingEvent, Role


@dataclass(frozen=True, slots=True)
class Stay:
    """An account's time in a ring in one role: from a run on, until the run that no longer had it so, or ''."""

    ring_id: str
    account_id: str
    role: Role
    from_run: str
    until_run: str = ""

    def holds(self, run_id: str) -> bool:
        """Returns whether the account was in the ring in this role in the run."""
        return self.from_run <= run_id and (not self.until_run or run_id < self.until_run)


@dataclass(frozen=True, slots=True)
class PastRing:
    """A ring as a run left it: its record, and who was in it (by role, then account id)."""

    run_id: str
    ring: Ring
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True)
class RoleChange:
    """An account that stayed in a ring and has another role in it."""

    account_id: str
    before: Role
    after: Role


@dataclass(frozen=True, slots=True)
class RingDiff:
    """How a ring of one run differs from that of another; `before` or `after` is None where there was no ring yet.

    `joined` and `left`: stays of the later and of the earlier run, by account id. `events`: those of the runs
    after the earlier one through the later one, newest first.
    """

    ring_id: str
    from_run: str
    to_run: str
    before: Ring | None
    after: Ring | None
    joined: tuple[Stay, ...]
    left: tuple[Stay, ...]
    changed: tuple[RoleChange, ...]
    events: tuple[RingEvent, ...]


def difference(
    ring_id: str,
    from_run: str,
    to_run: str,
    before: PastRing | None,
    after: PastRing | None,
    events: Iterable[RingEvent],
) -> RingDiff:
    """Returns how a ring changed from one run to another; ValueError unless the first is the earlier one."""
    if from_run > to_run:
        raise ValueError(f"{from_run} is later than {to_run}: give the earlier run first")
    old = {stay.account_id: stay for stay in before.stays} if before else {}
    new = {stay.account_id: stay for stay in after.stays} if after else {}
    return RingDiff(
        ring_id=ring_id,
        from_run=from_run,
        to_run=to_run,
        before=before.ring if before else None,
        after=after.ring if after else None,
        joined=tuple(new[account] for account in sorted(new.keys() - old.keys())),
        left=tuple(old[account] for account in sorted(old.keys() - new.keys())),
        changed=tuple(
            RoleChange(account, old[account].role, new[account].role)
            for account in sorted(old.keys() & new.keys())
            if old[account].role is not new[account].role
        ),
        events=tuple(event for event in events if from_run < event.run_id <= to_run),
    )

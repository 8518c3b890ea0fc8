"""The ring ledger: tonight's rings are matched to all that there ever were, so that an id lasts and is never reused.

A ring goes on under its id where its accounts do. Rings whose accounts are all others are told by what they use:
a campaign that replaced its accounts overnight, or comes back after weeks, has the id that it had. What is said to
have happened is kept free of noise: a ring grew or shrank only against the size that was last told, by a twentieth,
and grew only by accounts that had never been in it then.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linkage.model.rings import Event, RingStatus

CONTINUES = 0.5
"""A ring goes on under its id when half of the smaller of the two rings' members are in both."""

TELLING = 20
"""A change of size is told from one account in so many on."""

Accounts = frozenset[str]
Common = list[tuple[int, str, int]]
"""Rings found and rings of before with the accounts that are in both: the most first, then by ring of before."""

Kinship = Callable[[Sequence[int], Sequence[str]], Iterable[tuple[int, str]]]
"""Says which of these rings found are run by the hands and for the campaign of which of these rings of before, the
closest first."""


@dataclass(frozen=True, slots=True)
class Past:
    """A ring of before: its members now or when it ended.

    `told`: its size when its size was last told; `ever`: all accounts that had been in it until then.
    """

    status: RingStatus
    members: Accounts
    told: int
    ever: Accounts

    @property
    def stands(self) -> bool:
        """Returns whether it was a ring of the run before."""
        return self.status in (RingStatus.ACTIVE, RingStatus.DORMANT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A ring's line in the ledger: id, status and what happened to it, each with the other ring or ''."""

    ring_id: str
    status: RingStatus
    events: tuple[tuple[Event, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of a run: for the rings found, in their order, and for those that have ended."""

    found: tuple[Entry, ...]
    ended: tuple[Entry, ...] = field(default=())


def no_kin(found: Sequence[int], before: Sequence[str]) -> Iterable[tuple[int, str]]:  # noqa: ARG001 - a Kinship
    """Returns that no ring found is known by what it uses."""
    return ()


def match(
    found: Sequence[Accounts], asleep: Sequence[bool], before: Mapping[str, Past], kinship: Kinship = no_kin
) -> Ledger:
    """Returns the ledger of rings found, given every ring that there ever was.

    Pairs are taken in the order of common members, each ring at most once: first rings of the run before, then
    rings that had ended, then, of those left, by what they use. What is left of a ring of the run before has
    merged into the ring that took half of it or more, or dissolved.
    """
    common = _common(found, before)
    matching = _Matching(found, before)
    matching.by_members([one for one in common if before[one[1]].stands])
    matching.by_members([one for one in common if not before[one[1]].stands])
    matching.by_kinship(kinship, common)
    ids = matching.ids()
    entries = tuple(
        Entry(
            ids[number],
            RingStatus.DORMANT if asleep[number] else RingStatus.ACTIVE,
            _events(number, ids[number], members, asleep[number], before, common) + matching.revived(number),
        )
        for number, members in enumerate(found)
    )
    ended = tuple(
        _ended(ring_id, before, ids, common)
        for ring_id in sorted(before)
        if before[ring_id].stands and ring_id not in matching.of_before
    )
    return Ledger(entries, ended)


class _Matching:
    """Which ring found goes on under which id."""

    def __init__(self, found: Sequence[Accounts], before: Mapping[str, Past]) -> None:
        self._found = found
        self._before = before
        self.of_found: dict[int, str] = {}
        self.of_before: dict[str, int] = {}
        self._more: dict[int, list[str]] = defaultdict(list)

    def by_members(self, common: Common) -> None:
        """Matches rings that have half of the smaller one's members in common."""
        for number, ring_id, shared in common:
            least = min(len(self._found[number]), len(self._before[ring_id].members))
            if shared >= CONTINUES * least:
                self._take(number, ring_id)

    def by_kinship(self, kinship: Kinship, common: Common) -> None:
        """Matches what is left by what they use; a ring that another one swallowed is not looked for elsewhere."""
        swallowed = {
            ring_id
            for number, ring_id, shared in common
            if number in self.of_found and 2 * shared >= len(self._before[ring_id].members)
        }
        left = [number for number in range(len(self._found)) if number not in self.of_found]
        lost = [one for one in sorted(self._before) if one not in self.of_before and one not in swallowed]
        if left and lost:
            for number, ring_id in kinship(left, lost):
                self._take(number, ring_id)

    def _take(self, number: int, ring_id: str) -> None:
        if number not in self.of_found and ring_id not in self.of_before:
            self.of_found[number], self.of_before[ring_id] = ring_id, number
        elif ring_id not in self.of_before and self._before[ring_id].status is RingStatus.DISSOLVED:
            self._more[number].append(ring_id)

    def revived(self, number: int) -> tuple[tuple[Event, str], ...]:
        """Returns the further ended rings that came back as one with the ring found."""
        ring_id = self.of_found.get(number, "")
        if ring_id not in self._before or self._before[ring_id].stands:
            return ()
        others = sorted(other for other in self._more[number] if other not in self.of_before)
        return tuple((Event.REVIVED, other) for other in others)

    def ids(self) -> list[str]:
        """Returns the id of each ring found; one that is matched to none gets a new one."""
        taken = set(self._before)
        ids = []
        for number, members in enumerate(self._found):
            ring_id = self.of_found.get(number) or _new_id(members, taken)
            taken.add(ring_id)
            ids.append(ring_id)
        return ids


def _common(found: Sequence[Accounts], before: Mapping[str, Past]) -> Common:
    homes: dict[str, list[str]] = defaultdict(list)
    for ring_id, past in before.items():
        for account in past.members:
            homes[account].append(ring_id)
    common: dict[tuple[int, str], int] = defaultdict(int)
    for number, accounts in enumerate(found):
        for account in accounts:
            for ring_id in homes.get(account, ()):
                common[number, ring_id] += 1
    rows = [(number, ring_id, shared) for (number, ring_id), shared in common.items()]
    return sorted(rows, key=lambda row: (-row[2], row[1], min(found[row[0]])))


def _new_id(accounts: Accounts, taken: Collection[str]) -> str:
    """Returns an id made of the founding members: equal facts give equal ids, on any store."""
    text = "\n".join(sorted(accounts)).encode()
    turn = 0
    while True:
        digest = hashlib.blake2b(text, digest_size=6, salt=turn.to_bytes(4, "big")).hexdigest()
        if f"ring-{digest}" not in taken:
            return f"ring-{digest}"
        turn += 1


def _events(
    number: int, ring_id: str, members: Accounts, asleep: bool, before: Mapping[str, Past], common: Common
) -> tuple[tuple[Event, str], ...]:
    past = before.get(ring_id)
    if past is None or not past.stands:
        origin = _origin(number, members, before, common)
        if origin:
            return ((Event.SPLIT, origin),)
        return ((Event.FORMED if past is None else Event.REVIVED, ""),)
    if past.status is RingStatus.DORMANT and not asleep:
        return ((Event.REVIVED, ""),)
    events: list[tuple[Event, str]] = []
    if past.status is RingStatus.ACTIVE and asleep:
        events.append((Event.DORMANT, ""))
    change = len(members) - past.told
    if abs(change) * TELLING >= past.told and change != 0:
        if change < 0:
            events.append((Event.SHRANK, ""))
        elif len(members - past.ever) * TELLING >= past.told:
            events.append((Event.GREW, ""))
    return tuple(events)


def _origin(number: int, members: Accounts, before: Mapping[str, Past], common: Common) -> str:
    """Returns the ring of the run before that most of these members were in, or ''."""
    for other, ring_id, shared in common:
        if other == number and before[ring_id].stands and 2 * shared > len(members):
            return ring_id
    return ""


def _ended(ring_id: str, before: Mapping[str, Past], ids: Sequence[str], common: Common) -> Entry:
    for number, other, shared in common:
        if other == ring_id and 2 * shared >= len(before[ring_id].members):
            return Entry(ring_id, RingStatus.MERGED, ((Event.MERGED, ids[number]),))
    return Entry(ring_id, RingStatus.DISSOLVED, ((Event.DISSOLVED, ""),))
